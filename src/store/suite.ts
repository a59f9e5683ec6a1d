import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conflict } from '../kernel/errors.ts';
import { table } from './store.ts';
import type { Change, ReadTx, Store } from './store.ts';

interface Boat {
  readonly name: string;
  readonly harbour: string;
  readonly crew?: readonly string[];
}

const boats = table<Boat>('test.boats', (boat) => boat.name, {
  harbour: (boat) => boat.harbour,
  crew: (boat) => boat.crew,
});

/** What every Store must do. `reopen` closes it and opens it again, where it is durable. */
export function storeSuite(name: string, open: () => Promise<{ store: Store; reopen?: () => Promise<Store> }>): void {
  const it = (title: string, run: (store: Store, reopen?: () => Promise<Store>) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const { store, reopen } = await open();
      let current = store;
      try {
        await run(store, reopen && (async () => (current = await reopen())));
      } finally {
        await current.close();
      }
    });

  it('gives back what was put, with a revision that grows', async (store) => {
    const first = await store.write((tx) => tx.put(boats, { name: 'ada', harbour: 'hull' }));
    const second = await store.write((tx) => tx.put(boats, { ...first, harbour: 'leith' }));
    assert.ok(second.revision > first.revision);
    assert.deepEqual(await store.read((tx) => tx.get(boats, 'ada')), second);
    assert.equal(await store.read((tx) => tx.get(boats, 'bob')), undefined);
  });

  it('refuses a stale row, and a key that is taken', async (store) => {
    const first = await store.write((tx) => tx.put(boats, { name: 'ada', harbour: 'hull' }));
    await store.write((tx) => tx.put(boats, { ...first, harbour: 'leith' }));
    await assert.rejects(
      store.write((tx) => tx.put(boats, { ...first, harbour: 'lost' })),
      Conflict,
    );
    await assert.rejects(
      store.write((tx) => tx.put(boats, { name: 'ada', harbour: 'lost' })),
      Conflict,
    );
    assert.equal((await store.read((tx) => tx.get(boats, 'ada')))?.harbour, 'leith');
  });

  it('undoes all of a transaction that throws, and only that one', async (store) => {
    const good = store.write((tx) => tx.put(boats, { name: 'good', harbour: 'hull' }));
    const bad = store.write(async (tx) => {
      await tx.put(boats, { name: 'bad', harbour: 'hull' });
      throw new Error('no');
    });
    const later = store.write((tx) => tx.put(boats, { name: 'later', harbour: 'hull' }));
    await assert.rejects(bad, /no/);
    await Promise.all([good, later]);
    const names = (await store.read((tx) => tx.list(boats))).map((boat) => boat.name);
    assert.deepEqual(names, ['good', 'later']);
  });

  it('lists in order of key, by index, prefix, after and limit', async (store) => {
    await store.write(async (tx) => {
      await tx.put(boats, { name: 'c', harbour: 'hull', crew: ['x', 'y'] });
      await tx.put(boats, { name: 'a1', harbour: 'leith', crew: ['y'] });
      await tx.put(boats, { name: 'a2', harbour: 'hull' });
      const moved = await tx.put(boats, { name: 'b', harbour: 'leith' });
      await tx.put(boats, { ...moved, harbour: 'hull' });
    });
    const names = (query: Parameters<ReadTx['list']>[1]) =>
      store.read(async (tx) => (await tx.list(boats, query)).map((boat) => boat.name));
    assert.deepEqual(await names({}), ['a1', 'a2', 'b', 'c']);
    assert.deepEqual(await names({ where: ['harbour', 'hull'] }), ['a2', 'b', 'c']);
    assert.deepEqual(await names({ where: ['harbour', 'leith'] }), ['a1']);
    assert.deepEqual(await names({ where: ['crew', 'y'] }), ['a1', 'c']);
    assert.deepEqual(await names({ prefix: 'a' }), ['a1', 'a2']);
    assert.deepEqual(await names({ where: ['harbour', 'hull'], after: 'a2', limit: 1 }), ['b']);
    await store.write((tx) => tx.delete(boats, 'c'));
    assert.deepEqual(await names({ where: ['crew', 'y'] }), ['a1']);
    await assert.rejects(names({ where: ['flag', 'x'] }), /no index 'flag'/);
  });

  it('tells watchers the keys and both index values of a change, after the commit', async (store) => {
    const seen: Change[] = [];
    const stop = store.watch((changes) => seen.push(...changes));
    const first = await store.write((tx) => tx.put(boats, { name: 'ada', harbour: 'hull' }));
    await store.write((tx) => tx.put(boats, { ...first, harbour: 'leith' }));
    await store.write((tx) => tx.delete(boats, 'ada'));
    stop();
    await store.write((tx) => tx.put(boats, { name: 'unseen', harbour: 'hull' }));
    assert.deepEqual(
      seen.map((change) => [change.key, change.deleted, change.indexes['harbour']]),
      [
        ['ada', false, ['hull']],
        ['ada', false, ['hull', 'leith']],
        ['ada', true, ['leith']],
      ],
    );
  });

  it('refuses a transaction that is used after its end', async (store) => {
    let leaked: ReadTx | undefined;
    await store.write(async (tx) => {
      leaked = tx;
    });
    await assert.rejects(async () => leaked?.get(boats, 'ada'), /has ended/);
  });

  it('refuses a write inside a write instead of waiting for ever', async (store) => {
    await assert.rejects(
      store.write(() => store.write(async () => 1)),
      /inside a write/,
    );
  });

  it('keeps one counter right under concurrent writers', async (store) => {
    await store.write((tx) => tx.put(boats, { name: 'n', harbour: '0' }));
    const increment = () =>
      store.write(async (tx) => {
        const row = await tx.get(boats, 'n');
        assert.ok(row);
        await tx.put(boats, { ...row, harbour: String(Number(row.harbour) + 1) });
      });
    await Promise.all(Array.from({ length: 200 }, increment));
    assert.equal((await store.read((tx) => tx.get(boats, 'n')))?.harbour, '200');
  });

  it('finds everything again when it is opened anew', async (store, reopen) => {
    const put = await store.write((tx) => tx.put(boats, { name: 'ada', harbour: 'hull' }));
    if (!reopen) return;
    const again = await reopen();
    assert.deepEqual(await again.read((tx) => tx.list(boats, { where: ['harbour', 'hull'] })), [put]);
    const next = await again.write((tx) => tx.put(boats, { name: 'bob', harbour: 'hull' }));
    assert.ok(next.revision > put.revision);
  });
}
