import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { digestOf } from '../../../registry/digest.ts';
import { IMAGE, INDEX, descriptorOf, imageOf, indexOf } from '../../../registry/testing.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

const repositoryName = 'web';
let ecr: TestEcr;
beforeEach(async () => {
  ecr = openTestEcr();
  await ecr.call('CreateRepository', { repositoryName });
});
afterEach(() => ecr.close());

test('an image is put, and got as it was put', async () => {
  const imageManifest = await ecr.push('web', 'config', ['layer'], 'v1');
  const imageDigest = digestOf(imageManifest);
  const expected = {
    registryId: '123456789012',
    repositoryName,
    imageId: { imageDigest, imageTag: 'v1' },
    imageManifest,
    imageManifestMediaType: IMAGE,
  };
  const got = await ecr.call('BatchGetImage', { repositoryName, imageIds: [{ imageTag: 'v1' }] });
  assert.deepEqual(got, { images: [expected], failures: [] });
  const retagged = await ecr.call('PutImage', { repositoryName, imageManifest, imageTag: 'v2', imageDigest });
  assert.deepEqual(retagged.image?.imageId, { imageDigest, imageTag: 'v2' });
  await assert.rejects(ecr.call('PutImage', { repositoryName, imageManifest, imageTag: 'v2' }), {
    code: 'ImageAlreadyExistsException',
    message: `Image with digest '${imageDigest}' and tag 'v2' already exists in the repository with name 'web' in registry with id '123456789012'`,
  });
});

test('an image that cannot be put is refused with its reason', async () => {
  const put = (input: object) => ecr.call('PutImage', { repositoryName, imageManifest: imageOf('c', []), ...input });
  await assert.rejects(put({}), { code: 'LayersNotFoundException' });
  await assert.rejects(put({ imageManifest: '{' }), {
    code: 'InvalidParameterException',
    message: "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
  });
  await assert.rejects(put({ imageTag: '-x' }), { code: 'InvalidParameterException', message: /imageTag/ });
  await assert.rejects(put({ imageDigest: digestOf('x') }), { code: 'ImageDigestDoesNotMatchException' });
  await assert.rejects(put({ repositoryName: 'none' }), { code: 'RepositoryNotFoundException' });
});

test('immutable tags hold until the setting is taken back', async () => {
  const set = (imageTagMutability: 'MUTABLE' | 'IMMUTABLE') =>
    ecr.call('PutImageTagMutability', { repositoryName, imageTagMutability });
  assert.deepEqual(await set('IMMUTABLE'), {
    registryId: '123456789012',
    repositoryName,
    imageTagMutability: 'IMMUTABLE',
  });
  await ecr.push('web', '1', [], 'v1');
  await assert.rejects(ecr.push('web', '2', [], 'v1'), {
    code: 'ImageTagAlreadyExistsException',
    message:
      "The image tag 'v1' already exists in the 'web' repository and cannot be overwritten because the repository is immutable.",
  });
  await set('MUTABLE');
  await ecr.push('web', '2', [], 'v1');
});

test('what BatchGetImage cannot get is listed with its reason', async () => {
  const imageDigest = digestOf(await ecr.push('web', 'config', [], 'v1'));
  const asked = [
    {},
    { imageDigest: 'x' },
    { imageTag: '-' },
    { imageTag: 'v2' },
    { imageDigest: digestOf('x'), imageTag: 'v1' },
    { imageDigest, imageTag: 'v1' },
  ];
  const { images, failures } = await ecr.call('BatchGetImage', { repositoryName, imageIds: asked });
  assert.deepEqual(
    failures?.map((failure) => failure.failureCode),
    ['MissingDigestAndTag', 'InvalidImageDigest', 'InvalidImageTag', 'ImageNotFound', 'ImageTagDoesNotMatchDigest'],
  );
  assert.equal(images?.length, 1);
  const other = await ecr.call('BatchGetImage', {
    repositoryName,
    imageIds: [{ imageDigest }],
    acceptedMediaTypes: ['application/vnd.oci.image.index.v1+json'],
  });
  assert.deepEqual([other.images?.length, other.failures?.[0]?.failureCode], [0, 'ImageNotFound']);
});

