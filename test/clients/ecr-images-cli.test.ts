import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ListImageReferrersCommand, UpdateImageStorageClassCommand } from '@aws-sdk/client-ecr';
import type { ECRClient } from '@aws-sdk/client-ecr';
import { cliOf } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { must, run } from '../harness/run.ts';

/*
 * An image that comes in by ECR's API alone, layer part by layer part, as Debian's aws CLI sends it; docker and skopeo
 * then find it as if it had been pushed. The tests follow each other.
 */

const MIB = 1024 * 1024;
const TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG_TYPE = 'application/vnd.docker.container.image.v1+json';
const LAYER_TYPE = 'application/vnd.docker.image.rootfs.diff.tar';

let server: Longshore;
let ecr: ECRClient;
let folder: string;
let host: string;
let layer: Buffer;
let config: string;
let manifest: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-ecr-images-'));
  server = await Longshore.start();
  host = `127.0.0.1:${server.port}`;
  ({ ecr } = await server.clients());
  await mkdir(join(folder, 'root'));
  await writeFile(join(folder, 'root/random'), randomBytes(12 * MIB));
  await must('tar', ['-C', join(folder, 'root'), '-cf', join(folder, 'layer.tar'), 'random']);
  layer = await readFile(join(folder, 'layer.tar'));
  config = configOf('1');
  manifest = manifestOf(config);
  await aws('create-repository', '--repository-name', 'app');
});

after(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

function configOf(version: string): string {
  return JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['/random'], Labels: { version } },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  });
}

function manifestOf(imageConfig: string): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPE,
    config: { mediaType: CONFIG_TYPE, digest: digestOf(imageConfig), size: imageConfig.length },
    layers: [{ mediaType: LAYER_TYPE, digest: digestOf(layer), size: layer.length }],
  });
}

function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function aws(operation: string, ...args: readonly string[]): Promise<any> {
  return cliOf(server)(`ecr ${operation}`, ...args);
}

/** On the repository `app`. */
function app(operation: string, ...args: readonly string[]): Promise<any> {
  return aws(operation, '--repository-name', 'app', ...args);
}

function refused(operation: string, ...args: readonly string[]): Promise<string> {
  return cliOf(server).refused(`ecr ${operation} --repository-name app`, ...args);
}

/** Bytes as the CLI reads them from a file. */
async function blob(name: string, bytes: Buffer | string): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return `fileb://${join(folder, name)}`;
}

async function sendPart(uploadId: string, first: number, bytes: Buffer): Promise<any> {
  const range = ['--part-first-byte', String(first), '--part-last-byte', String(first + bytes.length - 1)];
  const file = await blob('part', bytes);
  return app('upload-layer-part', '--upload-id', uploadId, ...range, '--layer-part-blob', file);
}

async function uploadLayer(bytes: Buffer): Promise<void> {
  const { uploadId, partSize } = await app('initiate-layer-upload');
  for (let first = 0; first < bytes.length; first += partSize) {
    const part = bytes.subarray(first, first + partSize);
    const sent = await sendPart(uploadId, first, part);
    assert.deepEqual(sent, {
      registryId: '123456789012',
      repositoryName: 'app',
      uploadId,
      lastByteReceived: first + part.length - 1,
    });
  }
  const done = await app('complete-layer-upload', '--upload-id', uploadId, '--layer-digests', digestOf(bytes));
  assert.equal(done.layerDigest, digestOf(bytes));
}

function putImage(imageManifest: string, ...args: readonly string[]): Promise<any> {
  return app('put-image', '--image-manifest', imageManifest, ...args);
}

test('an image whose layers are not there is refused; then they come, part by part', async () => {
  const answer = await refused('put-image', '--image-manifest', manifest, '--image-tag', 'v1');
  assert.match(answer, /^LayersNotFoundException: Layers with digests .* required for pushing image/);
  await uploadLayer(layer);
  await uploadLayer(Buffer.from(config));
  const digests = [digestOf(layer), digestOf('none'), 'x'];
  const { layers, failures } = await app('batch-check-layer-availability', '--layer-digests', ...digests);
  assert.deepEqual(layers, [
    { layerDigest: digestOf(layer), layerAvailability: 'AVAILABLE', layerSize: layer.length },
    { layerDigest: digestOf('none'), layerAvailability: 'UNAVAILABLE' },
  ]);
  assert.equal(failures[0].failureCode, 'InvalidLayerDigest');
  const { image } = await putImage(manifest, '--image-tag', 'v1', '--image-digest', digestOf(manifest));
  assert.deepEqual(image, {
    registryId: '123456789012',
    repositoryName: 'app',
    imageId: { imageDigest: digestOf(manifest), imageTag: 'v1' },
    imageManifest: manifest,
    imageManifestMediaType: TYPE,
  });
});

