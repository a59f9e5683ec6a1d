import assert from 'node:assert/strict';
import { digestOf } from './digest.ts';
import { parts } from './suite.ts';
import { SCOPE, pushBlob, pushImage, registryTest, testRepository } from './testing.ts';
import { atDigest, blobLinks } from './tables.ts';

const HOUR_MS = 3600_000;
const NOTHING = { links: 0, blobs: 0, blobBytes: 0, uploads: 0, uploadBytes: 0 };
const app = testRepository('app');

registryTest('what an image needs stays for ever', async (world) => {
  await pushImage(world, app, { config: 'c', layers: ['a'], tag: 'v1' });
  world.clock.advance(1000 * HOUR_MS);
  assert.deepEqual(await world.registry.collect(), NOTHING);
  assert.ok(await world.blobs.stat(digestOf('a')));
});

registryTest('what no image needs goes after a day without use', async (world) => {
  const { registry, clock, blobs } = world;
  const digest = await pushBlob(registry, 'app', 'hello');
  clock.advance(23 * HOUR_MS);
  assert.equal((await registry.collect()).links, 0);
  assert.ok(await registry.links.use(SCOPE, 'app', digest), 'a client finds it, and relies on it');
  clock.advance(23 * HOUR_MS);
  assert.equal((await registry.collect()).links, 0);
  clock.advance(2 * HOUR_MS);
  assert.deepEqual(await registry.collect(), { ...NOTHING, links: 1, blobs: 1, blobBytes: 5 });
  assert.equal(await blobs.stat(digest), undefined);
  assert.equal(await registry.links.use(SCOPE, 'app', digest), undefined);
});

registryTest('a blob goes with the last repository that links it', async (world) => {
  const { registry, store, clock, blobs } = world;
  await pushImage(world, app, { config: 'c', layers: ['a'] });
  await pushImage(world, testRepository('other'), { config: 'c', layers: ['a'] });
  clock.advance(2 * HOUR_MS);
  await store.write((tx) => registry.images.erase(tx, app));
  assert.equal((await registry.collect()).blobs, 0);
  await store.write((tx) => registry.images.erase(tx, testRepository('other')));
  assert.equal((await registry.collect()).blobs, 2);
  assert.equal(await blobs.stat(digestOf('a')), undefined);
});

registryTest('the blobs of a removed image go, and those it shared stay', async (world) => {
  const { registry, store, clock, blobs } = world;
  await pushImage(world, app, { config: '1', layers: ['shared'], tag: 'v1' });
  await pushImage(world, app, { config: '2', layers: ['shared'], tag: 'v2' });
  await store.write(async (tx) => {
    const row = await registry.images.find(tx, app, 'v1');
    if (row) await registry.images.remove(tx, row);
  });
  clock.advance(25 * HOUR_MS);
  assert.deepEqual(await registry.collect(), { ...NOTHING, links: 1, blobs: 1, blobBytes: 1 });
  assert.ok(await blobs.stat(digestOf('shared')));
  assert.equal(await blobs.stat(digestOf('1')), undefined);
});

registryTest('a push of the same bytes during the collection keeps its blob', async (world) => {
  const { registry, store, clock, blobs } = world;
  await pushBlob(registry, 'app', 'hello');
  await store.write((tx) => registry.images.erase(tx, app));
  clock.advance(48 * HOUR_MS);
  await Promise.all([registry.collect(), pushBlob(registry, 'other', 'hello'), registry.collect()]);
  assert.ok(await registry.links.use(SCOPE, 'other', digestOf('hello')));
  assert.ok(await blobs.stat(digestOf('hello')));
});

registryTest('an upload that was given up goes; one that moves stays', async (world) => {
  const { registry, clock, blobs } = world;
  const idle = { scope: SCOPE, repository: 'app', id: await registry.uploads.start(SCOPE, 'app') };
  const moving = { scope: SCOPE, repository: 'app', id: await registry.uploads.start(SCOPE, 'app') };
  const untouched = { scope: SCOPE, repository: 'app', id: await registry.uploads.start(SCOPE, 'app') };
  await registry.uploads.append(idle, { body: parts('x') });
  await blobs.append('00000000-0000-4000-8000-000000000000', 0, parts('of no row'));
  clock.advance(20 * HOUR_MS);
  await registry.uploads.append(moving, { body: parts('x') });
  clock.advance(5 * HOUR_MS);
  assert.equal((await registry.collect()).uploads, 3);
  assert.equal(await registry.uploads.size(moving), 1);
  await assert.rejects(registry.uploads.size(idle), { code: 'UploadNotFoundException' });
  await assert.rejects(registry.uploads.size(untouched), { code: 'UploadNotFoundException' });
});

registryTest('a dry run tells what the next collection takes, and takes nothing', async (world) => {
  const { registry, clock, blobs, store } = world;
  await pushImage(world, app, { config: 'c', layers: ['shared'], tag: 'v1' });
  await pushBlob(registry, 'app', 'lonely');
  await pushBlob(registry, 'other', 'lonely');
  await pushBlob(registry, 'other', 'shared');
  await pushBlob(registry, 'other', 'orphan');
  await store.write((tx) => tx.delete(blobLinks, atDigest(testRepository('other').key, digestOf('orphan'))));
  const upload = { scope: SCOPE, repository: 'app', id: await registry.uploads.start(SCOPE, 'app') };
  await registry.uploads.append(upload, { body: parts('four') });
  assert.deepEqual(await registry.collect({ dryRun: true }), NOTHING, 'all are within their grace');
  clock.advance(25 * HOUR_MS);
  const first = await registry.collect({ dryRun: true });
  assert.deepEqual(first, { links: 3, blobs: 2, blobBytes: 12, uploads: 1, uploadBytes: 4 });
  assert.deepEqual(await registry.collect({ dryRun: true }), first);
  assert.equal(await registry.uploads.size(upload), 4);
  assert.deepEqual(await registry.collect(), first);
  assert.deepEqual(await registry.collect(), NOTHING);
  assert.ok(await blobs.stat(digestOf('shared')));
});
