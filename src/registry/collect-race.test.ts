import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { RuntimeError, ServiceError } from '../kernel/errors.ts';
import { seededIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { digestOf } from './digest.ts';
import { FileBlobs } from './file-blobs/file-blobs.ts';
import { Registry } from './registry.ts';
import { pushImage, testRepository } from './testing.ts';

const REPOSITORIES = ['app', 'other'].map((name) => testRepository(name));
const PUSHERS = 6;
const IMAGES = 6;

/** A collection took a part of what was not an image yet: a client would push again. */
function isRefusal(error: unknown): boolean {
  return (
    (error instanceof ServiceError && /^(LayersNotFound|UploadNotFound|InvalidLayer)Exception$/.test(error.code)) ||
    error instanceof RuntimeError
  );
}

test('collections without any grace refuse pushes, and never take what an image needs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-race-'));
  const clock = new FakeClock();
  const store = new SqliteStore(join(folder, 'store.db'));
  const blobs = await FileBlobs.open(join(folder, 'blobs'), clock);
  const registry = new Registry({
    store,
    blobs,
    clock,
    ids: seededIds(3),
    log: silentLog,
    grace: { linkMs: 0, blobMs: 0, uploadMs: 0 },
    repositories: { find: async (_tx, _scope, name) => REPOSITORIES.find((one) => one.name === name) },
  });
  try {
    const contents = new Set<string>();
    let refused = 0;
    const push = async (pusher: number) => {
      for (let i = 0; i < IMAGES; i++) {
        const repository = REPOSITORIES[(pusher + i) % 2] ?? testRepository('app');
        // What all pushers bring at once, and what one brings.
        const image = { config: `${pusher}-${i}`, layers: [`shared-${i}`, `shared-${i % 3}`] };
        for (let acknowledged = false; !acknowledged;) {
          acknowledged = await pushImage({ registry, store, clock }, repository, image).then(
            () => true,
            (error: unknown) => {
              if (!isRefusal(error)) throw error;
              refused++;
              return false;
            },
          );
        }
        for (const content of [image.config, ...image.layers]) contents.add(content);
      }
    };
    let isPushing = true;
    const pushed = Promise.all(Array.from({ length: PUSHERS }, (_, i) => push(i))).finally(() => (isPushing = false));
    let collected = 0;
    while (isPushing) {
      collected += (await registry.collect()).blobs;
      await Promise.race([pushed, new Promise(setImmediate)]);
    }
    await pushed;
    assert.ok(collected > 0 && refused > 0, `${collected} blobs collected, ${refused} pushes refused`);
    for await (const report of registry.scrub()) if ('finding' in report) assert.fail(JSON.stringify(report));
    for (const content of contents) assert.ok(await blobs.stat(digestOf(content)), content);
    for (const repository of REPOSITORIES) await store.write((tx) => registry.images.erase(tx, repository));
    await registry.collect();
    const { unusedBlobs, uploads } = await registry.usage();
    assert.deepEqual([unusedBlobs, uploads], [0, 0]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
