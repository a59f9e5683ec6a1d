import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digestOf } from '../digest.ts';
import { IMAGE, indexOf, pushBlob, pushImage, pushManifest, testRepository } from '../testing.ts';
import { startRegistryServer } from './testing.ts';
import type { RegistryServer } from './testing.ts';

const app = testRepository('app');
let server: RegistryServer;
before(async () => {
  server = await startRegistryServer({
    authorize: (_caller, action, arn) => (arn.endsWith('/secret') ? `not authorized to perform: ${action}` : undefined),
  });
});
after(() => server.close());

const errorOf = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { code: string; message: string }[] };
  return { status: response.status, code: errors[0]?.code, message: errors[0]?.message };
};

test('asks who is there as ECR does, and lets nobody else in', async () => {
  for (const headers of [{}, { authorization: 'Basic QVdTOng=' }]) {
    const response = await fetch(`http://${server.host}/v2/`, { headers });
    assert.equal(response.status, 401);
    assert.equal(
      response.headers.get('www-authenticate'),
      `Basic realm="https://${server.host}/",service="ecr.amazonaws.com"`,
    );
    assert.equal((await errorOf(response)).code, 'UNAUTHORIZED');
  }
  const response = await server.send('GET', '/v2/');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('docker-distribution-api-version'), 'registry/2.0');
});

test('says why it refuses', async () => {
  const none = await errorOf(await server.send('GET', '/v2/none/manifests/v1'));
  assert.deepEqual(none, {
    status: 404,
    code: 'NAME_UNKNOWN',
    message: "The repository with name 'none' does not exist in the registry with id '123456789012'",
  });
  assert.deepEqual(await errorOf(await server.send('GET', '/v2/secret/manifests/v1')), {
    status: 403,
    code: 'DENIED',
    message: 'not authorized to perform: ecr:BatchGetImage',
  });
  assert.equal((await errorOf(await server.send('GET', '/v2/app/manifests/none'))).code, 'MANIFEST_UNKNOWN');
  assert.equal((await errorOf(await server.send('GET', `/v2/app/blobs/${digestOf('?')}`))).code, 'BLOB_UNKNOWN');
  assert.equal((await errorOf(await server.send('GET', '/v2/_catalog'))).code, 'UNSUPPORTED');
  assert.equal((await errorOf(await server.send('POST', '/v2/app/tags/list'))).status, 405);
  assert.equal((await errorOf(await server.send('GET', '/v2/app/referrers/x'))).code, 'DIGEST_INVALID');
});

test('a manifest goes out as it came in', async () => {
  const text = await pushImage(server, app, { config: 'config', layers: ['aaaa'], tag: 'v1' });
  for (const reference of ['v1', digestOf(text)]) {
    for (const method of ['GET', 'HEAD']) {
      const response = await server.send(method, `/v2/app/manifests/${reference}`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), IMAGE);
      assert.equal(response.headers.get('docker-content-digest'), digestOf(text));
      assert.equal(response.headers.get('content-length'), String(Buffer.byteLength(text)));
      assert.equal(await response.text(), method === 'GET' ? text : '');
    }
  }
});

