import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, FakeClock } from '../kernel/clock.ts';
import { Interrupted } from './cli-error.ts';
import { waitFor } from './waiting.ts';

/** Moves on by itself whenever somebody waits. */
function hurriedClock(): Clock {
  const clock = new FakeClock();
  return {
    now: () => clock.now(),
    after(delayMs, fn) {
      const cancel = clock.after(delayMs, fn);
      queueMicrotask(() => clock.advance(delayMs));
      return cancel;
    },
  };
}

test('asks until there is an answer', async () => {
  let asked = 0;
  const answer = await waitFor('three', async () => (++asked === 3 ? 'yes' : undefined), {
    clock: hurriedClock(),
    timeoutMs: 10_000,
  });
  assert.deepEqual([answer, asked], ['yes', 3]);
});

test('gives up in time and says on what', async () => {
  const clock = hurriedClock();
  const startedAt = clock.now();
  await assert.rejects(
    waitFor('the moon is full', async () => undefined, { clock, timeoutMs: 2000 }),
    { name: 'CliError', message: 'the moon is full: not within 2 s' },
  );
  assert.equal(clock.now() - startedAt, 2000);
});

test('ends at once when it is interrupted', async () => {
  const signal = AbortSignal.abort();
  const never = waitFor('nothing', async () => assert.fail('asked'), { clock: new FakeClock(), timeoutMs: 1, signal });
  await assert.rejects(never, Interrupted);
});
