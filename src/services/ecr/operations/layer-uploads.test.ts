import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { RuntimeError } from '../../../kernel/errors.ts';
import { digestOf } from '../../../registry/digest.ts';
import { imageOf } from '../../../registry/testing.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

const MIB = 1024 * 1024;
const repositoryName = 'web';
let ecr: TestEcr;
beforeEach(async () => {
  ecr = openTestEcr();
  await ecr.call('CreateRepository', { repositoryName });
});
afterEach(() => ecr.close());

async function start(): Promise<string> {
  const { uploadId = '', partSize } = await ecr.call('InitiateLayerUpload', { repositoryName });
  assert.equal(partSize, 10 * MIB);
  return uploadId;
}

function part(uploadId: string, partFirstByte: number, layerPartBlob: Uint8Array, more: object = {}) {
  const partLastByte = partFirstByte + layerPartBlob.length - 1;
  return ecr.call('UploadLayerPart', {
    repositoryName,
    uploadId,
    partFirstByte,
    partLastByte,
    layerPartBlob,
    ...more,
  });
}

function complete(uploadId: string, ...layerDigests: string[]) {
  return ecr.call('CompleteLayerUpload', { repositoryName, uploadId, layerDigests });
}

async function upload(content: string): Promise<string> {
  const uploadId = await start();
  await part(uploadId, 0, Buffer.from(content));
  await complete(uploadId, digestOf(content));
  return digestOf(content);
}

test('a layer comes in parts, and an image is made of it', async () => {
  const uploadId = await start();
  const [head, tail] = [Buffer.alloc(5 * MIB, 'a'), Buffer.from('tail')];
  const layerDigest = digestOf(Buffer.concat([head, tail]));
  const registryId = '123456789012';
  const first = await part(uploadId, 0, head);
  assert.deepEqual(first, { registryId, repositoryName, uploadId, lastByteReceived: 5 * MIB - 1 });
  assert.equal((await part(uploadId, 5 * MIB, tail)).lastByteReceived, 5 * MIB + 3);
  assert.deepEqual(await complete(uploadId, layerDigest), { registryId, repositoryName, uploadId, layerDigest });
  await assert.rejects(complete(uploadId, layerDigest), { code: 'UploadNotFoundException' });
  await upload('config');
  const image = imageOf('config', [Buffer.concat([head, tail]).toString()]);
  await ecr.call('PutImage', { repositoryName, imageManifest: image, imageTag: 'v1' });
  const { imageDetails } = await ecr.call('DescribeImages', { repositoryName });
  assert.equal(imageDetails?.[0]?.imageSizeInBytes, 5 * MIB + 4 + 6);
});

test('a part that does not fit is refused with where to go on', async () => {
  const uploadId = await start();
  const two = Buffer.from('ab');
  const members = { registryId: '123456789012', repositoryName, uploadId };
  const code = 'InvalidLayerPartException';
  await assert.rejects(part(uploadId, 1, two), { code, members });
  await part(uploadId, 0, two);
  const standing = { ...members, lastValidByteReceived: 1 };
  await assert.rejects(part(uploadId, 0, two), { code, members: standing });
  await assert.rejects(part(uploadId, 2, two, { partLastByte: 2 }), {
    code,
    message: 'The layer part has 2 bytes, which are not those from byte 2 to byte 2',
    members: standing,
  });
  await assert.rejects(part(uploadId, 2, Buffer.alloc(0)), { code });
  await assert.rejects(part(uploadId, -1, two), { code: 'InvalidParameterException', message: /partFirstByte/ });
  await assert.rejects(part(uploadId, 2, Buffer.alloc(20 * MIB + 1)), {
    code: 'InvalidParameterException',
    message: /'layerPartBlob'.*less than or equal to 20971520/,
  });
  await assert.rejects(part('none', 0, two), {
    code: 'UploadNotFoundException',
    message:
      "The upload with id 'none' does not exist within the repository with name 'web' in the registry with id '123456789012'",
  });
  const elsewhere = { repositoryName: 'none' };
  await assert.rejects(part(uploadId, 2, two, elsewhere), { code: 'RepositoryNotFoundException' });
});

