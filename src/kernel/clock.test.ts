import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, sleep, systemClock } from './clock.ts';

/** A timer of Node's that is due at once has fired by then. */
const macrotask = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

test('a timer longer than Node can count waits, and can be called off', async () => {
  for (const delayMs of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 40, Infinity]) {
    let fired = false;
    const cancel = systemClock.after(delayMs, () => (fired = true));
    await macrotask();
    cancel();
    assert.equal(fired, false, `fired early: ${delayMs} ms`);
  }
});

test('a timer that is due fires once; one that was cancelled does not', async () => {
  let fired = 0;
  let cancelled = false;
  systemClock.after(-5, () => (fired += 1));
  systemClock.after(0, () => (cancelled = true))();
  await macrotask();
  assert.deepEqual([fired, cancelled], [1, false]);
});

test('the fake clock moves only when it is told to, and keeps the order', () => {
  const clock = new FakeClock(1000);
  const seen: string[] = [];
  const note = (what: string) => () => seen.push(`${what}@${clock.now()}`);
  clock.after(20, note('late'));
  clock.after(10, note('first'));
  clock.after(10, note('second'));
  clock.after(-1, note('at once'));
  clock.after(5, note('never'))();
  clock.after(10, () => clock.after(5, note('from a timer')));
  assert.deepEqual([seen, clock.now()], [[], 1000]);
  clock.advance(15);
  assert.deepEqual(seen, ['at once@1000', 'first@1010', 'second@1010', 'from a timer@1015']);
  assert.equal(clock.now(), 1015);
  clock.advance(5);
  assert.equal(seen.at(-1), 'late@1020');
});

test('time never goes back, though a timer moves it on', () => {
  const clock = new FakeClock(0);
  const seen: number[] = [];
  clock.after(10, () => clock.advance(100));
  clock.after(20, () => seen.push(clock.now()));
  clock.advance(30);
  assert.deepEqual([seen, clock.now()], [[20], 110]);
});

test('sleep ends with the time or with the signal', async () => {
  const clock = new FakeClock();
  const ended: string[] = [];
  const abort = new AbortController();
  const sleeps = [
    sleep(clock, 10).then(() => ended.push('time')),
    sleep(clock, 1000, abort.signal).then(() => ended.push('signal')),
  ];
  clock.advance(10);
  await sleeps[0];
  abort.abort();
  await sleeps[1];
  await sleep(clock, 1000, abort.signal);
  assert.deepEqual(ended, ['time', 'signal']);
});
