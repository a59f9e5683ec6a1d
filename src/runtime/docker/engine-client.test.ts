import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineClient, engineError, negotiateVersion } from './engine-client.ts';
import { dockerSocketPath } from './socket-path.ts';

test('the newest version that both sides speak', () => {
  assert.equal(negotiateVersion('1.41'), '1.41');
  assert.equal(negotiateVersion('1.24'), '1.24');
  assert.equal(negotiateVersion('1.52'), '1.47');
  assert.throws(() => negotiateVersion('1.23'), { kind: 'rejected', message: /1\.24 or newer/ });
});

test("an error has the engine's words", () => {
  const kinds = [
    [404, 'No such container: x', 'gone'],
    [409, 'Conflict. The container name "/x" is already in use', 'rejected'],
    [409, 'removal of container x is already in progress', 'temporary'],
    [500, 'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused', 'temporary'],
    [500, 'OCI runtime create failed', 'rejected'],
    [503, 'try again', 'temporary'],
  ] as const;
  for (const [status, message, kind] of kinds) {
    const error = engineError(status, JSON.stringify({ message }));
    assert.equal(error.kind, kind, message);
    assert.equal(error.message, message);
  }
  assert.equal(engineError(500, 'plain').message, 'plain');
});

test('DOCKER_HOST names the socket', () => {
  assert.equal(dockerSocketPath({}), '/var/run/docker.sock');
  assert.equal(dockerSocketPath({ DOCKER_HOST: 'unix:///run/user/0/docker.sock' }), '/run/user/0/docker.sock');
  assert.throws(() => dockerSocketPath({ DOCKER_HOST: 'tcp://10.0.0.1:2375' }), /is not supported/);
});

test('an answer without an end is not read to it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-engine-'));
  const socketPath = join(folder, 'docker.sock');
  const engine = createServer((req, res) => {
    if (req.url === '/_ping') return res.end('OK');
    const send = () => {
      while (!res.destroyed && res.write(Buffer.alloc(1024 * 1024, 'x')));
    };
    res.on('drain', send);
    return send();
  });
  t.after(async () => {
    engine.closeAllConnections();
    engine.close();
    await rm(folder, { recursive: true });
  });
  await new Promise<void>((resolve) => engine.listen(socketPath, resolve));
  const answer = new EngineClient(socketPath).call({ path: '/containers/json' });
  await assert.rejects(answer, { kind: 'temporary', message: /its answer is longer than/ });
});
