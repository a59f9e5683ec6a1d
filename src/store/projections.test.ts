import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SqliteStore } from './sqlite/sqlite-store.ts';
import { table } from './store.ts';
import type { Projection, ReadTx } from './store.ts';

interface Boat {
  readonly name: string;
  readonly harbour: string;
  readonly crew: number;
}

const HARBOURS = ['hull', 'leith'];
const boats = table<Boat>('test.boats', (boat) => boat.name, { harbour: (boat) => boat.harbour });

interface Crews {
  readonly harbour: string;
  readonly of: Map<string, number>;
}

/** The crew of each boat of a harbour; it counts how often it was made, and what it has read since. */
function crews() {
  const projection = {
    name: 'test.crews',
    built: 0,
    read: 0,
    keys: ({ table: name, indexes }) => (name === boats.name ? (indexes['harbour'] ?? []) : []),
    async build(tx, harbour) {
      projection.built += 1;
      const rows = await tx.list(boats, { where: ['harbour', harbour] });
      return { harbour, of: new Map(rows.map(({ name, crew }) => [name, crew])) };
    },
    async refresh(tx, { harbour, of }, rows) {
      projection.read += rows.length;
      for (const { key } of rows) {
        const boat = await tx.get(boats, key);
        if (boat?.harbour === harbour) of.set(key, boat.crew);
        else of.delete(key);
      }
    },
  } satisfies Projection<Crews> & { built: number; read: number };
  return projection;
}

/** The projections say what the transaction sees. */
async function check(tx: ReadTx, projection: Projection<Crews>): Promise<void> {
  for (const harbour of HARBOURS) {
    const rows = await tx.list(boats, { where: ['harbour', harbour] });
    const told = await tx.project(projection, harbour, ({ of }) => [...of].sort(([a], [b]) => (a < b ? -1 : 1)));
    assert.deepEqual(
      told,
      rows.map(({ name, crew }) => [name, crew]),
    );
  }
}

interface Step {
  readonly what: 'put' | 'delete' | 'read';
  readonly name: string;
  readonly harbour: string;
  readonly crew: number;
  readonly fails: boolean;
  readonly looksFirst: boolean;
  readonly looksAfter: boolean;
  /** For all that are under way. */
  readonly waits: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('put' as const, 'put' as const, 'put' as const, 'delete' as const, 'read' as const),
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  harbour: fc.constantFrom(...HARBOURS),
  crew: fc.nat(9),
  fails: fc.constantFrom(false, false, true),
  looksFirst: fc.boolean(),
  looksAfter: fc.boolean(),
  waits: fc.boolean(),
});

async function run(store: SqliteStore, one: Step, projection: Projection<Crews>): Promise<void> {
  const { what, name, harbour, crew, fails, looksFirst, looksAfter } = one;
  if (what === 'read') {
    await store.read(async (tx) => {
      // From here on it sees nothing that is committed later.
      await tx.get(boats, name);
      for (let turn = 0; turn < crew; turn++) await Promise.resolve();
      await check(tx, projection);
    });
    return;
  }
  const written = store.write(async (tx) => {
    if (looksFirst) await check(tx, projection);
    const before = await tx.get(boats, name);
    if (what === 'put') await tx.put(boats, { ...(before && { revision: before.revision }), name, harbour, crew });
    else await tx.delete(boats, name);
    if (looksAfter) await check(tx, projection);
    if (fails) throw new Error('undone');
  });
  await written.catch((error: unknown) => assert.match(String(error), /undone/));
}

async function property(open: () => SqliteStore, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const store = open();
      const projection = crews();
      let under: Promise<void>[] = [];
      try {
        for (const one of steps) {
          under.push(run(store, one, projection));
          if (!one.waits) continue;
          await Promise.all(under);
          under = [];
        }
        await Promise.all(under);
        await store.read((tx) => check(tx, projection));
      } finally {
        await Promise.allSettled(under);
        await store.close();
      }
    }),
    { numRuns },
  );
}

test('property: a projection says what its transaction sees, whatever is undone', () =>
  property(() => new SqliteStore(':memory:'), 200));

test('property: so it is for readers of older snapshots', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-projections-'));
  let count = 0;
  try {
    await property(() => new SqliteStore(join(folder, `${count++}.db`)), 25);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('it is made once, and then reads what changed and nothing else', async () => {
  const store = new SqliteStore(':memory:');
  const projection = crews();
  const put = (name: string, crew: number) =>
    store.write(async (tx) => {
      const before = await tx.get(boats, name);
      await tx.put(boats, { ...(before && { revision: before.revision }), name, harbour: 'hull', crew });
    });
  const total = () =>
    store.read((tx) => tx.project(projection, 'hull', ({ of }) => [...of.values()].reduce((a, b) => a + b, 0)));
  for (let index = 0; index < 50; index++) await put(`boat-${index}`, 1);
  assert.equal(await total(), 50);
  await put('boat-7', 3);
  await put('boat-7', 4);
  assert.equal(await total(), 53);
  assert.deepEqual([projection.built, projection.read], [1, 1]);
  await assert.rejects(
    store.write((tx) =>
      tx.project(projection, 'hull', () => {
        throw new Error('no');
      }),
    ),
    /no/,
  );
  assert.equal(await total(), 53);
  assert.equal(projection.built, 2, 'what a user has left half-way is not used again');
  await store.close();
});

test('readers of older snapshots do not spoil it for others, from before the first use or after', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-projections-'));
  const store = new SqliteStore(join(folder, 'store.db'));
  const projection = crews();
  const crewOf = (tx: ReadTx) => tx.project(projection, 'hull', ({ of }) => of.get('ada'));
  try {
    const first = await store.write((tx) => tx.put(boats, { name: 'ada', harbour: 'hull', crew: 1 }));
    const seen = await store.read(async (tx) => {
      await tx.get(boats, 'ada');
      const second = await store.write((write) => write.put(boats, { ...first, crew: 2 }));
      const before = await crewOf(tx);
      const now = await store.read(crewOf);
      await store.write((write) => write.put(boats, { ...second, crew: 3 }));
      return [before, now, await crewOf(tx), await store.read(crewOf)];
    });
    assert.deepEqual(seen, [1, 2, 1, 3]);
    const later = await store.read(async (tx) => {
      const third = await tx.get(boats, 'ada');
      assert.ok(third);
      await store.write((write) => write.put(boats, { ...third, crew: 4 }));
      // It is kept by now, and goes back and forth.
      return [await store.read(crewOf), await crewOf(tx), await store.read(crewOf), await crewOf(tx)];
    });
    assert.deepEqual(later, [4, 3, 4, 3]);
    assert.equal(projection.built, 3);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
});
