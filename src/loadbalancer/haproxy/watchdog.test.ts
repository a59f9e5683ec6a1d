import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { Watchdog } from './watchdog.ts';

/** Something that can die, and a watchdog over it. */
function world() {
  const clock = new FakeClock();
  const watchdog = new Watchdog({ clock, log: silentLog });
  const state = { running: true, revivable: true, revived: 0, looks: 0 };
  const guarded = {
    async isRunning() {
      state.looks += 1;
      return state.running;
    },
    async revive() {
      if (!state.revivable) throw new Error('the port is taken');
      state.revived += 1;
      state.running = true;
    },
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { watchdog, guarded, state, pass };
}

test('what runs is left alone, however long', async () => {
  const { watchdog, guarded, state, pass } = world();
  watchdog.guard('edge', guarded);
  for (let i = 0; i < 10; i++) await pass(250);
  assert.deepEqual([state.looks, state.revived], [10, 0]);
});

test('what died is started again within a quarter of a second, each time', async () => {
  const { watchdog, guarded, state, pass } = world();
  watchdog.guard('edge', guarded);
  for (const times of [1, 2]) {
    state.running = false;
    await pass(250);
    assert.equal(state.revived, times);
  }
});

test('what cannot be started is tried again, less and less often', async () => {
  const { watchdog, guarded, state, pass } = world();
  watchdog.guard('edge', guarded);
  Object.assign(state, { running: false, revivable: false });
  for (const ms of [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]) await pass(ms);
  assert.equal(state.looks, 8);
  state.revivable = true;
  await pass(10_000);
  assert.equal(state.revived, 1);
  await pass(250);
  assert.equal(state.looks, 10);
});

test('what is released, or guarded by a closed watchdog, is not started', async () => {
  const { watchdog, guarded, state, pass } = world();
  state.running = false;
  watchdog.guard('edge', guarded);
  watchdog.release('edge');
  await pass(250);
  watchdog.guard('edge', guarded);
  watchdog.close();
  watchdog.guard('edge', guarded);
  await pass(250);
  assert.deepEqual([state.looks, state.revived], [0, 0]);
});

test('guarded anew by its own revival, it is looked at once at a time', async () => {
  const { watchdog, guarded, state, pass } = world();
  const again = {
    ...guarded,
    async revive() {
      await guarded.revive();
      watchdog.guard('edge', again);
    },
  };
  watchdog.guard('edge', again);
  state.running = false;
  await pass(250);
  await pass(250);
  assert.deepEqual([state.looks, state.revived], [2, 1]);
});
