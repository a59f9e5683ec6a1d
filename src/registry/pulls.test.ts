import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../kernel/log.ts';
import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import { Pulls, pulledAt } from './pulls.ts';
import { openTestRegistry, pushImage, testRepository } from './testing.ts';
import type { TestRegistry } from './testing.ts';

const NOW = Date.UTC(2026, 0, 1);
const app = testRepository('app');

async function pushed(world: TestRegistry, config: string) {
  await pushImage(world, app, { config, layers: [], tag: config });
  const row = await world.store.read((tx) => world.registry.images.find(tx, app, config));
  assert.ok(row);
  return row;
}

test('pulls of one moment are written in one transaction', async (t) => {
  const world = openTestRegistry();
  t.after(() => world.close());
  const [one, two] = [await pushed(world, 'one'), await pushed(world, 'two')];
  let commits = 0;
  world.store.watch(() => commits++);
  const pulls = new Pulls({ store: world.store, log: silentLog });
  for (const image of [one, two, one]) pulls.note(image, NOW);
  await pulls.settled();
  assert.equal(commits, 1);
  for (const image of [one, two]) assert.equal(await world.store.read((tx) => pulledAt(tx, image)), NOW);
});

test('what cannot be written down is told, and the next is', async (t) => {
  const world = openTestRegistry();
  t.after(() => world.close());
  const image = await pushed(world, 'one');
  const told: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void told.push(message) };
  let fails = true;
  const store: Store = {
    read: (fn) => world.store.read(fn),
    write: (fn) => (fails ? Promise.reject(new Error('full')) : world.store.write(fn)),
    watch: (onCommit) => world.store.watch(onCommit),
    close: () => world.store.close(),
  };
  const pulls = new Pulls({ store, log });
  pulls.note(image, NOW);
  await pulls.settled();
  assert.deepEqual(told, ['the times of pulls were not written down']);
  fails = false;
  assert.ok(pulls.isFresh(image, NOW + 59_999));
  pulls.note(image, NOW + 60_000);
  await pulls.settled();
  assert.equal(await world.store.read((tx) => pulledAt(tx, image)), NOW + 60_000);
});
