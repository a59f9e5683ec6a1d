import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { silentLog } from '../../kernel/log.ts';
import { LogSpool } from './log-spool.ts';

let folder: string;
let spool: LogSpool;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'));
  spool = new LogSpool(join(folder, 'vpc-1'), silentLog);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As an HAProxy that was started at this time writes. */
async function write(at: number, ...lines: readonly string[]): Promise<void> {
  const file = await spool.open(at);
  await file.appendFile(lines.map((line) => `${line}\n`).join(''));
  await file.close();
}

/** Everything after a position, page by page. */
async function all(id: string, after?: string): Promise<{ lines: string[]; next: string | undefined }> {
  const lines: string[] = [];
  for (let from = after; ;) {
    const page = await spool.read(id, { after: from });
    lines.push(...page.lines);
    from = page.next;
    if (!page.more) return { lines, next: from };
  }
}

test('nothing was ever logged', async () => {
  assert.deepEqual(await spool.read('a', {}), { lines: [], more: false });
  await spool.forget(undefined);
});

test('a load balancer sees its own lines, over all files, and goes on where it was', async () => {
  await write(1, 'a {1}', 'b {2}', '[WARNING] a {no}', 'a {3}', 'ab {4}');
  await write(2, 'a {5}');
  const { lines, next } = await all('a');
  assert.deepEqual(lines, ['{1}', '{3}', '{5}']);
  await write(3, 'a {6}');
  assert.deepEqual((await all('a', next)).lines, ['{6}']);
  assert.deepEqual((await all('b')).lines, ['{2}']);
});

test('lines of our own are added to one file, and given back like others', async () => {
  await spool.append(['a {0}'], 1);
  const { next } = await all('a');
  await spool.append(['a {1}', 'b {2}'], 2);
  assert.deepEqual((await all('a')).lines, ['{0}', '{1}']);
  await spool.forget(next);
  await spool.append(['a {3}'], 3);
  assert.deepEqual((await all('a')).lines, ['{1}', '{3}']);
  assert.deepEqual(readdirSync(join(folder, 'vpc-1')), ['0000000000000001.from', '0000000000000001.log']);
});

test('half a line waits for its end, or is left out where its process has ended', async () => {
  const file = await spool.open(1);
  await file.appendFile('a {1}\na {ha');
  const { lines, next } = await all('a');
  assert.deepEqual(lines, ['{1}']);
  await file.appendFile('lf}\na {ha');
  assert.deepEqual((await all('a', next)).lines, ['{half}']);
  await file.close();
  await write(2, 'a {2}');
  assert.deepEqual((await all('a', next)).lines, ['{half}', '{2}']);
});

test('a range ends where it is told to', async () => {
  await write(1, 'a {1}');
  const { next: upTo } = await all('a');
  const file = await spool.open(1);
  await file.appendFile('a {2}\n');
  await file.close();
  assert.deepEqual((await spool.read('a', { upTo })).lines, ['{1}']);
  assert.deepEqual((await spool.read('a', { after: upTo, upTo })).lines, []);
  await write(2, 'a {3}');
  assert.deepEqual((await spool.read('a', { after: upTo, upTo })).lines, []);
});

test('what was read is given back: old files go, and of the last one its beginning', async () => {
  const long = `a {${'x'.repeat(1000)}}`;
  await write(1, long);
  await write(2, ...Array.from({ length: 50 }, () => long));
  const { next } = await all('a');
  const file = await spool.open(2);
  await file.appendFile('a {new}\n');
  await spool.forget(next);
  assert.deepEqual((await all('a')).lines, ['{new}']);
  const { blocks, size } = await file.stat();
  await file.close();
  assert.ok(size > 50_000 && blocks * 512 < 20_000, `${blocks} blocks of ${size} bytes`);
  assert.deepEqual(readdirSync(join(folder, 'vpc-1')).toSorted(), ['0000000000000002.from', '0000000000000002.log']);
  await spool.forget(undefined);
  assert.deepEqual((await all('a')).lines, []);
});

test('files that nothing was written to do not pile up', async () => {
  for (const at of [1, 2, 3]) await (await spool.open(at)).close();
  assert.deepEqual(readdirSync(join(folder, 'vpc-1')), ['0000000000000003.log']);
});

test('a long log comes in pages', async () => {
  const lines = Array.from({ length: 3000 }, (_, at) => `a {${at} ${'x'.repeat(1000)}}`);
  await write(1, ...lines);
  const first = await spool.read('a', {});
  assert.ok(first.more && first.lines.length < 3000);
  assert.equal((await all('a')).lines.length, 3000);
});

test('where nobody writes any more, what was given back goes whole, and at last the folder', async () => {
  await write(1, 'a {1}');
  await write(2, 'a {2}');
  const { next } = await all('a');
  await write(3, 'a {3}');
  await spool.forget(next);
  await spool.clear();
  assert.deepEqual((await all('a', next)).lines, ['{3}']);
  assert.deepEqual(readdirSync(join(folder, 'vpc-1')), ['0000000000000003.log']);
  await spool.forget(undefined);
  await spool.clear();
  await spool.clear();
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(await all('a', next), { lines: [], next });
});
