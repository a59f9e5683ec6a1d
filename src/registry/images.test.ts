import assert from 'node:assert/strict';
import { digestOf } from './digest.ts';
import { imageOf, indexOf, pushImage, pushManifest, registryTest, testRepository } from './testing.ts';

const app = testRepository('app');
const other = testRepository('other');

registryTest('an image is found by tag and digest, with the size of what it is made of', async (world) => {
  const { registry, store, clock } = world;
  const text = await pushImage(world, app, { config: 'config', layers: ['aaaa', 'bb', 'aaaa'], tag: 'v1' });
  await store.read(async (tx) => {
    const row = await registry.images.find(tx, app, 'v1');
    assert.ok(row);
    assert.equal(row.digest, digestOf(text));
    assert.equal(row.imageSizeBytes, 6 + 4 + 2);
    assert.equal(row.pushedAtMs, clock.now());
    assert.equal(await registry.images.bodyOf(tx, row), text);
    assert.deepEqual(await registry.images.tagsOf(tx, row), ['v1']);
    assert.deepEqual(await registry.images.find(tx, app, row.digest), row);
    assert.equal(await registry.images.find(tx, other, row.digest), undefined);
  });
});

registryTest('an image is refused while a layer is missing from its own repository', async (world) => {
  await pushImage(world, other, { config: 'c', layers: ['a'] });
  await assert.rejects(pushManifest(world, app, imageOf('c', ['a'])), {
    code: 'LayersNotFoundException',
    message: `Layers with digests '[${digestOf('c')}, ${digestOf('a')}]' required for pushing image into repository with name 'app' in the registry with id '123456789012' do not exist`,
  });
});

registryTest('an index needs its images, has the size of the largest, and holds them', async (world) => {
  const { registry, store } = world;
  const small = await pushImage(world, app, { config: 'c', layers: ['a'] });
  await assert.rejects(pushManifest(world, app, indexOf([small, 'none'])), {
    code: 'ReferencedImagesNotFoundException',
  });
  const large = await pushImage(world, app, { config: 'c', layers: ['a', 'bbb'] });
  const { manifest } = await pushManifest(world, app, indexOf([small, large]), 'multi');
  assert.equal(manifest.imageSizeBytes, 5);
  await store.write(async (tx) => {
    const image = await registry.images.find(tx, app, digestOf(small));
    assert.ok(image);
    assert.deepEqual(await registry.images.indexesOf(tx, image), [manifest.digest]);
    await assert.rejects(registry.images.remove(tx, image), { code: 'ImageReferencedByManifestList' });
    await registry.images.remove(tx, manifest);
    await registry.images.remove(tx, image);
    assert.deepEqual(await registry.images.listTags(tx, app), []);
  });
});

registryTest('a tag moves, unless tags are immutable', async (world) => {
  const { registry, store } = world;
  const first = await pushImage(world, app, { config: '1', layers: [], tag: 'latest' });
  const second = await pushImage(world, app, { config: '2', layers: [], tag: 'latest' });
  const latest = () => store.read((tx) => registry.images.find(tx, app, 'latest'));
  assert.equal((await latest())?.digest, digestOf(second));
  const immutable = testRepository('app', 'IMMUTABLE');
  await assert.rejects(pushManifest(world, immutable, first, 'latest'), {
    code: 'ImageTagAlreadyExistsException',
    message:
      "The image tag 'latest' already exists in the 'app' repository and cannot be overwritten because the repository is immutable.",
  });
  assert.equal((await latest())?.digest, digestOf(second));
  const again = await pushManifest(world, immutable, second, 'latest');
  assert.deepEqual([again.isNew, again.isTagged], [false, false]);
  assert.equal((await pushManifest(world, immutable, first, 'first')).isTagged, true);
});

registryTest('a refused push leaves nothing', async (world) => {
  const { registry, store } = world;
  await pushImage(world, app, { config: '1', layers: [], tag: 'latest' });
  await assert.rejects(
    pushImage(world, testRepository('app', 'IMMUTABLE'), { config: '2', layers: [], tag: 'latest' }),
  );
  assert.equal((await store.read((tx) => registry.images.list(tx, app))).length, 1);
});

registryTest('a repository is erased whole, and its neighbours stay', async (world) => {
  const { registry, store } = world;
  const neighbour = testRepository('app/x');
  world.repositories.set('app/x', neighbour);
  await pushImage(world, app, { config: '1', layers: ['a'], tag: 'v1' });
  await pushImage(world, neighbour, { config: '1', layers: ['a'], tag: 'v1' });
  const id = await registry.uploads.start(app, 'app');
  await store.write((tx) => registry.images.erase(tx, app));
  await store.read(async (tx) => {
    assert.ok(await registry.images.isEmpty(tx, app));
    assert.deepEqual(await registry.images.listTags(tx, app), []);
    assert.equal(await registry.links.get(tx, app, digestOf('a')), undefined);
    assert.ok(await registry.images.find(tx, neighbour, 'v1'));
  });
  await assert.rejects(registry.uploads.size({ scope: app, repository: 'app', id }), {
    code: 'UploadNotFoundException',
  });
});

registryTest(
  'of the images made of a blob, one that can be pulled is found, however many are archived',
  async (world) => {
    const { registry, store, clock } = world;
    const { images } = registry;
    const found = () => store.read((tx) => images.imageOfBlob(tx, app, digestOf('base')));
    assert.equal(await found(), undefined);
    for (let i = 0; i < 60; i++) await pushImage(world, app, { config: `${i}`, layers: ['base'] });
    const all = await store.read((tx) => images.list(tx, app));
    const last = all.at(-1)!;
    await store.write(async (tx) => {
      for (const image of all.slice(0, -1)) await images.setStorageClass(tx, image, 'ARCHIVE', clock.now());
    });
    assert.equal((await found())?.digest, last.digest);
    await store.write((tx) => images.setStorageClass(tx, last, 'ARCHIVE', clock.now()));
    assert.equal((await found())?.storageClass, 'ARCHIVE');
  },
);
