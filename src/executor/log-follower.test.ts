import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, sleep } from '../kernel/clock.ts';
import { RuntimeError } from '../kernel/errors.ts';
import { silentLog } from '../kernel/log.ts';
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts';
import { FakeLogSink } from './fake-world.ts';
import { LogFollower } from './log-follower.ts';
import { settle } from './testing.ts';

const destination = { account: '1', region: 'r', group: 'g', stream: 's', createGroup: false };

async function started() {
  const clock = new FakeClock();
  const runtime = new FakeRuntime({ clock });
  const sink = new FakeLogSink();
  runtime.addImage('web:1', { local: true });
  const id = await runtime.create({ name: 'web', image: 'web:1', labels: {}, network: 'none' });
  await runtime.start(id);
  const follow = () => new LogFollower(runtime, id, { sink, destination, clock, log: silentLog });
  return { clock, runtime, sink, follow, web: runtime.container('web') };
}

test('lines go out in batches of 100, or after 250 ms', async () => {
  const { clock, sink, follow, web } = await started();
  const follower = follow();
  for (let line = 0; line < 130; line++) web.print(`${line}`);
  await settle();
  await settle();
  assert.deepEqual(sink.batches, [100]);
  clock.advance(249);
  await settle();
  assert.deepEqual(sink.batches, [100]);
  clock.advance(1);
  await settle();
  assert.deepEqual(sink.batches, [100, 30]);
  web.print('last');
  web.exit(0);
  await follower.drained;
  assert.deepEqual(sink.texts('s'), [...Array.from({ length: 130 }, (_, line) => `${line}`), 'last']);
});

test('a sink or a stream that fails for a while loses nothing, and says nothing twice', async () => {
  const { clock, runtime, sink, follow, web } = await started();
  sink.appendErrors.push(new Error('busy'), new Error('busy'));
  runtime.fail('logs', 'web', new RuntimeError('temporary', 'the stream broke'), 2);
  const follower = follow();
  web.print('one');
  for (let round = 0; round < 40; round++) {
    clock.advance(50);
    await settle();
  }
  web.print('two');
  web.exit(0);
  await follower.drained;
  assert.deepEqual(sink.texts('s'), ['one', 'two']);
});

test('what cannot be stored is given up at the limit', async () => {
  const { clock, sink, follow, web } = await started();
  sink.appendErrors.push(...Array.from({ length: 100 }, () => new Error('no')));
  const follower = follow();
  web.print('one');
  web.exit(0);
  let drained = false;
  const draining = follower.drain(5000).then(() => (drained = true));
  for (let waitedMs = 0; waitedMs < 5000; waitedMs += 100) {
    await settle();
    assert.equal(drained, false);
    clock.advance(100);
  }
  await draining;
  await follower.drained;
});

test('a long backlog is stored, however long it takes, while any of it is', async () => {
  const { clock, sink, follow, web } = await started();
  const append = sink.append.bind(sink);
  sink.append = async (...lines) => {
    await sleep(clock, 1000);
    await append(...lines);
  };
  const lines = Array.from({ length: 1200 }, (_, line) => `${line}`);
  for (const line of lines) web.print(line);
  web.exit(0);
  let isDrained = false;
  const draining = follow()
    .drain(5000)
    .then(() => (isDrained = true));
  for (let waitedMs = 0; !isDrained; waitedMs += 100) {
    assert.ok(waitedMs < 30_000, 'it ends');
    clock.advance(100);
    await settle();
  }
  await draining;
  assert.deepEqual(sink.texts('s'), lines);
});
