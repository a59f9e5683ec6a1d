import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  InvalidLayerPartException,
  PutImageCommand,
  UploadLayerPartCommand,
  paginateDescribeImages,
  paginateListImages,
} from '@aws-sdk/client-ecr';
import type { ECRClient } from '@aws-sdk/client-ecr';
import { Longshore } from '../harness/longshore.ts';

/** ECR's images and layers through the AWS SDK, over the death of the server. The tests follow each other. */

const TYPE = 'application/vnd.oci.image.manifest.v1+json';
const repositoryName = 'app';
const head = Buffer.alloc(5 * 1024 * 1024, 'a');
const layer = Buffer.concat([head, Buffer.from('tail')]);

let server: Longshore;
let ecr: ECRClient;

before(async () => {
  server = await Longshore.start();
  ({ ecr } = await server.clients());
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
});

after(() => server?.remove());

function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function manifestOf(config: string, layers: readonly Buffer[]): string {
  const descriptor = (mediaType: string, bytes: Buffer | string) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  return JSON.stringify({
    schemaVersion: 2,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map((each) => descriptor('application/vnd.oci.image.layer.v1.tar', each)),
  });
}

async function start(): Promise<string> {
  return (await ecr.send(new InitiateLayerUploadCommand({ repositoryName }))).uploadId ?? '';
}

function send(uploadId: string, partFirstByte: number, layerPartBlob: Buffer) {
  const partLastByte = partFirstByte + layerPartBlob.length - 1;
  const part = { repositoryName, uploadId, partFirstByte, partLastByte, layerPartBlob };
  return ecr.send(new UploadLayerPartCommand(part));
}

function complete(uploadId: string, bytes: Buffer | string) {
  const layerDigests = [digestOf(bytes)];
  return ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests }));
}

function put(imageManifest: string, imageTag: string) {
  return ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageManifestMediaType: TYPE, imageTag }));
}

test('an upload outlives the server, and says where to go on', async () => {
  const uploadId = await start();
  await send(uploadId, 0, head);
  await server.kill9();
  await server.up();
  await assert.rejects(send(uploadId, 0, head), (error) => {
    assert.ok(error instanceof InvalidLayerPartException);
    assert.deepEqual(
      [error.registryId, error.repositoryName, error.uploadId, error.lastValidByteReceived],
      ['123456789012', repositoryName, uploadId, head.length - 1],
    );
    return true;
  });
  await send(uploadId, head.length, layer.subarray(head.length));
  assert.equal((await complete(uploadId, layer)).layerDigest, digestOf(layer));
  const config = await start();
  await send(config, 0, Buffer.from('{}'));
  await complete(config, '{}');
  const layerDigests = [digestOf(layer)];
  const { layers } = await ecr.send(new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }));
  assert.equal(layers?.[0]?.layerAvailability, 'AVAILABLE');
  await put(manifestOf('{}', [layer]), 'v1');
});

test("a layer's URL outlives the server", async () => {
  const layerDigest = digestOf(layer);
  const { downloadUrl = '' } = await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }));
  await server.kill9();
  await server.up();
  const answer = await fetch(downloadUrl);
  assert.equal(digestOf(Buffer.from(await answer.arrayBuffer())), layerDigest);
});

test('images come in pages', async () => {
  await put(manifestOf('{}', []), 'v2');
  await put(manifestOf('{}', []), 'v3');
  const config = { client: ecr, pageSize: 1 };
  const tags = new Set<string | undefined>();
  for await (const page of paginateListImages(config, { repositoryName })) {
    assert.ok((page.imageIds?.length ?? 0) <= 1);
    for (const each of page.imageIds ?? []) tags.add(each.imageTag);
  }
  assert.deepEqual(tags, new Set(['v1', 'v2', 'v3']));
  const sizes = new Set<number | undefined>();
  for await (const page of paginateDescribeImages(config, { repositoryName })) {
    for (const each of page.imageDetails ?? []) sizes.add(each.imageSizeInBytes);
  }
  assert.deepEqual(sizes, new Set([2, layer.length + 2]));
});

test('images are got and deleted', async () => {
  const imageIds = [{ imageTag: 'v1' }, { imageTag: 'v2' }];
  const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds, acceptedMediaTypes: [TYPE] }));
  assert.deepEqual(
    images?.map((each) => [each.imageManifest, each.imageManifestMediaType]),
    [
      [manifestOf('{}', [layer]), TYPE],
      [manifestOf('{}', []), TYPE],
    ],
  );
  const deleted = await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
  assert.deepEqual([deleted.imageIds?.length, deleted.failures], [2, []]);
});
