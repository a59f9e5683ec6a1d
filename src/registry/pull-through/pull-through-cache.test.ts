import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { RuntimeError, ServiceError } from '../../kernel/errors.ts';
import { digestOf } from '../digest.ts';
import { INDEX, SCOPE, imageOf, indexOf, openTestRegistry, pushImage, testRepository } from '../testing.ts';
import type { TestRegistry } from '../testing.ts';
import type { PullThroughCache } from './pull-through-cache.ts';
import { openTestCache, startUpstream } from './testing.ts';
import type { FakeUpstream } from './testing.ts';
import { PullRefused } from './upstream.ts';
import type { Pull } from './upstream.ts';

const HOUR_MS = 60 * 60 * 1000;
const IMAGE_TEXT = imageOf('config', ['layer']);
const DIGEST = digestOf(IMAGE_TEXT);

let world: TestRegistry;
let upstream: FakeUpstream;
let cache: PullThroughCache;
/** Actions that the client may not do. */
let refused: string[];
let pull: Pull;

beforeEach(async () => {
  world = openTestRegistry();
  upstream = await startUpstream();
  upstream.add('library/app', 'v1', { config: 'config', layers: ['layer'] });
  refused = [];
  pull = {
    ...SCOPE,
    name: 'hub/app',
    refusal: async (action) => (refused.includes(action) ? `no ${action}` : undefined),
  };
  cache = openTestCache(world, upstream);
});

afterEach(async () => {
  await upstream.close();
  await world.close();
});

