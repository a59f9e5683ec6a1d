import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort, portOrFree, probePort } from './ports.ts';

test('a port that is taken is seen, and another is found', async () => {
  const port = await freePort('127.0.0.1');
  assert.equal(await probePort(port, '127.0.0.1'), 'free');
  assert.equal(await portOrFree(port, '127.0.0.1'), port);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  try {
    assert.equal(await probePort(port, '127.0.0.1'), 'EADDRINUSE');
    assert.notEqual(await portOrFree(port, '127.0.0.1'), port);
  } finally {
    server.close();
  }
});
