import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import { seededIds } from '../../kernel/ids.ts';
import { createLog, type Log } from '../../kernel/log.ts';
import { SqliteStore } from '../../store/sqlite/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import { chunks } from './event-tables.ts';
import { openAuditJournal } from './journal.ts';
import { lastBatch } from './stored-batch.ts';
import { auditRecord } from './testing.ts';

function world(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-journal-'));
  const store = new SqliteStore(':memory:');
  const clock = new FakeClock();
  const lines: string[] = [];
  const log: Log = createLog({ level: 'debug', format: 'text', now: () => 0, write: (line) => lines.push(line) });
  context.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (over: Store = store) => openAuditJournal({ folder, store: over, clock, ids: seededIds(3), log });
  return { folder, store, clock, lines, open };
}

/** Names of what is in rows, oldest first. */
async function stored(store: Store): Promise<string[]> {
  const rows = await store.read((tx) => tx.list(chunks));
  return rows.toReversed().flatMap((row) => row.events.map(({ event }) => event.eventName));
}

const named = (operation: string) => auditRecord({ operation });

test('events come into rows in their order, in batches, and the files go', async (context) => {
  const { folder, store, clock, open } = world(context);
  const journal = await open();
  const names = Array.from({ length: 120 }, (_, at) => `Call${at}`);
  for (const name of names) {
    journal.record(named(name));
    clock.advance(1);
  }
  await journal.flush();
  assert.deepEqual(await stored(store), names);
  assert.equal(await lastBatch(store), 3);
  assert.deepEqual(readdirSync(folder), []);
  await journal.close();
});

test('without a flush they come a moment later, also what came during a move', async (context) => {
  const { store, clock, open } = world(context);
  const journal = await open();
  journal.record(named('First'));
  clock.advance(250);
  journal.record(named('Second'));
  clock.advance(250);
  const settled = Promise.withResolvers<void>();
  const stop = store.watch(() => void stored(store).then((names) => names.length === 2 && settled.resolve()));
  await settled.promise;
  stop();
  assert.deepEqual(await stored(store), ['First', 'Second']);
  await journal.close();
});

test('what was recorded survives a process that is killed', async (context) => {
  const { folder, store, open } = world(context);
  const here = import.meta.dirname;
  const script = `
    import { openAuditJournal } from '${here}/journal.ts';
    import { auditRecord } from '${here}/testing.ts';
    import { FakeClock } from '${here}/../../kernel/clock.ts';
    import { systemIds } from '${here}/../../kernel/ids.ts';
    import { silentLog } from '${here}/../../kernel/log.ts';
    const journal = await openAuditJournal({
      folder: ${JSON.stringify(folder)}, store: {}, clock: new FakeClock(), ids: systemIds, log: silentLog,
    });
    for (const name of ['One', 'Two', 'Three']) journal.record(auditRecord({ operation: name }));
    process.kill(process.pid, 'SIGKILL');
  `;
  const child = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script]);
  assert.equal(child.signal, 'SIGKILL', child.stderr.toString());
  const journal = await open();
  await journal.flush();
  assert.deepEqual(await stored(store), ['One', 'Two', 'Three']);
  await journal.close();
});

test('half a line is left out and said; lines that a file has again are not stored again', async (context) => {
  const { folder, store, lines, open } = world(context);
  const failing: Store = {
    ...storeOf(store),
    write: () => Promise.reject(new Error('the disk is full')),
  };
  const first = await open(failing);
  for (const name of ['One', 'Two']) first.record(named(name));
  await first.close();
  assert.match(lines.join(''), /left for the next start/);
  const [file = ''] = readdirSync(folder);
  const text = readFileSync(join(folder, file), 'utf8');
  appendFileSync(join(folder, file), '{"timeMs":1,\n{"half');
  const second = await open();
  await second.flush();
  assert.match(lines.join(''), /unreadable=1/);
  // As if it had been killed after the commit and before the file was removed.
  writeFileSync(join(folder, file), text);
  await second.flush();
  assert.deepEqual(await stored(store), ['One', 'Two']);
  assert.equal(await lastBatch(store), 1);
  await second.close();
});

test('nothing that a caller sends ends a line', async (context) => {
  const { store, open } = world(context);
  const journal = await open();
  journal.record(auditRecord({ operation: 'Sly', input: { name: '\u2028\u2029\n\r\n\u0085\ud800' } }));
  await journal.flush();
  assert.deepEqual(await stored(store), ['Sly']);
  await journal.close();
});

test('a full disk fails no call, and is said once', async (context) => {
  const { folder, store, lines, clock, open } = world(context);
  const journal = await open();
  symlinkSync('/dev/full', join(folder, 'events-0000000001.jsonl'));
  for (let count = 0; count < 5; count++) journal.record(named('Lost'));
  assert.equal(lines.filter((line) => line.includes('calls are missing in the audit trail')).length, 1);
  rmSync(join(folder, 'events-0000000001.jsonl'));
  clock.advance(10_000);
  await journal.flush();
  journal.record(named('Kept'));
  assert.match(lines.at(-1) ?? '', /missing in the audit trail lost=4/);
  await journal.flush();
  assert.deepEqual(await stored(store), ['Kept']);
  await journal.close();
});

test('scopes are apart', async (context) => {
  const { store, open } = world(context);
  const journal = await open();
  journal.record(auditRecord({ region: 'eu-west-1' }));
  journal.record(auditRecord({ account: '111122223333' }));
  journal.record(auditRecord({ service: 'iam', region: 'eu-west-1' }));
  await journal.flush();
  const rows = await store.read((tx) => tx.list(chunks));
  assert.deepEqual(
    rows.map(({ account, region, batch }) => `${account} ${region} ${batch}`),
    ['111122223333 us-east-1 1', '123456789012 eu-west-1 1', '123456789012 us-east-1 1'],
  );
  await journal.close();
});

function storeOf(store: Store): Store {
  return {
    read: (fn) => store.read(fn),
    write: (fn) => store.write(fn),
    watch: (fn) => store.watch(fn),
    close: () => store.close(),
  };
}