test('images are listed and described', async () => {
  const tagged = digestOf(await ecr.push('web', 'config', ['layers'], 'v1'));
  ecr.clock.advance(1000);
  const untagged = digestOf(await ecr.push('web', 'c', []));
  await ecr.call('PutImage', { repositoryName, imageManifest: imageOf('config', ['layers']), imageTag: 'v2' });
  const list = async (input: object) => (await ecr.call('ListImages', { repositoryName, ...input })).imageIds;
  assert.deepEqual(await list({ filter: { tagStatus: 'UNTAGGED' } }), [{ imageDigest: untagged }]);
  assert.deepEqual(await list({ filter: { tagStatus: 'TAGGED' } }), [
    { imageDigest: tagged, imageTag: 'v1' },
    { imageDigest: tagged, imageTag: 'v2' },
  ]);
  assert.equal((await list({ maxResults: 2 }))?.length, 2);
  assert.deepEqual(await list({ filter: { imageStatus: 'ARCHIVED' } }), []);
  const { imageDetails } = await ecr.call('DescribeImages', { repositoryName, imageIds: [{ imageTag: 'v1' }] });
  assert.deepEqual(imageDetails, [
    {
      registryId: '123456789012',
      repositoryName,
      imageDigest: tagged,
      imageTags: ['v1', 'v2'],
      imageSizeInBytes: 12,
      imagePushedAt: new Date(ecr.clock.now() - 1000),
      imageManifestMediaType: IMAGE,
      artifactMediaType: 'application/vnd.oci.image.config.v1+json',
      imageStatus: 'ACTIVE',
    },
  ]);
  const first = await ecr.call('DescribeImages', { repositoryName, maxResults: 1 });
  const second = await ecr.call('DescribeImages', { repositoryName, maxResults: 1, nextToken: first.nextToken });
  const digests = [first, second].map((page) => page.imageDetails?.[0]?.imageDigest);
  assert.deepEqual(digests, [tagged, untagged].toSorted());
  await assert.rejects(ecr.call('DescribeImages', { repositoryName, imageIds: [{ imageTag: 'none' }] }), {
    code: 'ImageNotFoundException',
    message:
      "The image with imageId {imageDigest:'null', imageTag:'none'} does not exist within the repository with name 'web' in the registry with id '123456789012'",
  });
});

test('a tag goes alone, the last one with its image, a digest with all its tags', async () => {
  const remove = (...imageIds: object[]) => ecr.call('BatchDeleteImage', { repositoryName, imageIds });
  const manifest = await ecr.push('web', 'config', [], 'v1');
  const imageDigest = digestOf(manifest);
  const tag = (imageTag: string) => ecr.call('PutImage', { repositoryName, imageManifest: manifest, imageTag });
  await tag('v2');
  assert.deepEqual(await remove({ imageTag: 'v1' }, { imageTag: 'none' }), {
    imageIds: [{ imageDigest, imageTag: 'v1' }],
    failures: [
      { imageId: { imageTag: 'none' }, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' },
    ],
  });
  await remove({ imageTag: 'v2' });
  assert.deepEqual(await ecr.call('ListImages', { repositoryName }), { imageIds: [] });
  await tag('v1');
  await tag('v2');
  assert.deepEqual((await remove({ imageDigest })).imageIds, [
    { imageDigest, imageTag: 'v1' },
    { imageDigest, imageTag: 'v2' },
  ]);
});

test('an image of an index stays as long as the index does', async () => {
  const image = await ecr.push('web', 'config', [], 'v1');
  const index = indexOf([image]);
  await ecr.call('PutImage', { repositoryName, imageManifest: index });
  const named = { imageDigest: digestOf(image) };
  const alone = await ecr.call('BatchDeleteImage', { repositoryName, imageIds: [named] });
  assert.deepEqual(alone.failures, [
    {
      imageId: named,
      failureCode: 'ImageReferencedByManifestList',
      failureReason: `Requested image referenced by manifest list: [${digestOf(index)}]`,
    },
  ]);
  const both = await ecr.call('BatchDeleteImage', {
    repositoryName,
    imageIds: [named, { imageDigest: digestOf(index) }],
  });
  assert.deepEqual(both.failures, []);
});

test('one call takes an index of indexes with what it holds, and a name said twice counts once', async () => {
  const image = await ecr.push('web', 'config', [], 'v1');
  const inner = indexOf([image]);
  const outer = JSON.stringify({ ...JSON.parse(indexOf([])), manifests: [descriptorOf(INDEX, inner)] });
  for (const imageManifest of [inner, outer]) await ecr.call('PutImage', { repositoryName, imageManifest });
  const ids = [image, inner, outer].map((manifest) => ({ imageDigest: digestOf(manifest) }));
  const { failures } = await ecr.call('BatchDeleteImage', { repositoryName, imageIds: [...ids, { imageTag: 'v1' }] });
  assert.deepEqual(failures, []);
  assert.deepEqual(await ecr.call('ListImages', { repositoryName }), { imageIds: [] });
  const manifest = await ecr.push('web', 'config', [], 'v1');
  await ecr.call('PutImage', { repositoryName, imageManifest: manifest, imageTag: 'v2' });
  const twice = await ecr.call('BatchDeleteImage', {
    repositoryName,
    imageIds: [{ imageTag: 'v1' }, { imageTag: 'v1' }],
  });
  assert.deepEqual(twice.imageIds, [{ imageDigest: digestOf(manifest), imageTag: 'v1' }]);
  assert.equal((await ecr.call('ListImages', { repositoryName })).imageIds?.length, 1);
});

test('layers are where they were pushed', async () => {
  await ecr.push('web', 'config', ['layer']);
  const layerDigests = [digestOf('layer'), digestOf('none'), 'x'];
  const { layers, failures } = await ecr.call('BatchCheckLayerAvailability', { repositoryName, layerDigests });
  assert.deepEqual(layers, [
    {
      layerDigest: digestOf('layer'),
      layerAvailability: 'AVAILABLE',
      layerSize: 5,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    },
    { layerDigest: digestOf('none'), layerAvailability: 'UNAVAILABLE' },
  ]);
  assert.equal(failures?.[0]?.failureCode, 'InvalidLayerDigest');
});
