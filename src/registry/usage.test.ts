import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parts } from './suite.ts';
import { SCOPE, openTestRegistry, pushBlob, pushImage, testRepository } from './testing.ts';

test('usage counts each layer once for a repository, and once on the disk', async () => {
  const world = openTestRegistry();
  const { registry, store } = world;
  try {
    const one = await pushImage(world, testRepository('app'), { config: '1', layers: ['shared'], tag: 'v1' });
    const two = await pushImage(world, testRepository('app'), { config: '2', layers: ['shared'], tag: 'v2' });
    const other = await pushImage(world, testRepository('other'), { config: '3', layers: ['shared'] });
    await pushBlob(registry, 'app', 'unused');
    await store.write((tx) => registry.images.erase(tx, testRepository('other')));
    await pushImage(world, testRepository('other'), { config: '3', layers: ['shared'] });
    const id = await registry.uploads.start(SCOPE, 'app');
    await registry.uploads.append({ scope: SCOPE, repository: 'app', id }, { body: parts('four') });
    const appBytes = one.length + two.length + 'shared12unused'.length;
    const otherBytes = other.length + 'shared3'.length;
    assert.deepEqual(await registry.usage(), {
      repositories: [
        { ...SCOPE, name: 'app', images: 2, blobs: 4, bytes: appBytes },
        { ...SCOPE, name: 'other', images: 1, blobs: 2, bytes: otherBytes },
      ],
      repositoryBytes: appBytes + otherBytes,
      storedBytes: appBytes + otherBytes - 'shared'.length,
      savedBytes: 'shared'.length,
      blobs: 5,
      unusedBlobs: 0,
      unusedBytes: 0,
      uploads: 1,
      uploadBytes: 4,
    });
    await store.write((tx) => registry.images.erase(tx, testRepository('app')));
    const { unusedBlobs, unusedBytes } = await registry.usage();
    assert.deepEqual([unusedBlobs, unusedBytes], [3, '12unused'.length]);
  } finally {
    await world.close();
  }
});
