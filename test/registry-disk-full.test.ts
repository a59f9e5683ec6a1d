import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BatchDeleteImageCommand, DescribeImagesCommand } from '@aws-sdk/client-ecr';
import type { ECRClient } from '@aws-sdk/client-ecr';
import { Longshore } from './harness/longshore.ts';
import { RegistryPusher, digestOf, imageOf } from './harness/push.ts';
import { createRepository } from './harness/registry.ts';
import { must, run } from './harness/run.ts';

/* A server whose data folder is a small tmpfs: images and store share it. The tests follow each other. */

const MIB = 1024 * 1024;
const DISK_MIB = 96;
/** More than the disk has. */
const LARGE_BYTES = 120 * MIB;
const WORDS = /no space left on device/;

let server: Longshore;
let ecr: ECRClient;
let pusher: RegistryPusher;
let folder: string;
let isMounted = false;
const large = `ls-disk-full:${process.pid}-${Date.now()}`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-full-'));
  server = await Longshore.start();
  ({ ecr } = await server.clients());
  await createRepository(ecr, 'app');
  await server.stop();
  await must('cp', ['-a', `${server.home}/.`, join(folder, 'home')]);
  await must('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0700`, 'longshore-test', server.home]);
  isMounted = true;
  await must('cp', ['-a', `${join(folder, 'home')}/.`, server.home]);
  await server.up();
  pusher = await RegistryPusher.open(server.endpoint, ecr);
});

after(async () => {
  await server?.stop();
  if (isMounted) await must('umount', [server.home]);
  await server?.remove();
  await run('docker', ['image', 'rm', '--force', large, `127.0.0.1:${server?.port}/app:large`]);
  await rm(folder, { recursive: true, force: true });
});

async function usedBytes(): Promise<number> {
  const { stdout } = await run('du', ['-sb', join(server.home, 'blobs')]);
  return Number.parseInt(stdout);
}

function randomImage(...sizes: readonly number[]) {
  return imageOf(
    randomBytes(100),
    sizes.map((size) => randomBytes(size)),
  );
}

async function taggedImages(): Promise<readonly string[]> {
  const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'app' }));
  return imageDetails.flatMap(({ imageTags = [] }) => imageTags).toSorted();
}

test('docker is told why its push ends, and nothing of it is kept', async () => {
  const kept = randomImage(4 * MIB);
  await pusher.pushImage('app', 'kept', kept);
  const usedBefore = await usedBytes();
  await mkdir(join(folder, 'context'));
  await writeFile(join(folder, 'context/random'), randomBytes(LARGE_BYTES));
  await writeFile(join(folder, 'context/Dockerfile'), 'FROM scratch\nCOPY random /\n');
  await must('docker', ['build', '-q', '-t', large, join(folder, 'context')], { env: { DOCKER_BUILDKIT: '0' } });
  const reference = `127.0.0.1:${server.port}/app:large`;
  await must('docker', ['tag', large, reference]);
  const env = { DOCKER_CONFIG: folder };
  const password = Buffer.from(pusher.authorization.slice('Basic '.length), 'base64').toString().slice('AWS:'.length);
  const login = ['login', '--username', 'AWS', '--password-stdin', `127.0.0.1:${server.port}`];
  await must('docker', login, { env, input: password });
  const pushed = await run('docker', ['push', reference], { env });
  assert.notEqual(pushed.code, 0);
  assert.match(pushed.stderr, /507 Insufficient Storage: no space left on device/);
  assert.deepEqual(await taggedImages(), ['kept']);
  assert.deepEqual(await pusher.tags('app'), ['kept']);
  assert.ok((await usedBytes()) - usedBefore < MIB, 'the space is given back at once');
  assert.equal(await pusher.pullImage('app', 'kept'), kept.digest);
});

test('whoever reads the answer gets the specification’s error body, however the bytes came', async () => {
  const layer = randomBytes(LARGE_BYTES);
  const digest = digestOf(layer);
  const told = async (answer: Response) => {
    assert.equal(answer.status, 507);
    const [error] = ((await answer.json()) as { errors: { code: string; message: string }[] }).errors;
    assert.equal(error?.code, 'UNKNOWN');
    assert.match(error?.message ?? '', WORDS);
  };
  const usedBefore = await usedBytes();
  await told(await pusher.send('POST', `/v2/app/blobs/uploads/?digest=${digest}`, { body: layer }));
  const begun = await pusher.send('POST', '/v2/app/blobs/uploads/');
  const location = begun.headers.get('location') ?? '';
  await told(await pusher.send('PATCH', location, { body: layer }));
  assert.equal((await pusher.send('GET', location)).status, 404, 'the upload is over');
  assert.equal((await pusher.send('HEAD', `/v2/app/blobs/${digest}`)).status, 404);
  assert.ok((await usedBytes()) - usedBefore < MIB);
});

test('pushes that compete for the last bytes end whole or not at all', async () => {
  const images = Array.from({ length: 6 }, () => randomImage(12 * MIB, 6 * MIB));
  const ended = await Promise.allSettled(images.map((image, i) => pusher.pushImage('app', `race-${i}`, image)));
  const failed = ended.filter((one) => one.status === 'rejected');
  assert.ok(failed.length > 0, '108 MiB do not fit');
  for (const { reason } of failed) assert.match(String(reason), WORDS);
  const tags = await taggedImages();
  for (const [i, image] of images.entries()) {
    const isThere = tags.includes(`race-${i}`);
    assert.equal(isThere, ended[i]?.status === 'fulfilled');
    if (isThere) assert.equal(await pusher.pullImage('app', `race-${i}`), image.digest);
  }
  const scrub = await run(join(import.meta.dirname, '../bin/longshore'), ['registry', 'scrub', '--home', server.home]);
  assert.equal(scrub.code, 0, scrub.stdout);
});

test('the server itself goes on when not a layer fits any more', async () => {
  for (let size = 16 * MIB; size >= 64 * 1024;) {
    const layer = randomBytes(size);
    const { status } = await pusher.send('POST', `/v2/app/blobs/uploads/?digest=${digestOf(layer)}`, { body: layer });
    assert.ok([201, 507].includes(status), String(status));
    if (status === 507) size /= 2;
  }
  for (let i = 0; i < 20; i++) await createRepository(ecr, `more/${i}`);
  const imageIds = [{ imageTag: 'kept' }];
  const deleted = await ecr.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds }));
  assert.deepEqual(deleted.failures, []);
  await server.kill9();
  await server.up();
  assert.ok(!(await taggedImages()).includes('kept'));
});

test('there is room again as soon as there is', async () => {
  await must('mount', ['-o', 'remount,size=192m', server.home]);
  const image = randomImage(20 * MIB);
  await pusher.pushImage('app', 'later', image);
  assert.equal(await pusher.pullImage('app', 'later'), image.digest);
});
