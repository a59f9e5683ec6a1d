import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { ScanFailed } from '../services/ecr/index.ts';
import { writeFakeTrivy } from './testing-trivy.ts';
import { TrivyScanner } from './trivy-scanner.ts';

const image = { reference: '127.0.0.1:4566/app@sha256:00', username: 'AWS', password: 'a-secret' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-trivy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function failure(program: string, timeoutMs?: number): Promise<string> {
  const scanner = new TrivyScanner({ program, ...(timeoutMs !== undefined && { timeoutMs }) });
  const error = await scanner.scan(image).then(
    () => assert.fail('It did not fail.'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof ScanFailed, String(error));
  return error.message;
}

test('runs trivy with credentials in its environment, not among its arguments', async () => {
  process.env['TRIVY_SEVERITY'] = 'CRITICAL';
  process.env['TRIVY_CACHE_DIR'] = '/cache';
  const scanner = new TrivyScanner({ program: await writeFakeTrivy(folder), timeoutMs: 60_000 });
  const { findings, sourceUpdatedAtMs } = await scanner.scan(image);
  delete process.env['TRIVY_SEVERITY'];
  delete process.env['TRIVY_CACHE_DIR'];
  assert.equal(findings.length, 3);
  assert.equal(sourceUpdatedAtMs, Date.parse('2026-01-02T03:04:05.678Z'));
  assert.deepEqual((await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n'), [
    `image --format json --no-progress --scanners vuln --image-src remote --insecure --timeout 60s ${image.reference}`,
    'TRIVY_CACHE_DIR=/cache',
    'TRIVY_NON_SSL=true',
    'TRIVY_PASSWORD=a-secret',
    'TRIVY_PKG_TYPES=os',
    'TRIVY_USERNAME=AWS',
    'version --format json',
  ]);
});

test('without trivy it says how to get it', async () => {
  assert.equal(
    await failure('/nowhere/trivy'),
    "Images are scanned by Trivy, and '/nowhere/trivy' cannot be run (ENOENT). Install it (https://trivy.dev) where the server finds it on its PATH, or start the server with --trivy PATH; then start the scan again.",
  );
  assert.match(await failure(folder), /cannot be run \(EACCES\)/);
});

test("a failing trivy's own words are the reason", async () => {
  const words = await writeFakeTrivy(folder, 'echo "FATAL no such host" >&2; exit 1');
  assert.equal(await failure(words), 'Trivy failed (1): FATAL no such host');
  assert.equal(await failure(await writeFakeTrivy(folder, 'exit 3')), 'Trivy failed (3): it did not say why');
  assert.match(await failure(await writeFakeTrivy(folder, 'echo nothing')), /did not print a report/);
});

test('a trivy that does not end is ended', async () => {
  const program = await writeFakeTrivy(folder, 'exec sleep 60');
  assert.equal(await failure(program, 50), 'Trivy did not end within 0.05 seconds.');
});

test('one scan at a time, and a failed one does not hold up the next', async () => {
  const lock =
    'mkdir "$folder/lock" || exit 9; rmdir "$folder/lock"; [ "$reference" != bad ] || exit 1; cat "$folder/report.json"';
  const scanner = new TrivyScanner({ program: await writeFakeTrivy(folder, lock) });
  const references = ['one', 'bad', 'two', 'three'];
  const ended = await Promise.allSettled(references.map((reference) => scanner.scan({ ...image, reference })));
  assert.deepEqual(
    ended.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
});

test('closing ends a scan without a result', async () => {
  const program = await writeFakeTrivy(folder, 'touch "$folder/runs"; exec sleep 60');
  const scanner = new TrivyScanner({ program });
  const scanned = assert.rejects(scanner.scan(image), (error) => !(error instanceof ScanFailed));
  while (!(await stat(join(folder, 'runs')).catch(() => undefined))) await new Promise(setImmediate);
  scanner.close();
  await scanned;
  await assert.rejects(scanner.scan(image), { name: 'AbortError' });
});
