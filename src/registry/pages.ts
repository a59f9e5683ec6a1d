import type { Store, Stored, Table } from '../store/store.ts';

const ROWS_AT_A_TIME = 200;

/** All rows of a table, some at a time, each lot of its own moment: for walks that must hold nothing up. */
export async function* pagesOf<R extends object>(store: Store, table: Table<R>): AsyncGenerator<Stored<R>[]> {
  for (let after = ''; ;) {
    const page = await store.read((tx) => tx.list(table, { after, limit: ROWS_AT_A_TIME }));
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = table.key(last);
  }
}
