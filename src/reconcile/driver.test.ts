import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { table } from '../store/store.ts';
import { backoffMs } from './backoff.ts';
import { ReconcileDriver } from './driver.ts';
import type { Reconciler } from './reconciler.ts';

interface Lamp {
  readonly id: string;
  readonly wanted: boolean;
}
const lamps = table<Lamp>('test.lamps', (lamp) => lamp.id);

/** A world of lamps, and a reconciler that switches them. */
function lampWorld(overrides: Partial<Reconciler<Lamp, string>> = {}) {
  const lit = new Set<string>();
  const applied: string[] = [];
  const reconciler: Reconciler<Lamp, string> = {
    name: 'lamps',
    resyncEveryMs: 60_000,
    keys: (change) => (change.table === lamps.name ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(lamps)).map((lamp) => lamp.id),
    observe: (tx, key) => tx.get(lamps, key),
    plan: (lamp) =>
      lamp.wanted === lit.has(lamp.id) ? { actions: [], why: 'as wanted' } : { actions: [lamp.id], why: 'switch it' },
    async apply(id) {
      applied.push(id);
      if (lit.has(id)) lit.delete(id);
      else lit.add(id);
    },
    ...overrides,
  };
  return { reconciler, lit, applied };
}

async function withDriver(
  reconciler: Reconciler<Lamp, string>,
  run: (world: { driver: ReconcileDriver; store: SqliteStore; clock: FakeClock }) => Promise<void>,
): Promise<void> {
  const store = new SqliteStore(':memory:');
  const clock = new FakeClock();
  const driver = new ReconcileDriver([reconciler], { store, clock, log: silentLog });
  try {
    await run({ driver, store, clock });
  } finally {
    await driver.stop();
    await store.close();
  }
}

test('rows that were there before the start are reconciled, and so are later changes', async () => {
  const { reconciler, lit } = lampWorld();
  await withDriver(reconciler, async ({ driver, store }) => {
    await store.write((tx) => tx.put(lamps, { id: 'a', wanted: true }));
    await driver.start();
    await driver.quiet();
    assert.deepEqual([...lit], ['a']);
    await store.write((tx) => tx.put(lamps, { id: 'b', wanted: true }));
    await driver.quiet();
    assert.deepEqual([...lit], ['a', 'b']);
  });
});

test('a key never runs twice at once, and a nudge during its run is not lost', async () => {
  let running = 0;
  let most = 0;
  let passes = 0;
  const release: (() => void)[] = [];
  const { reconciler } = lampWorld({
    plan: () => ({ actions: ['step'], why: 'always' }),
    async apply() {
      passes++;
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => release.push(resolve));
      running--;
    },
  });
  await withDriver(reconciler, async ({ driver, store }) => {
    await driver.start();
    await store.write((tx) => tx.put(lamps, { id: 'a', wanted: true }));
    while (release.length === 0) await new Promise((resolve) => setImmediate(resolve));
    driver.nudge('lamps', ['a']);
    driver.nudge('lamps', ['a']);
    release.shift()?.();
    while (release.length === 0) await new Promise((resolve) => setImmediate(resolve));
    release.shift()?.();
    await driver.quiet();
    assert.equal(most, 1);
    assert.equal(passes, 2);
  });
});

test('a failing pass is tried again with backoff, and its error can be read', async () => {
  let failures = 3;
  const world = lampWorld();
  const reconciler = {
    ...world.reconciler,
    async apply(id: string) {
      if (failures-- > 0) throw new Error('engine away');
      await world.reconciler.apply(id);
    },
  };
  await withDriver(reconciler, async ({ driver, store, clock }) => {
    await driver.start();
    await store.write((tx) => tx.put(lamps, { id: 'a', wanted: true }));
    await driver.quiet();
    assert.equal(driver.status()['lamps']?.[0]?.error, 'engine away');
    for (let failed = 1; failed <= 3; failed++) {
      clock.advance(backoffMs(failed) - 1);
      await driver.quiet();
      assert.equal(world.lit.size, 0);
      clock.advance(1);
      await driver.quiet();
    }
    assert.deepEqual([...world.lit], ['a']);
    assert.equal(driver.status()['lamps']?.[0]?.error, undefined);
  });
});

test('wakeAt looks again without a change, and a resync finds what no event told of', async () => {
  let wakeAt: number | undefined;
  let passes = 0;
  const { reconciler } = lampWorld({
    plan: (_lamp, now) => {
      passes++;
      wakeAt = passes === 1 ? now + 5_000 : undefined;
      return { actions: [], why: 'wait', ...(wakeAt === undefined ? {} : { wakeAt }) };
    },
  });
  await withDriver(reconciler, async ({ driver, store, clock }) => {
    await store.write((tx) => tx.put(lamps, { id: 'a', wanted: true }));
    await driver.start();
    await driver.quiet();
    assert.equal(passes, 1);
    clock.advance(5_000);
    await driver.quiet();
    assert.equal(passes, 2);
    clock.advance(60_000);
    while (passes < 3) await new Promise((resolve) => setImmediate(resolve));
    await driver.quiet();
    assert.equal(passes, 3);
  });
});

test('backoff doubles from 50 ms to 30 s', () => {
  assert.deepEqual([1, 2, 3, 10, 50].map(backoffMs), [50, 100, 200, 25_600, 30_000]);
});
