import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { digestOf } from '../digest.ts';
import { MAX_MANIFEST_BYTES } from '../manifest.ts';
import { IMAGE, SCOPE, imageOf, pushBlob, testRepository } from '../testing.ts';
import { startRegistryServer } from './testing.ts';
import type { RegistryServer } from './testing.ts';

let server: RegistryServer;
before(async () => {
  server = await startRegistryServer({
    authorize: (_caller, action, arn) => (arn.endsWith('/secret') ? `not authorized to perform: ${action}` : undefined),
  });
});
after(() => server.close());

const codeOf = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { code: string }[] };
  return `${response.status} ${errors[0]?.code}`;
};
const locationOf = (response: Response) => response.headers.get('location') ?? '';
const putManifest = (name: string, reference: string, body: string) =>
  server.send('PUT', `/v2/${name}/manifests/${reference}`, { body, headers: { 'content-type': IMAGE } });
const begin = async (name = 'app') => locationOf(await server.send('POST', `/v2/${name}/blobs/uploads/`));
const isThere = async (content: string, name = 'app') =>
  (await server.send('HEAD', `/v2/${name}/blobs/${digestOf(content)}`)).status === 200;

test('POST, PATCH, PATCH, PUT', async () => {
  const location = await begin();
  assert.match(location, /^\/v2\/app\/blobs\/uploads\/[0-9a-f-]{36}$/);
  const first = await server.send('PATCH', location, { body: 'hello', headers: { 'content-range': '0-4' } });
  assert.equal(first.status, 202);
  assert.equal(first.headers.get('range'), '0-4');
  const second = await server.send('PATCH', locationOf(first), { body: ' wo' });
  const status = await server.send('GET', location);
  assert.equal(status.status, 204);
  assert.equal(status.headers.get('range'), '0-7');
  const digest = digestOf('hello world');
  const last = await server.send('PUT', `${locationOf(second)}?digest=${digest}`, { body: 'rld' });
  assert.equal(last.status, 201);
  assert.equal(last.headers.get('docker-content-digest'), digest);
  assert.equal(await (await server.send('GET', locationOf(last))).text(), 'hello world');
  assert.equal(await codeOf(await server.send('GET', location)), '404 BLOB_UPLOAD_UNKNOWN');
});

test('one POST; POST and PUT; sha512', async () => {
  const one = await server.send('POST', `/v2/app/blobs/uploads/?digest=${digestOf('one')}`, { body: 'one' });
  assert.equal(one.status, 201);
  assert.ok(await isThere('one'));
  const long = digestOf('two', 'sha512');
  const two = await server.send('PUT', `${await begin()}?digest=${encodeURIComponent(long)}`, { body: 'two' });
  assert.equal(two.status, 201);
  assert.equal(await (await server.send('GET', `/v2/app/blobs/${long}`)).text(), 'two');
});

test('a part out of order is refused, and the client told where to go on', async () => {
  const location = await begin();
  await server.send('PATCH', location, { body: 'hello' });
  const wrong = await server.send('PATCH', location, { body: 'xx', headers: { 'content-range': '7-8' } });
  assert.equal(wrong.headers.get('range'), '0-4');
  assert.equal(wrong.headers.get('location'), location);
  assert.equal(await codeOf(wrong), '416 BLOB_UPLOAD_INVALID');
  const short = await server.send('PATCH', location, { body: 'xx', headers: { 'content-range': '5-8' } });
  assert.equal(await codeOf(short), '400 SIZE_INVALID');
  assert.equal((await server.send('GET', location)).headers.get('range'), '0-4');
});

test('bytes of another digest are refused', async () => {
  const location = await begin();
  await server.send('PATCH', location, { body: 'evil' });
  assert.equal(await codeOf(await server.send('PUT', `${location}?digest=${digestOf('good')}`)), '400 DIGEST_INVALID');
  assert.equal(await isThere('good'), false);
  assert.equal(await isThere('evil'), false);
  assert.equal(await codeOf(await server.send('PUT', `${await begin()}?digest=x`)), '400 DIGEST_INVALID');
  assert.equal(await codeOf(await server.send('PUT', await begin())), '400 DIGEST_INVALID');
});

test('a cut connection leaves nothing to be seen, and can be gone on with', async () => {
  const location = await begin();
  await new Promise<void>((resolve) => {
    const patch = request(`http://${server.host}${location}`, {
      method: 'PATCH',
      headers: { authorization: server.authorization, 'content-length': 1000 },
    });
    patch.on('error', () => resolve());
    patch.write('hello', () => void received(location, 5).then(() => patch.destroy(new Error('cut'))));
  });
  assert.equal(await isThere('hello'), false);
  let patched = await server.send('PATCH', location, { body: ' world', headers: { 'content-range': '5-10' } });
  // Until the server has seen the end of the first connection, the upload is still its own.
  while (patched.status === 409) {
    patched = await server.send('PATCH', location, { body: ' world', headers: { 'content-range': '5-10' } });
  }
  assert.equal(patched.status, 202);
  assert.equal((await server.send('PUT', `${location}?digest=${digestOf('hello world')}`)).status, 201);
});

