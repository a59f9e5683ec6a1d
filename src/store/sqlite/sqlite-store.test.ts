import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { table, type Table } from '../store.ts';
import { storeSuite } from '../suite.ts';
import { SqliteStore } from './sqlite-store.ts';

let folder = '';
let files = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-store-'));
});
after(() => rm(folder, { recursive: true, force: true }));

storeSuite('sqlite in a file', async () => {
  const path = join(folder, `${files++}.db`);
  const store = new SqliteStore(path);
  return {
    store,
    async reopen() {
      await store.close();
      return new SqliteStore(path);
    },
  };
});

storeSuite('sqlite in memory', async () => ({ store: new SqliteStore(':memory:') }));

test('a reader sees a snapshot while a write commits', async () => {
  const rows = table<{ id: string; n: number }>('test.rows', (row) => row.id);
  const store = new SqliteStore(join(folder, `${files++}.db`));
  try {
    const first = await store.write((tx) => tx.put(rows, { id: 'a', n: 1 }));
    await store.read(async (tx) => {
      assert.equal((await tx.get(rows, 'a'))?.n, 1);
      await store.write((other) => other.put(rows, { ...first, n: 2 }));
      assert.equal((await tx.get(rows, 'a'))?.n, 1);
    });
    assert.equal((await store.read((tx) => tx.get(rows, 'a')))?.n, 2);
  } finally {
    await store.close();
  }
});

test('a write of very many changes commits, beside a small one', async () => {
  const rows = table<{ id: string }>('test.many', (row) => row.id);
  const store = new SqliteStore(':memory:');
  const pairs = 65_000;
  let seen = 0;
  store.watch((changes) => void (seen += changes.length));
  const large = store.write(async (tx) => {
    for (let count = 0; count < pairs; count++) {
      await tx.put(rows, { id: 'a' });
      await tx.delete(rows, 'a');
    }
  });
  const small = store.write((tx) => tx.put(rows, { id: 'b' }));
  await Promise.all([large, small]);
  assert.equal(seen, 2 * pairs + 1);
  await store.close();
});

test('rows of an earlier version are found by the indexes of this one', async () => {
  interface Boat {
    readonly name: string;
    readonly harbour: string;
  }
  const declare = (indexes: Table<Boat>['indexes']) => table<Boat>('test.moored', (boat) => boat.name, indexes);
  const path = join(folder, `${files++}.db`);
  const names = async (store: SqliteStore, boats: Table<Boat>, where: [string, string]) =>
    (await store.read((tx) => tx.list(boats, { where }))).map((boat) => boat.name);

  const first = declare({ harbour: (boat) => boat.harbour });
  const old = new SqliteStore(path);
  await old.write((tx) => tx.put(first, { name: 'ada', harbour: 'hull' }));
  await old.write((tx) => tx.put(first, { name: 'bob', harbour: 'leith' }));
  await old.close();

  const second = declare({ harbour: (boat) => boat.harbour.toUpperCase(), letter: (boat) => boat.name.slice(0, 1) });
  const store = new SqliteStore(path);
  try {
    assert.deepEqual(await names(store, second, ['letter', 'b']), ['bob']);
    assert.deepEqual(await names(store, second, ['harbour', 'HULL']), ['ada']);
    assert.deepEqual(await names(store, second, ['harbour', 'hull']), []);
    const ada = await store.read((tx) => tx.get(second, 'ada'));
    assert.ok(ada);
    await store.write((tx) => tx.put(second, { ...ada, harbour: 'wick' }));
    assert.deepEqual(await names(store, second, ['harbour', 'HULL']), []);
  } finally {
    await store.close();
  }
});
