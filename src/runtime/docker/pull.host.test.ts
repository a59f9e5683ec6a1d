import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { systemIds } from '../../kernel/ids.ts';
import type { PullProgress } from '../runtime.ts';
import { DockerRuntime } from './docker-runtime.ts';
import { dockerSocketPath } from './socket-path.ts';
import { tinyRegistry } from './tiny-registry.ts';

const runtime = new DockerRuntime({ socketPath: dockerSocketPath(process.env) });
const password = systemIds.hex(32);
const { server, digest } = tinyRegistry('AWS', password);
let host = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(async () => {
  server.closeAllConnections();
  server.close();
  const image = await runtime.inspectImage(`${host}/private:1`);
  if (image) await promisify(execFile)('docker', ['image', 'rm', '--force', image.id]);
});

test('without its credentials a registry refuses, and its words come through', async () => {
  await assert.rejects(runtime.pull(`${host}/private:1`), { kind: 'rejected', message: /no basic auth credentials/ });
  const wrong = { username: 'AWS', password: 'wrong', serverAddress: host };
  await assert.rejects(runtime.pull(`${host}/private:1`, wrong), { kind: 'rejected', message: /unauthorized|401/ });
});

test('a pull by tag or digest answers the digest', async () => {
  const auth = { username: 'AWS', password, serverAddress: host };
  const progress: PullProgress[] = [];
  const byTag = await runtime.pull(`${host}/private:1`, auth, (one) => progress.push(one));
  // A layer of a few bytes may come without a word.
  for (const { pulledBytes, totalBytes } of progress) assert.ok(pulledBytes <= totalBytes);
  assert.equal(byTag.digest, digest);
  const again = await runtime.pull(`${host}/private@${digest}`, auth);
  assert.deepEqual(again, byTag);
  assert.deepEqual(await runtime.inspectImage(`${host}/private:1`), byTag);
  await assert.rejects(runtime.pull(`${host}/private:2`, auth), { kind: 'rejected', message: /manifest unknown/ });
});