async function received(location: string, size: number): Promise<void> {
  const id = location.split('/').at(-1) ?? '';
  while ((await server.blobs.uploadSize(id)) < size) await new Promise((resolve) => setImmediate(resolve));
}

test('a cancelled upload is gone', async () => {
  const location = await begin();
  assert.equal((await server.send('DELETE', location)).status, 204);
  assert.equal(await codeOf(await server.send('PATCH', location, { body: 'x' })), '404 BLOB_UPLOAD_UNKNOWN');
  const id = location.split('/').at(-1);
  assert.equal(await codeOf(await server.send('GET', `/v2/other/blobs/uploads/${id}`)), '404 BLOB_UPLOAD_UNKNOWN');
});

test('a blob is mounted, or pushed after all', async () => {
  const digest = await pushBlob(server.registry, 'app', 'mounted');
  const mounted = await server.send('POST', `/v2/other/blobs/uploads/?mount=${digest}&from=app`);
  assert.equal(mounted.status, 201);
  assert.equal(mounted.headers.get('location'), `/v2/other/blobs/${digest}`);
  assert.ok(await isThere('mounted', 'other'));
  for (const query of [
    `mount=${digestOf('none')}&from=app`,
    `mount=${digestOf('none')}`,
    `mount=${digest}&from=nowhere`,
  ]) {
    const refused = await server.send('POST', `/v2/other/blobs/uploads/?${query}`);
    assert.equal(refused.status, 202, query);
    assert.match(locationOf(refused), /uploads/);
  }
});

test('a blob is mounted from wherever the caller may pull it', async () => {
  server.repositories.set('secret', testRepository('secret'));
  const hidden = await pushBlob(server.registry, 'secret', 'hidden');
  const refused = await server.send('POST', `/v2/other/blobs/uploads/?mount=${hidden}`);
  assert.equal(refused.status, 202);
  assert.equal(await isThere('hidden', 'other'), false);
  await pushBlob(server.registry, 'app', 'hidden');
  const mounted = await server.send('POST', `/v2/other/blobs/uploads/?mount=${hidden}`);
  assert.equal(mounted.status, 201);
  assert.equal(mounted.headers.get('docker-content-digest'), hidden);
  assert.ok(await isThere('hidden', 'other'));
});

test('a manifest is taken in once all it names is there', async () => {
  const text = imageOf('mc', ['ml']);
  const put = (reference: string, body = text) => putManifest('app', reference, body);
  assert.equal(await codeOf(await put('v1')), '400 MANIFEST_BLOB_UNKNOWN');
  for (const blob of ['mc', 'ml']) await pushBlob(server.registry, 'app', blob);
  const done = await put('v1');
  assert.equal(done.status, 201);
  assert.equal(done.headers.get('docker-content-digest'), digestOf(text));
  assert.equal(locationOf(done), `/v2/app/manifests/${digestOf(text)}`);
  assert.equal((await put(digestOf(text))).status, 201);
  assert.equal((await put(digestOf(text, 'sha512'))).status, 201);
  assert.equal(await codeOf(await put(digestOf('else'))), '400 MANIFEST_INVALID');
  assert.equal(await codeOf(await put('v2', '{')), '400 MANIFEST_INVALID');
  assert.equal(await codeOf(await put('v2', ' '.repeat(MAX_MANIFEST_BYTES + 1))), '413 SIZE_INVALID');
});

test('an immutable tag stays where it is', async () => {
  server.repositories.set('fixed', testRepository('fixed', 'IMMUTABLE'));
  for (const blob of ['i1', 'i2']) await pushBlob(server.registry, 'fixed', blob);
  const put = (config: string) => putManifest('fixed', 'v1', imageOf(config, []));
  assert.equal((await put('i1')).status, 201);
  assert.equal((await put('i1')).status, 201, 'the same again is no change');
  const refused = await put('i2');
  assert.match(await refused.clone().text(), /The image tag 'v1' already exists in the 'fixed' repository/);
  assert.equal(await codeOf(refused), '400 TAG_INVALID');
});

test('a push to a repository that does not exist is refused before it begins', async () => {
  assert.equal(await codeOf(await server.send('POST', '/v2/nowhere/blobs/uploads/')), '404 NAME_UNKNOWN');
  assert.equal(await codeOf(await putManifest('nowhere', 'v1', 'x')), '404 NAME_UNKNOWN');
  assert.equal(await server.registry.links.use(SCOPE, 'app', digestOf('x')), undefined);
});