test('docker pulls it, and skopeo copies it, byte for byte', async () => {
  const startedAtMs = Date.now();
  const password = (await server.aws(['ecr', 'get-login-password'])).stdout.trim();
  const env = { DOCKER_CONFIG: folder };
  await must('docker', ['login', '--username', 'AWS', '--password-stdin', host], { env, input: password });
  await must('docker', ['pull', '--quiet', `${host}/app:v1`], { env });
  const inspect = ['image', 'inspect', '--format', '{{.Id}}', `${host}/app:v1`];
  assert.equal((await must('docker', inspect)).trim(), digestOf(config));
  const source = ['--src-tls-verify=false', '--src-creds', `AWS:${password}`, `docker://${host}/app:v1`];
  await must('skopeo', ['copy', ...source, `dir:${folder}/copy`]);
  const copied = await readFile(join(folder, 'copy', digestOf(layer).replace('sha256:', '')));
  assert.equal(digestOf(copied), digestOf(layer));
  assert.equal(await readFile(join(folder, 'copy/manifest.json'), 'utf8'), manifest);

  const { imageDetails } = await app('describe-images');
  const [{ imagePushedAt, lastRecordedPullTime, ...image }] = imageDetails;
  assert.deepEqual(image, {
    registryId: '123456789012',
    repositoryName: 'app',
    imageDigest: digestOf(manifest),
    imageTags: ['v1'],
    imageSizeInBytes: layer.length + config.length,
    imageManifestMediaType: TYPE,
    artifactMediaType: CONFIG_TYPE,
  });
  assert.ok(Math.abs(Date.parse(imagePushedAt) - startedAtMs) < 60_000, imagePushedAt);
  assert.ok(Date.parse(lastRecordedPullTime) >= startedAtMs - 1000, lastRecordedPullTime);
});

test('a layer is downloaded with the URL alone', async () => {
  const { downloadUrl } = await app('get-download-url-for-layer', '--layer-digest', digestOf(layer));
  assert.ok(downloadUrl.startsWith(`${server.endpoint}/_longshore/layers/`), downloadUrl);
  const whole = await fetch(downloadUrl);
  assert.equal(digestOf(Buffer.from(await whole.arrayBuffer())), digestOf(layer));
  const range = await fetch(downloadUrl, { headers: { range: 'bytes=100-199' } });
  assert.equal(range.status, 206);
  assert.deepEqual(Buffer.from(await range.arrayBuffer()), layer.subarray(100, 200));
  const other = await fetch(`${downloadUrl.slice(0, -8)}AAAAAAAA`);
  assert.deepEqual([other.status, (await other.text()).includes('<Code>AccessDenied</Code>')], [403, true]);
  assert.ok(!server.log.includes(downloadUrl.split('/').at(-1)), 'the log names the URL');
  const none = await refused('get-download-url-for-layer', '--layer-digest', digestOf('none'));
  assert.match(none, /^LayersNotFoundException: The layer with digest .* does not exist within the repository/);
});

test('uploads that go wrong say how', async () => {
  const { uploadId } = await app('initiate-layer-upload');
  const complete = (digest: string) =>
    refused('complete-layer-upload', '--upload-id', uploadId, '--layer-digests', digest);
  assert.match(await complete(digestOf('ab')), /^EmptyUploadException: /);
  const part = async (first: number, last: number, bytes: Buffer) => {
    const range = ['--part-first-byte', String(first), '--part-last-byte', String(last)];
    const file = await blob('part', bytes);
    return refused('upload-layer-part', '--upload-id', uploadId, ...range, '--layer-part-blob', file);
  };
  assert.match(await part(1, 2, Buffer.from('ab')), /^InvalidLayerPartException: .* must begin at byte 0/);
  assert.match(await part(0, 2, Buffer.from('ab')), /^InvalidLayerPartException: .* has 2 bytes/);
  // In base64 it does not fit into a request of 16 MiB.
  assert.equal(
    await part(0, 13 * MIB - 1, Buffer.alloc(13 * MIB)),
    'RequestEntityTooLargeException: A request may have 16777216 bytes at most.',
  );
  await sendPart(uploadId, 0, Buffer.from('a'));
  await sendPart(uploadId, 1, Buffer.from('b'));
  assert.equal(
    await complete(digestOf('ab')),
    'LayerPartTooSmallException: All layer parts except the last part should be at least 5MB',
  );
  const wrong = await app('initiate-layer-upload');
  await sendPart(wrong.uploadId, 0, Buffer.from('a'));
  const mismatch = ['--upload-id', wrong.uploadId, '--layer-digests', digestOf('b')];
  assert.match(await refused('complete-layer-upload', ...mismatch), /^InvalidLayerException: /);
  assert.match(await refused('complete-layer-upload', ...mismatch), /^UploadNotFoundException: /);
  await assert.rejects(uploadLayer(Buffer.from(config)), /LayerAlreadyExistsException/);
});

