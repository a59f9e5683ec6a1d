import assert from 'node:assert/strict';
import { RuntimeError } from '../kernel/errors.ts';
import { digestOf } from './digest.ts';
import { MemoryBlobs } from './memory-blobs/memory-blobs.ts';
import { cutAfter, parts } from './suite.ts';
import { SCOPE, openTestRegistry, pushBlob, registryTest, testRepository } from './testing.ts';
import type { TestRegistry } from './testing.ts';

const begin = async ({ registry }: TestRegistry, repository = 'app') => ({
  scope: SCOPE,
  repository,
  id: await registry.uploads.start(SCOPE, repository),
});

registryTest('a blob is visible where it was pushed, once it is whole', async (world) => {
  const { uploads, links } = world.registry;
  const upload = await begin(world);
  assert.equal(await uploads.append(upload, { body: parts('hello') }), 5);
  assert.equal(await links.use(SCOPE, 'app', digestOf('hello world')), undefined);
  await uploads.complete(upload, digestOf('hello world'), { body: parts(' world'), start: 5 });
  assert.equal((await links.use(SCOPE, 'app', digestOf('hello world')))?.sizeBytes, 11);
  assert.equal(await links.use(SCOPE, 'other', digestOf('hello world')), undefined);
  await assert.rejects(uploads.size(upload), { code: 'UploadNotFoundException' });
});

registryTest('a part that does not fit is refused and changes nothing', async (world) => {
  const { uploads } = world.registry;
  const upload = await begin(world);
  await uploads.append(upload, { body: parts('hello'), start: 0 });
  await assert.rejects(uploads.append(upload, { body: parts('x'), start: 6 }), {
    code: 'InvalidLayerPartException',
    members: { uploadId: upload.id, repositoryName: 'app', lastValidByteReceived: 4 },
  });
  assert.equal(await uploads.size(upload), 5);
});

registryTest('wrong bytes end the upload', async (world) => {
  const upload = await begin(world);
  await assert.rejects(world.registry.uploads.complete(upload, digestOf('a'), { body: parts('b') }), {
    code: 'InvalidLayerException',
  });
  await assert.rejects(world.registry.uploads.size(upload), { code: 'UploadNotFoundException' });
  await assert.rejects(world.registry.uploads.whole(SCOPE, 'app', digestOf('a'), parts('b')));
  assert.equal(await world.blobs.stat(digestOf('a')), undefined);
});

registryTest('an upload is of one repository, and of one request at a time', async (world) => {
  const { uploads } = world.registry;
  const upload = await begin(world);
  await assert.rejects(uploads.append({ ...upload, repository: 'other' }, { body: parts('x') }), {
    code: 'UploadNotFoundException',
  });
  const gate = Promise.withResolvers<void>();
  const reading = Promise.withResolvers<void>();
  const first = uploads.append(upload, {
    body: (async function* () {
      reading.resolve();
      await gate.promise;
      yield Buffer.from('first');
    })(),
  });
  await reading.promise;
  await assert.rejects(uploads.append(upload, { body: parts('second') }), { code: 'UploadInUse' });
  gate.resolve();
  assert.equal(await first, 5);
});

registryTest('a cut part stays; what a full disk cut short is given back', async (world) => {
  const upload = await begin(world);
  await assert.rejects(world.registry.uploads.append(upload, { body: cutAfter('hel') }), /cut/);
  assert.equal(await world.registry.uploads.size(upload), 3);

  const blobs = new MemoryBlobs(world.clock);
  blobs.append = async () => {
    throw new RuntimeError('temporary', 'ENOSPC');
  };
  const full = openTestRegistry({ blobs });
  const doomed = await begin(full);
  await assert.rejects(full.registry.uploads.append(doomed, { body: parts('x') }), RuntimeError);
  await assert.rejects(full.registry.uploads.size(doomed), { code: 'UploadNotFoundException' });
  await full.close();
});

registryTest('a repository that is deleted during a push gets nothing, nor does its successor', async (world) => {
  const upload = await begin(world);
  await world.store.write((tx) => world.registry.images.erase(tx, testRepository('app')));
  await assert.rejects(world.registry.uploads.complete(upload, digestOf('x'), { body: parts('x') }), {
    code: 'UploadNotFoundException',
  });
  assert.equal(await world.registry.links.use(SCOPE, 'app', digestOf('x')), undefined);
  world.repositories.delete('app');
  await assert.rejects(world.registry.uploads.start(SCOPE, 'app'), {
    code: 'RepositoryNotFoundException',
    message: "The repository with name 'app' does not exist in the registry with id '123456789012'",
  });
});

registryTest('a blob is mounted from a repository that has it', async (world) => {
  const { links } = world.registry;
  const digest = await pushBlob(world.registry, 'app', 'hello');
  assert.equal(await links.mount(SCOPE, 'other', 'nowhere', digest), false);
  assert.equal(await links.mount(SCOPE, 'other', 'app', digestOf('else')), false);
  assert.equal(await links.mount(SCOPE, 'other', 'app', digest), true);
  assert.equal((await links.use(SCOPE, 'other', digest))?.sizeBytes, 5);
  assert.equal(await links.remove(SCOPE, 'app', digest), 'removed');
  assert.equal(await links.remove(SCOPE, 'app', digest), 'unknown');
  assert.ok(await links.use(SCOPE, 'other', digest));
});