test('a layer that is not what it should be does not come to be', async () => {
  await assert.rejects(complete(await start(), digestOf('x')), { code: 'EmptyUploadException' });
  const wrong = await start();
  await part(wrong, 0, Buffer.from('a'));
  await assert.rejects(complete(wrong, 'sha256:x'), { code: 'InvalidParameterException', message: /layerDigests/ });
  await assert.rejects(complete(wrong, digestOf('a'), digestOf('b')), { message: /More than one digest/ });
  await assert.rejects(complete(wrong, digestOf('b')), { code: 'InvalidLayerException' });
  const small = await start();
  await part(small, 0, Buffer.from('a'));
  await part(small, 1, Buffer.from('b'));
  await assert.rejects(complete(small, digestOf('ab')), { code: 'LayerPartTooSmallException' });
  const known = await upload('layer');
  await assert.rejects(upload('layer'), {
    code: 'LayerAlreadyExistsException',
    message: `Layer with digest '${known}' already exists in the repository with name 'web' in registry with id '123456789012'`,
  });
});

test('a full disk is said to be one', async () => {
  const uploadId = await start();
  await part(uploadId, 0, Buffer.from('a'));
  ecr.blobs.append = () => Promise.reject(new RuntimeError('temporary', 'no space left on device'));
  const expected = { code: 'ServerException', message: 'no space left on device', httpStatus: 500 };
  await assert.rejects(part(uploadId, 1, Buffer.from('b')), expected);
  await assert.rejects(part(uploadId, 1, Buffer.from('b')), { code: 'UploadNotFoundException' });
});

test('a layer of an image has a URL, others have a reason', async () => {
  const ask = (layerDigest: string) => ecr.call('GetDownloadUrlForLayer', { repositoryName, layerDigest });
  const layerDigest = await upload('layer');
  await assert.rejects(ask('x'), { code: 'InvalidParameterException' });
  await assert.rejects(ask(digestOf('none')), {
    code: 'LayersNotFoundException',
    message: `The layer with digest '${digestOf('none')}' does not exist within the repository with name 'web' in the registry with id '123456789012'`,
  });
  await assert.rejects(ask(layerDigest), {
    code: 'LayerInaccessibleException',
    message: /because it is not associated with an image$/,
  });
  await ecr.push('web', 'config', ['layer'], 'v1');
  const answer = await ask(layerDigest);
  assert.equal(answer.layerDigest, layerDigest);
  const path = answer.downloadUrl?.replace('http://127.0.0.1:4566', '') ?? '';
  const layer = { account: '123456789012', region: 'us-east-1', repository: 'web', digest: layerDigest };
  assert.deepEqual(ecr.layerTokens.open(path, ecr.clock.now()), layer);
});

test('a layer whose bytes are lost is not there, so that it is pushed again', async () => {
  await ecr.push('web', 'config', ['layer'], 'v1');
  const layerDigest = digestOf('layer');
  await ecr.blobs.delete(layerDigest);
  const ask = () => ecr.call('BatchCheckLayerAvailability', { repositoryName, layerDigests: [layerDigest] });
  assert.deepEqual((await ask()).layers, [{ layerDigest, layerAvailability: 'UNAVAILABLE' }]);
  await ecr.pushBlob('web', 'layer');
  assert.equal((await ask()).layers?.[0]?.layerAvailability, 'AVAILABLE');
});

test('availability says what an empty digest, a wrong one and an archived image mean', async () => {
  const imageDigest = digestOf(await ecr.push('web', 'config', ['layer']));
  const archive = { repositoryName, imageId: { imageDigest }, targetStorageClass: 'ARCHIVE' } as const;
  await ecr.call('UpdateImageStorageClass', archive);
  const layerDigest = digestOf('layer');
  const layerDigests = [layerDigest, '', 'x'];
  const { layers, failures } = await ecr.call('BatchCheckLayerAvailability', { repositoryName, layerDigests });
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  assert.deepEqual(layers, [{ layerDigest, layerAvailability: 'ARCHIVED', layerSize: 5, mediaType }]);
  assert.deepEqual(
    failures?.map((failure) => failure.failureCode),
    ['MissingLayerDigest', 'InvalidLayerDigest'],
  );
  await assert.rejects(ecr.call('GetDownloadUrlForLayer', { repositoryName, layerDigest }), {
    code: 'LayerInaccessibleException',
    message: /because its image is archived$/,
  });
});