async function drain(body: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function pullBlob(content: string): Promise<string> {
  return drain((await cache.blob(pull, digestOf(content)))?.body);
}

async function completeAll(): Promise<void> {
  for (const key of await world.store.read((tx) => cache.imports(tx))) await cache.complete(key);
}

/** What the registry itself has under a reference. */
function stored(reference: string): Promise<string | undefined> {
  return world.store.read(async (tx) => {
    const repository = world.repositories.get('hub/app');
    return repository && (await world.registry.images.find(tx, repository, reference))?.digest;
  });
}

const importsLeft = () => world.store.read((tx) => cache.imports(tx));

test('a pull brings manifest and blobs in, each fetched once, and the image is whole with its last blob', async () => {
  const manifest = await cache.manifest(pull, 'v1');
  assert.equal(manifest?.body, IMAGE_TEXT);
  assert.equal((await cache.manifest(pull, DIGEST))?.body, IMAGE_TEXT);
  assert.equal(await stored('v1'), undefined);
  assert.equal(await pullBlob('config'), 'config');
  assert.equal(await pullBlob('layer'), 'layer');
  assert.equal(await stored('v1'), DIGEST);
  assert.deepEqual(await importsLeft(), []);
  assert.deepEqual(upstream.requests, [
    'GET /v2/library/app/manifests/v1',
    `GET /v2/library/app/blobs/${digestOf('config')}`,
    `GET /v2/library/app/blobs/${digestOf('layer')}`,
  ]);
});

test('what is here is left to the registry, and the upstream is not asked for a day', async () => {
  await cache.manifest(pull, 'v1');
  await completeAll();
  upstream.requests.length = 0;
  world.clock.advance(23 * HOUR_MS);
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
  assert.equal(await cache.manifest(pull, DIGEST), undefined);
  assert.equal(await cache.blob(pull, digestOf('layer')), undefined);
  assert.deepEqual(upstream.requests, []);
  world.clock.advance(HOUR_MS);
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
  assert.deepEqual(upstream.requests, ['HEAD /v2/library/app/manifests/v1']);
  upstream.requests.length = 0;
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
  assert.deepEqual(upstream.requests, []);
});

test('a tag that has moved upstream moves here, after a day', async () => {
  await cache.manifest(pull, 'v1');
  await completeAll();
  const moved = upstream.add('library/app', 'v1', { config: 'config', layers: ['new layer'] });
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
  world.clock.advance(24 * HOUR_MS);
  assert.equal((await cache.manifest(pull, 'v1'))?.digest, moved);
  assert.equal(await stored('v1'), DIGEST);
  assert.equal((await cache.manifest(pull, 'v1'))?.digest, moved);
  await completeAll();
  assert.equal(await stored('v1'), moved);
  assert.equal(await stored(DIGEST), DIGEST);
});

test('with the upstream down, what is here is served, old as it may be', async () => {
  await cache.manifest(pull, 'v1');
  await completeAll();
  world.clock.advance(100 * HOUR_MS);
  upstream.intercept = (_req, res) => {
    res.writeHead(503).end();
    return true;
  };
  upstream.requests.length = 0;
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
  assert.equal(upstream.requests.length, 1, 'it is left alone for a while');
  world.clock.advance(HOUR_MS);
  await upstream.close();
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
  assert.equal(await stored('v1'), DIGEST);
  await assert.rejects(cache.manifest(pull, 'v2'), (error: RuntimeError) => error.kind === 'temporary');
});

test('an image with all its platforms comes in, though the client pulls one', async () => {
  const arm = imageOf('arm config', ['arm layer']);
  upstream.add('library/app', 'arm', { config: 'arm config', layers: ['arm layer'] });
  const index = indexOf([IMAGE_TEXT, arm]);
  upstream.put('library/app', 'all', INDEX, index);
  assert.equal((await cache.manifest(pull, 'all'))?.body, index);
  assert.equal((await cache.manifest(pull, DIGEST))?.body, IMAGE_TEXT);
  await pullBlob('config');
  await pullBlob('layer');
  assert.equal(await stored(DIGEST), DIGEST);
  assert.equal(await stored('all'), undefined);
  await completeAll();
  assert.equal(await stored('all'), digestOf(index));
  assert.equal(await stored(digestOf(arm)), digestOf(arm));
});

test('a restarted server goes on with what was begun', async () => {
  await cache.manifest(pull, 'v1');
  await pullBlob('config');
  cache = openTestCache(world, upstream);
  upstream.requests.length = 0;
  await completeAll();
  assert.equal(await stored('v1'), DIGEST);
  assert.deepEqual(upstream.requests, [`GET /v2/library/app/blobs/${digestOf('layer')}`]);
});

test('nobody has anything brought in without permission, but sees what is here', async () => {
  refused = ['ecr:BatchImportUpstreamImage'];
  await assert.rejects(cache.manifest(pull, 'v1'), new PullRefused('no ecr:BatchImportUpstreamImage'));
  refused = ['ecr:CreateRepository'];
  await assert.rejects(cache.manifest(pull, 'v1'), new PullRefused('no ecr:CreateRepository'));
  assert.deepEqual(upstream.requests, []);
  assert.equal(world.repositories.has('hub/app'), false);
  refused = [];
  await cache.manifest(pull, 'v1');
  refused = ['ecr:BatchImportUpstreamImage'];
  await assert.rejects(cache.blob(pull, digestOf('layer')), PullRefused);
  await completeAll();
  world.clock.advance(48 * HOUR_MS);
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
});

test('a repository that is there needs no CreateRepository', async () => {
  world.repositories.set('hub/app', testRepository('hub/app'));
  refused = ['ecr:CreateRepository'];
  assert.equal((await cache.manifest(pull, 'v1'))?.digest, DIGEST);
});

test('what somebody pushed here stays, whatever the upstream says', async () => {
  const repository = testRepository('hub/app');
  world.repositories.set('hub/app', repository);
  const own = digestOf(await pushImage(world, repository, { config: 'own', layers: [], tag: 'v1' }));
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
  assert.equal(await stored('v1'), own);
  assert.deepEqual(upstream.requests, []);
});

test('a push over a cached tag, even in the middle of an import, stays', async () => {
  await cache.manifest(pull, 'v1');
  world.clock.advance(1);
  const repository = testRepository('hub/app');
  const own = digestOf(await pushImage(world, repository, { config: 'own', layers: [], tag: 'v1' }));
  await completeAll();
  assert.equal(await stored('v1'), own);
  world.clock.advance(48 * HOUR_MS);
  assert.equal(await cache.manifest(pull, 'v1'), undefined);
});

test('what the upstream does not have, and what no rule is about, is left to the registry', async () => {
  assert.equal(await cache.manifest(pull, 'v9'), undefined);
  assert.equal(world.repositories.has('hub/app'), false);
  assert.equal(await cache.manifest({ ...pull, name: 'app' }, 'v1'), undefined);
  assert.equal(await cache.blob({ ...pull, name: 'app' }, DIGEST), undefined);
});

test('an upstream that refuses says so', async () => {
  upstream.intercept = (_req, res) => {
    res.writeHead(403).end();
    return true;
  };
  await assert.rejects(cache.manifest(pull, 'v1'), (error: ServiceError) => {
    assert.equal(error.code, 'UnableToGetUpstreamImageException');
    assert.match(error.message, /'hub\/app'.*403/);
    return true;
  });
});

test('a client that leaves in the middle, and wrong bytes, leave nothing behind', async () => {
  await cache.manifest(pull, 'v1');
  const left = await cache.blob(pull, digestOf('layer'));
  for await (const _ of left?.body ?? []) break;
  upstream.blobs.set(digestOf('config'), 'forged');
  await assert.rejects(pullBlob('config'), /answered bytes of/);
  for (const content of ['layer', 'config']) {
    assert.equal(await world.registry.links.use(SCOPE, 'hub/app', digestOf(content)), undefined);
  }
  upstream.blobs.set(digestOf('config'), 'config');
  await completeAll();
  assert.equal(await stored('v1'), DIGEST);
});

test('two clients get the same blob at once, and it is stored once', async () => {
  await cache.manifest(pull, 'v1');
  assert.deepEqual(await Promise.all([pullBlob('layer'), pullBlob('layer')]), ['layer', 'layer']);
  await completeAll();
  assert.equal(await stored('v1'), DIGEST);
});

test('what a deleted repository was the cache of is forgotten with it', async () => {
  await cache.manifest(pull, 'v1');
  await world.store.write((tx) => world.registry.images.erase(tx, testRepository('hub/app')));
  assert.deepEqual(await importsLeft(), []);
  upstream.requests.length = 0;
  await cache.manifest(pull, 'v1');
  assert.deepEqual(upstream.requests, ['GET /v2/library/app/manifests/v1']);
});

test('an import whose repository is gone is forgotten', async () => {
  await cache.manifest(pull, 'v1');
  world.repositories.delete('hub/app');
  await completeAll();
  assert.deepEqual(await importsLeft(), []);
});