test('tags move, until they are immutable', async () => {
  const again = await refused('put-image', '--image-manifest', manifest, '--image-tag', 'v1');
  assert.match(again, /^ImageAlreadyExistsException: Image with digest 'sha256:\w+' and tag 'v1' already exists/);
  const second = configOf('2');
  await uploadLayer(Buffer.from(second));
  await putImage(manifestOf(second), '--image-tag', 'v2');
  await app('put-image-tag-mutability', '--image-tag-mutability', 'IMMUTABLE');
  assert.equal(
    await refused('put-image', '--image-manifest', manifestOf(second), '--image-tag', 'v1'),
    "ImageTagAlreadyExistsException: The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the repository is immutable.",
  );
  const wrong = ['--image-manifest', manifest, '--image-tag', 'v3', '--image-digest', digestOf('x')];
  assert.match(await refused('put-image', ...wrong), /^ImageDigestDoesNotMatchException: /);
  await putImage(manifest, '--image-tag', 'v3');
  const { imageIds } = await app('list-images', '--filter', 'tagStatus=TAGGED');
  assert.deepEqual(imageIds.map((each: { imageTag: string }) => each.imageTag).toSorted(), ['v1', 'v2', 'v3']);
  const { images, failures } = await app('batch-get-image', '--image-ids', 'imageTag=v3', 'imageTag=v9');
  assert.equal(images[0].imageManifest, manifest);
  assert.deepEqual(failures, [
    { imageId: { imageTag: 'v9' }, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' },
  ]);
});

test('what speaks of an image is listed; an archived image is not pulled', async () => {
  const signature = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/vnd.example.signature',
    config: { mediaType: CONFIG_TYPE, digest: digestOf(config), size: config.length },
    layers: [],
    subject: { mediaType: TYPE, digest: digestOf(manifest), size: manifest.length },
  });
  await putImage(signature);
  const subjectId = { imageDigest: digestOf(manifest) };
  const list = new ListImageReferrersCommand({ repositoryName: 'app', subjectId });
  const { referrers } = await ecr.send(list);
  assert.deepEqual(
    referrers?.map((each) => [each.digest, each.artifactType]),
    [[digestOf(signature), 'application/vnd.example.signature']],
  );
  const imageId = { imageTag: 'v2' };
  const move = (targetStorageClass: 'ARCHIVE' | 'STANDARD') =>
    ecr.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId, targetStorageClass }));
  const pull = () => run('docker', ['pull', '--quiet', `${host}/app:v2`], { env: { DOCKER_CONFIG: folder } });
  assert.equal((await move('ARCHIVE')).imageStatus, 'ARCHIVED');
  assert.notEqual((await pull()).code, 0);
  assert.equal((await move('STANDARD')).imageStatus, 'ACTIVE');
  assert.equal((await pull()).code, 0);
});

test('images are deleted by tag and by digest', async () => {
  const remove = (...ids: readonly string[]) => app('batch-delete-image', '--image-ids', ...ids);
  const imageDigest = digestOf(manifest);
  assert.deepEqual(await remove('imageTag=v1', 'imageTag=none', `imageDigest=${digestOf('x')},imageTag=v2`), {
    imageIds: [{ imageDigest, imageTag: 'v1' }],
    failures: [
      { imageId: { imageTag: 'none' }, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' },
      {
        imageId: { imageDigest: digestOf('x'), imageTag: 'v2' },
        failureCode: 'ImageTagDoesNotMatchDigest',
        failureReason: 'Requested image tag does not match the requested image digest',
      },
    ],
  });
  const { imageDetails } = await app('describe-images', '--image-ids', `imageDigest=${imageDigest}`);
  assert.deepEqual(imageDetails[0].imageTags, ['v3']);
  await remove(`imageDigest=${imageDigest}`);
  const gone = await refused('describe-images', '--image-ids', 'imageTag=v3');
  assert.match(gone, /^ImageNotFoundException: The image with imageId \{imageDigest:'null', imageTag:'v3'\}/);
});
