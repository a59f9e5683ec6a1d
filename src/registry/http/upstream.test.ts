import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { digestOf } from '../digest.ts';
import { openTestCache, startUpstream } from '../pull-through/testing.ts';
import type { FakeUpstream } from '../pull-through/testing.ts';
import { IMAGE, imageOf } from '../testing.ts';
import { startRegistryServer } from './testing.ts';
import type { RegistryServer } from './testing.ts';

const IMAGE_TEXT = imageOf('config', ['layer']);

let upstream: FakeUpstream;
let server: RegistryServer;
let refused: string[];

beforeEach(async () => {
  refused = [];
  upstream = await startUpstream();
  upstream.add('library/app', 'v1', { config: 'config', layers: ['layer'] });
  server = await startRegistryServer({
    authorize: (_caller, action, arn) => (refused.includes(action) ? `no ${action} on ${arn}` : undefined),
    upstream: (world) => openTestCache(world, upstream),
  });
});

afterEach(async () => {
  await server.close();
  await upstream.close();
});

test('a client pulls what is elsewhere, and with the upstream gone what has come', async () => {
  for (let round = 0; round < 2; round++) {
    const head = await server.send('HEAD', '/v2/hub/app/manifests/v1');
    assert.equal(head.headers.get('docker-content-digest'), digestOf(IMAGE_TEXT));
    const manifest = await server.send('GET', '/v2/hub/app/manifests/v1');
    assert.deepEqual([manifest.status, manifest.headers.get('content-type')], [200, IMAGE]);
    assert.equal(await manifest.text(), IMAGE_TEXT);
    for (const content of ['config', 'layer']) {
      const blob = await server.send('GET', `/v2/hub/app/blobs/${digestOf(content)}`);
      assert.equal(blob.headers.get('content-length'), String(content.length));
      assert.equal(await blob.text(), content);
    }
    await upstream.close();
  }
});

test('a push asks for what is here alone', async () => {
  await server.send('GET', '/v2/hub/app/manifests/v1');
  const head = await server.send('HEAD', `/v2/hub/app/blobs/${digestOf('layer')}`);
  assert.equal(head.status, 404);
});

test('a client that may not import learns why', async () => {
  refused = ['ecr:BatchImportUpstreamImage'];
  const answer = await server.send('GET', '/v2/hub/app/manifests/v1');
  assert.equal(answer.status, 403);
  assert.deepEqual(((await answer.json()) as { errors: object[] }).errors, [
    {
      code: 'DENIED',
      message: 'no ecr:BatchImportUpstreamImage on arn:aws:ecr:us-east-1:123456789012:repository/hub/app',
      detail: null,
    },
  ]);
  assert.equal((await server.send('HEAD', '/v2/hub/app/manifests/v1')).status, 404);
});

test('an upstream that is down, or refuses, is told from an image that is nowhere', async () => {
  assert.equal((await server.send('GET', '/v2/hub/app/manifests/v2')).status, 404);
  upstream.intercept = (_req, res) => {
    res.writeHead(403).end();
    return true;
  };
  const denied = await server.send('GET', '/v2/hub/app/manifests/v1');
  assert.equal(denied.status, 404);
  assert.match(await denied.text(), /MANIFEST_UNKNOWN.*could not be pulled from the upstream registry/);
  await upstream.close();
  assert.equal((await server.send('GET', '/v2/hub/app/manifests/v1')).status, 503);
});
