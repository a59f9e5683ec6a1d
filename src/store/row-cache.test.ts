import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { RowCache } from './row-cache.ts';
import { SqliteStore } from './sqlite/sqlite-store.ts';
import { table } from './store.ts';
import type { ReadTx } from './store.ts';

interface Thing {
  readonly name: string;
  readonly value: number;
}

const things = table<Thing>('test.things', (row) => row.name, { all: () => 'all' });

let folder: string;
let store: SqliteStore;
let cache: RowCache;
/** How often the store itself was read. */
let reads: number;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-row-cache-'));
  store = new SqliteStore(join(folder, 'store.db'));
});

after(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await set('a', 1);
  reads = 0;
  cache = open();
});

afterEach(() => cache.close());

function open(mostCharacters?: number): RowCache {
  const counted = Object.create(store, {
    read: {
      value: (fn: (tx: ReadTx) => Promise<unknown>) => {
        reads += 1;
        return store.read(fn);
      },
    },
  });
  counted.watch = store.watch.bind(store);
  return new RowCache(counted, mostCharacters);
}

function set(name: string, value: number): Promise<unknown> {
  return store.write(async (tx) => tx.put(things, { ...(await tx.get(things, name)), name, value }));
}

const valueOf = (name: string) => cache.read(async (tx) => (await tx.get(things, name))?.value);

test('a row is read once until a commit changes it, and others’ changes do not matter', async () => {
  assert.equal(await valueOf('a'), 1);
  await set('b', 7);
  assert.equal(await valueOf('a'), 1);
  assert.equal(reads, 1);
  await set('a', 2);
  assert.equal(await valueOf('a'), 2);
  assert.equal(reads, 2);
});

test('that a row is not there is known until it is', async () => {
  assert.equal(await valueOf('later'), undefined);
  assert.equal(await valueOf('later'), undefined);
  assert.equal(reads, 1);
  await set('later', 3);
  assert.equal(await valueOf('later'), 3);
  await store.write((tx) => tx.delete(things, 'later'));
  assert.equal(await valueOf('later'), undefined);
});

test('an answer is of one snapshot, though a commit comes between two of its rows', async () => {
  await set('b', 1);
  const both = (between: () => Promise<unknown>) =>
    cache.read(async (tx) => {
      const a = await tx.get(things, 'a');
      await between();
      return [a?.value, (await tx.get(things, 'b'))?.value];
    });
  await both(async () => {});
  let isFirst = true;
  const change = async () => {
    if (isFirst) {
      isFirst = false;
      await store.write(async (tx) => {
        for (const name of ['a', 'b']) await tx.put(things, { ...(await tx.get(things, name)), name, value: 9 });
      });
    }
  };
  assert.deepEqual(await both(change), [9, 9]);
});

test('what was read while a commit changed it is not kept', async () => {
  await cache.read(async (tx) => {
    await tx.get(things, 'a');
    await set('a', 5);
  });
  assert.equal(await valueOf('a'), 5);
});

test('lists are the store’s, and a failure is of rows that hold', async () => {
  const names = () => cache.read(async (tx) => (await tx.list(things, { where: ['all', 'all'] })).length);
  const count = await names();
  await set('c', 1);
  assert.equal(await names(), count + 1);
  await valueOf('a');
  reads = 0;
  const fails = cache.read(async (tx) => {
    throw new Error(`found ${(await tx.get(things, 'a'))?.value}`);
  });
  await assert.rejects(fails, /found 1/);
  assert.equal(reads, 0);
});

test('it keeps the rows of late, as many as there is room for', async () => {
  cache.close();
  cache = open(900);
  for (const name of ['a', 'b', 'c', 'd']) await set(name, 1);
  for (const name of ['a', 'b', 'c', 'd']) await valueOf(name);
  reads = 0;
  await valueOf('d');
  assert.equal(reads, 0);
  await valueOf('a');
  assert.equal(reads, 1);
});
