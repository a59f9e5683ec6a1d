import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { digestOf } from '../digest.ts';
import { IMAGE, INDEX, descriptorOf, imageOf, pushBlob, pushImage, testRepository } from '../testing.ts';
import { startRegistryServer } from './testing.ts';
import type { RegistryServer } from './testing.ts';

/* What says something about an image: signatures, SBOMs. Each test has a repository of its own. */

let server: RegistryServer;
let name: string;
let count = 0;
before(async () => {
  server = await startRegistryServer();
});
beforeEach(async () => {
  name = `artifacts-${++count}`;
  server.repositories.set(name, testRepository(name));
  await pushBlob(server.registry, name, '{}');
});
after(() => server.close());

const put = (body: string, reference = digestOf(body), type = IMAGE) =>
  server.send('PUT', `/v2/${name}/manifests/${reference}`, { body, headers: { 'content-type': type } });
const about = (subject: string, artifactType?: string, annotations?: Record<string, string>) =>
  imageOf('{}', [], { subject: descriptorOf(IMAGE, subject), artifactType, annotations });
const list = async (subject: string, query = '') => {
  const response = await server.send('GET', `/v2/${name}/referrers/${digestOf(subject)}${query}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), INDEX);
  const index = (await response.json()) as {
    schemaVersion: number;
    mediaType: string;
    manifests: { digest: string }[];
  };
  return { response, index, digests: index.manifests.map((manifest) => manifest.digest) };
};

test('what says something about a manifest is listed, whether that is there or not', async () => {
  const image = await pushImage(server, testRepository(name), { config: 'c', layers: [], tag: 'v1' });
  assert.deepEqual((await list(image)).index, { schemaVersion: 2, mediaType: INDEX, manifests: [] });
  const sbom = about(image, 'example/sbom', { who: 'me' });
  const pushed = await put(sbom);
  assert.equal(pushed.status, 201);
  assert.equal(pushed.headers.get('oci-subject'), digestOf(image));
  assert.equal(pushed.headers.get('warning'), null);
  assert.deepEqual((await list(image)).index.manifests, [
    { ...descriptorOf(IMAGE, sbom), artifactType: 'example/sbom', annotations: { who: 'me' } },
  ]);
  const orphan = await put(about('not pushed'));
  assert.equal(orphan.headers.get('oci-subject'), digestOf('not pushed'));
  assert.match(
    orphan.headers.get('warning') ?? '',
    /^299 - "The subject sha256:[0-9a-f]{64} is not in this repository\."$/,
  );
  const [descriptor] = (await list('not pushed')).index.manifests;
  assert.deepEqual(descriptor, {
    ...descriptorOf(IMAGE, about('not pushed')),
    artifactType: 'application/vnd.oci.image.config.v1+json',
  });
});

test('a type filters them, and the answer says so', async () => {
  const [signature, sbom] = [about('x', 'example/signature'), about('x', 'example/sbom')];
  for (const artifact of [signature, sbom]) await put(artifact);
  const all = await list('x');
  assert.deepEqual(all.digests, [digestOf(signature), digestOf(sbom)].toSorted());
  assert.equal(all.response.headers.get('oci-filters-applied'), null);
  const filtered = await list('x', `?artifactType=${encodeURIComponent('example/sbom')}`);
  assert.deepEqual(filtered.digests, [digestOf(sbom)]);
  assert.equal(filtered.response.headers.get('oci-filters-applied'), 'artifactType');
  assert.deepEqual((await list('x', '?artifactType=none')).digests, []);
});

test('they come in pages that clients can take in', async () => {
  const artifacts = ['a', 'b', 'c'].map((note) => about('x', `example/${note}`, { note: note.repeat(1_900_000) }));
  for (const artifact of artifacts) assert.equal((await put(artifact)).status, 201);
  const found: string[] = [];
  let query: string | undefined = '';
  let pages = 0;
  while (query !== undefined) {
    const { response, digests } = await list('x', query);
    found.push(...digests);
    pages++;
    query = /^<[^?]*(\?[^>]*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  }
  assert.deepEqual(found, artifacts.map((artifact) => digestOf(artifact)).toSorted());
  assert.equal(pages, 2);
});

test('what is deleted or archived says nothing more', async () => {
  const [one, two] = [about('x', 'example/1'), about('x', 'example/2')];
  for (const artifact of [one, two]) await put(artifact);
  assert.equal((await server.send('DELETE', `/v2/${name}/manifests/${digestOf(one)}`)).status, 202);
  assert.deepEqual((await list('x')).digests, [digestOf(two)]);
  const { images, store } = server.registry;
  const setClass = (to: 'ARCHIVE' | 'STANDARD') =>
    store.write(async (tx) => {
      const row = await images.find(tx, testRepository(name), digestOf(two));
      if (row) await images.setStorageClass(tx, row, to, server.clock.now());
    });
  await setClass('ARCHIVE');
  assert.deepEqual((await list('x')).digests, []);
  const path = `/v2/${name}/manifests/${digestOf(two)}`;
  assert.equal((await server.send('HEAD', path)).status, 404);
  const refused = await server.send('GET', path);
  assert.equal(refused.status, 404);
  assert.match(await refused.text(), /"MANIFEST_UNKNOWN","message":"Requested image is archived/);
  assert.equal((await put(two)).status, 201);
  assert.equal((await server.send('GET', path)).status, 200, 'pushed again, it is back');
});

test('a manifest of a type that nobody here knows is kept as it is', async () => {
  const type = 'application/vnd.example.manifest.v1+json';
  const missing = JSON.stringify({ blobs: [descriptorOf('m', 'elsewhere')] });
  assert.equal((await put(missing, 'odd', type)).status, 400);
  const text = JSON.stringify({
    blobs: [descriptorOf('m', '{}')],
    subject: descriptorOf(IMAGE, 'x'),
    artifactType: 'a/b',
  });
  const pushed = await put(text, 'odd', type);
  assert.equal(pushed.status, 201);
  assert.match(
    pushed.headers.get('warning') ?? '',
    /The type application\/vnd\.example\.manifest\.v1\+json is not known/,
  );
  const got = await server.send('GET', `/v2/${name}/manifests/odd`);
  assert.equal(got.headers.get('content-type'), type);
  assert.equal(await got.text(), text);
  assert.deepEqual((await list('x')).digests, [digestOf(text)]);
  assert.equal((await server.send('DELETE', `/v2/${name}/blobs/${digestOf('{}')}`)).status, 405, 'its blob is needed');
});

test('a push by digest brings its tags, all or none', async () => {
  const text = imageOf('{}', []);
  const digest = digestOf(text, 'sha512');
  const pushed = await put(text, `${digest}?tag=v1&tag=latest`);
  assert.equal(pushed.status, 201);
  assert.equal(pushed.headers.get('oci-tag'), 'v1, latest');
  for (const tag of ['v1', 'latest']) {
    const head = await server.send('HEAD', `/v2/${name}/manifests/${tag}`);
    assert.equal(head.headers.get('docker-content-digest'), digest);
  }
  server.repositories.set(name, testRepository(name, 'IMMUTABLE'));
  assert.equal((await put(imageOf('{}', [], { annotations: {} }), 'new?tag=v1')).status, 400);
  assert.equal((await server.send('HEAD', `/v2/${name}/manifests/new`)).status, 404);
  assert.equal((await put(text, `${digest}?tag=-`)).status, 400);
  const many = Array.from({ length: 101 }, (_, i) => `tag=t${i}`).join('&');
  assert.equal((await put(text, `${digest}?${many}`)).status, 414);
});
