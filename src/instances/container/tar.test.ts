import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { readTarFile, writeTar } from './tar.ts';

test('files, folders and links, as tar reads them', async () => {
  const tar = await writeTar([
    { kind: 'folder', path: 'home', mode: 0o700, owner: 1000 },
    { kind: 'file', path: 'home/text', mode: 0o644, content: Buffer.from('hello') },
    { kind: 'file', path: 'program', mode: 0o755, content: { source: import.meta.filename, sizeBytes: 700 } },
    { kind: 'link', path: 'sh', target: 'busybox' },
  ]);
  const lines = execFileSync('tar', ['--numeric-owner', '-tvf', '-'], { input: tar }).toString().trim().split('\n');
  const columns = lines.map((line) => line.replace(/\s+/g, ' ').replace(/ \d{4}-\S+ \S+/, ''));
  assert.deepEqual(columns, [
    'drwx------ 1000/1000 0 home',
    '-rw-r--r-- 0/0 5 home/text',
    '-rwxr-xr-x 0/0 700 program',
    'lrwxrwxrwx 0/0 0 sh -> busybox',
  ]);
});

test('the one file of an archive', async () => {
  const file = await writeTar([{ kind: 'file', path: 'a', mode: 0o600, content: Buffer.from('text') }]);
  assert.equal(readTarFile(file)?.toString(), 'text');
  const link = await writeTar([{ kind: 'link', path: 'a', target: '/etc/shadow' }]);
  assert.equal(readTarFile(link), undefined);
  const folder = await writeTar([{ kind: 'folder', path: 'a', mode: 0o755 }]);
  assert.equal(readTarFile(folder), undefined);
  assert.equal(readTarFile(Buffer.alloc(0)), undefined);
});