test('a blob goes out whole or in part', async () => {
  const digest = await pushBlob(server.registry, 'app', 'hello world');
  const head = await server.send('HEAD', `/v2/app/blobs/${digest}`);
  assert.equal(head.headers.get('content-length'), '11');
  assert.equal(head.headers.get('docker-content-digest'), digest);
  assert.equal(await (await server.send('GET', `/v2/app/blobs/${digest}`)).text(), 'hello world');
  const part = await server.send('GET', `/v2/app/blobs/${digest}`, { headers: { range: 'bytes=6-' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), 'bytes 6-10/11');
  assert.equal(await part.text(), 'world');
  const beyond = await server.send('GET', `/v2/app/blobs/${digest}`, { headers: { range: 'bytes=11-' } });
  assert.equal(beyond.status, 416);
  assert.equal(beyond.headers.get('content-range'), 'bytes */11');
  const empty = await pushBlob(server.registry, 'app', '');
  assert.equal(await (await server.send('GET', `/v2/app/blobs/${empty}`)).text(), '');
  assert.equal((await server.send('GET', `/v2/other/blobs/${digest}`)).status, 404);
});

test('what the client has is not sent again', async () => {
  const text = await pushImage(server, app, { config: 'held', layers: ['layer held'], tag: 'held' });
  const layer = digestOf('layer held');
  for (const [path, digest] of [
    ['/v2/app/manifests/held', digestOf(text)],
    [`/v2/app/blobs/${layer}`, layer],
  ] as const) {
    const etag = (await server.send('HEAD', path)).headers.get('etag') ?? '';
    assert.equal(etag, `"${digest}"`);
    for (const method of ['GET', 'HEAD']) {
      const held = await server.send(method, path, { headers: { 'if-none-match': etag } });
      assert.equal(held.status, 304);
      assert.equal(held.headers.get('docker-content-digest'), digest);
      assert.equal(await held.text(), '');
      assert.equal((await server.send(method, path, { headers: { 'if-none-match': '"x"' } })).status, 200);
    }
  }
  const range = (ifRange: string) =>
    server.send('GET', `/v2/app/blobs/${layer}`, { headers: { range: 'bytes=0-4', 'if-range': ifRange } });
  assert.equal(await (await range(`"${layer}"`)).text(), 'layer');
  assert.equal(await (await range('"x"')).text(), 'layer held');
});

test('tags come in pages', async () => {
  const other = testRepository('other');
  const text = await pushImage(server, other, { config: 'c', layers: [] });
  for (const tag of ['c', 'a', 'b', 'Z']) await pushManifest(server, other, text, tag);
  const all = await server.send('GET', '/v2/other/tags/list');
  assert.deepEqual(await all.json(), { name: 'other', tags: ['Z', 'a', 'b', 'c'] });
  assert.equal(all.headers.get('link'), null);
  const first = await server.send('GET', '/v2/other/tags/list?n=2');
  assert.deepEqual(await first.json(), { name: 'other', tags: ['Z', 'a'] });
  const link = first.headers.get('link') ?? '';
  assert.equal(link, '</v2/other/tags/list?n=2&last=a>; rel="next"');
  const second = await server.send('GET', link.slice(1, link.indexOf('>')));
  assert.deepEqual(await second.json(), { name: 'other', tags: ['b', 'c'] });
  assert.equal(second.headers.get('link'), null);
  assert.deepEqual(await (await server.send('GET', '/v2/other/tags/list?n=0')).json(), { name: 'other', tags: [] });
  assert.equal((await server.send('GET', '/v2/other/tags/list?n=x')).status, 400);
});

test('images, tags and blobs are deleted, unless something needs them', async () => {
  const image = await pushImage(server, app, { config: 'del', layers: ['layer'], tag: 'del' });
  const digest = digestOf(image);
  const { manifest } = await pushManifest(server, app, indexOf([image]));
  assert.equal((await server.send('DELETE', `/v2/app/blobs/${digestOf('layer')}`)).status, 405);
  assert.equal((await server.send('DELETE', '/v2/app/manifests/del')).status, 202);
  assert.equal((await server.send('GET', '/v2/app/manifests/del')).status, 404);
  assert.equal((await server.send('DELETE', `/v2/app/manifests/${digest}`)).status, 405);
  assert.equal((await server.send('DELETE', `/v2/app/manifests/${manifest.digest}`)).status, 202);
  assert.equal((await server.send('DELETE', `/v2/app/manifests/${digest}`)).status, 202);
  assert.equal((await server.send('DELETE', `/v2/app/manifests/${digest}`)).status, 404);
  assert.equal((await server.send('DELETE', `/v2/app/blobs/${digestOf('layer')}`)).status, 202);
  assert.equal((await server.send('DELETE', `/v2/app/blobs/${digestOf('layer')}`)).status, 404);
});

test('a token ends after twelve hours', async () => {
  const late = await startRegistryServer();
  late.clock.advance(12 * 3600_000);
  assert.deepEqual(await errorOf(await late.send('GET', '/v2/')), {
    status: 403,
    code: 'DENIED',
    message: 'Your authorization token has expired. Reauthenticate and try again.',
  });
  await late.close();
});

test('a damaged store is an error, not a short blob', async () => {
  const digest = await pushBlob(server.registry, 'app', 'lost');
  await server.blobs.delete(digest);
  assert.equal((await server.send('GET', `/v2/app/blobs/${digest}`)).status, 404);
});
