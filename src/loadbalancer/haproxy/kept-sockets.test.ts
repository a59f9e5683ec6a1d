import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFormerSocket, keepSockets, keptSocketPath } from './kept-sockets.ts';

test('while another socket stands at its path and nobody listens on it, the one of before is reached', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sockets-'));
  const old = createServer((socket) => socket.end());
  try {
    const path = join(folder, 'l443.sock');
    await once(old.listen(path), 'listening');
    const sockets = [path, join(folder, 'new.sock')];
    await keepSockets({ sockets });
    await keepSockets({ sockets });
    const deaf = createServer();
    await once(deaf.listen(`${path}.1.tmp`), 'listening');
    renameSync(`${path}.1.tmp`, path);
    deaf.close();
    await assert.rejects(once(connect(path), 'connect'), /ECONNREFUSED/);
    const reached = connect(keptSocketPath(path));
    await once(reached, 'connect');
    reached.destroy();
    assert.ok(!existsSync(keptSocketPath(join(folder, 'new.sock'))));
  } finally {
    old.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('sockets of listeners that are gone go, and those that were kept for a reload; nothing else', () => {
  const names = ['stats.sock', 'l80.sock', 'l443.sock', 'l80.before', 'haproxy.cfg', 'served.json'];
  const isFormer = (name: string) => isFormerSocket(name, { sockets: ['/lb/vpc-1/l80.sock'] });
  assert.deepEqual(names.filter(isFormer), ['l443.sock', 'l80.before']);
});
