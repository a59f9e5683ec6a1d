import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  DescribeImageReplicationStatusCommand,
  DescribeReplicationBackfillResultsCommand,
  ListImagesCommand,
  PutReplicationConfigurationCommand,
  StartReplicationBackfillCommand,
} from '@aws-sdk/client-ecr';
import type { ImageReplicationStatus } from '@aws-sdk/client-ecr';
import { Longshore } from '../harness/longshore.ts';
import { RegistryPusher } from '../harness/push.ts';
import { createRepository } from '../harness/registry.ts';
import { run } from '../harness/run.ts';
import { until } from '../harness/until.ts';

/*
 * Images that go to another server: an index, an artifact about it, tags that move, while that server is away and over a
 * sudden end of this one. The tests follow each other.
 */

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
/** Where rules send images: the other server with a key of it, with a key that is nobody's, and no server. */
const THERE = { region: 'eu-west-1', registryId: '210987654321' };
const STRANGER = { region: 'eu-west-2', registryId: '210987654321' };
const NOWHERE = { region: 'eu-west-3', registryId: '210987654321' };

let folder: string;
let here: Longshore;
let there: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let thereClients: Awaited<ReturnType<Longshore['clients']>>;
let pusher: RegistryPusher;
let puller: RegistryPusher;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-replication-'));
  there = await Longshore.start({ args: ['--account', THERE.registryId] });
  thereClients = await there.clients({ region: THERE.region });
  const key = await there.credentials();
  const file = join(folder, 'targets.json');
  const targets = [
    { ...THERE, url: there.endpoint, ...key },
    { ...STRANGER, url: there.endpoint, username: 'AWS', password: 'guess' },
  ];
  await writeFile(file, JSON.stringify(targets), { mode: 0o600 });
  here = await Longshore.start({ args: ['--replication-targets', file] });
  clients = await here.clients();
  await createRepository(clients.ecr, 'team/web');
  pusher = await RegistryPusher.open(here.endpoint, clients.ecr);
  puller = await RegistryPusher.open(there.endpoint, thereClients.ecr);
});

after(async () => {
  await here?.remove();
  await there?.remove();
  await rm(folder, { recursive: true, force: true });
});

const sha256 = (content: string | Uint8Array) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

function descriptorOf(mediaType: string, content: string | Buffer) {
  return { mediaType, digest: sha256(content), size: Buffer.byteLength(content) };
}

async function pushBlob(content: string | Buffer): Promise<void> {
  const body = new Uint8Array(Buffer.from(content));
  const sent = await pusher.send('POST', `/v2/team/web/blobs/uploads/?digest=${sha256(content)}`, { body });
  assert.equal(sent.status, 201, await sent.text());
}

/** Answers the digest. */
async function pushManifest(
  manifest: { readonly mediaType: string; readonly [member: string]: unknown },
  reference?: string,
): Promise<string> {
  const body = JSON.stringify(manifest);
  const digest = sha256(body);
  const headers = { 'content-type': manifest.mediaType };
  const put = await pusher.send('PUT', `/v2/team/web/manifests/${reference ?? digest}`, { headers, body });
  assert.equal(put.status, 201, await put.text());
  return digest;
}

/** An image of one random layer, pushed by its digest or a tag; answers its manifest. */
async function pushImage(architecture: string, layerBytes: number, tag?: string) {
  const config = JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
  const layer = randomBytes(layerBytes);
  for (const blob of [config, layer]) await pushBlob(blob);
  const mediaType = OCI_IMAGE;
  const manifest = { schemaVersion: 2, mediaType, config: descriptorOf(OCI_CONFIG, config) };
  const image = { ...manifest, layers: [descriptorOf(LAYER, layer)] };
  await pushManifest(image, tag);
  return { image, descriptor: descriptorOf(OCI_IMAGE, JSON.stringify(image)), layer };
}

async function replicateTo(...destinations: readonly { region: string; registryId: string }[]): Promise<void> {
  const replicationConfiguration = { rules: destinations.length > 0 ? [{ destinations: [...destinations] }] : [] };
  await clients.ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration }));
}

async function statusOf(imageDigest: string): Promise<readonly ImageReplicationStatus[]> {
  const input = { repositoryName: 'team/web', imageId: { imageDigest } };
  const { replicationStatuses = [] } = await clients.ecr.send(new DescribeImageReplicationStatusCommand(input));
  return replicationStatuses;
}

async function settled(imageDigest: string): Promise<readonly ImageReplicationStatus[]> {
  return until('the replication is over', async () => {
    const statuses = await statusOf(imageDigest);
    return statuses.every(({ status }) => status !== 'IN_PROGRESS') && statuses;
  });
}

const pull = (path: string) => puller.send('GET', `/v2/team/web/${path}`);

const complete = { ...THERE, status: 'COMPLETE' };
let index: string;
let layer: Buffer;

test('an index with its images and an artifact about it arrive, byte for byte, in a repository made for them', async () => {
  await replicateTo(THERE);
  const amd64 = await pushImage('amd64', 3_000_000);
  const arm64 = await pushImage('arm64', 5);
  layer = amd64.layer;
  const manifests = [amd64, arm64].map(({ descriptor }) => descriptor);
  const text = { schemaVersion: 2, mediaType: OCI_INDEX, manifests };
  index = await pushManifest(text, 'v1');
  await pushBlob('{}');
  const artifact = await pushManifest({
    schemaVersion: 2,
    mediaType: OCI_IMAGE,
    artifactType: 'example/sbom',
    config: descriptorOf('application/vnd.oci.empty.v1+json', '{}'),
    layers: [],
    subject: descriptorOf(OCI_INDEX, JSON.stringify(text)),
  });
  for (const digest of [index, artifact]) assert.deepEqual(await settled(digest), [complete]);
  const pulled = await pull('manifests/v1');
  assert.equal(pulled.headers.get('content-type'), OCI_INDEX);
  assert.equal(await pulled.text(), JSON.stringify(text));
  const blob = await pull(`blobs/${sha256(layer)}`);
  assert.deepEqual(Buffer.from(await blob.arrayBuffer()), layer);
  const { manifests: referrers } = (await (await pull(`referrers/${index}`)).json()) as { manifests: object[] };
  assert.equal(referrers.length, 1);
  const { imageIds } = await thereClients.ecr.send(new ListImagesCommand({ repositoryName: 'team/web' }));
  assert.equal(imageIds?.length, 4);
});

test('while the other server is away images wait for it, also over a kill -9 of this one', async () => {
  await there.stop();
  const { descriptor } = await pushImage('amd64', 1_000_000, 'v2');
  assert.deepEqual(await statusOf(descriptor.digest), [{ ...THERE, status: 'IN_PROGRESS' }]);
  await until('it was tried', async () => here.log.includes('does not answer'));
  await here.kill9();
  await here.up();
  assert.deepEqual(await statusOf(descriptor.digest), [{ ...THERE, status: 'IN_PROGRESS' }]);
  await there.up();
  assert.deepEqual(await settled(descriptor.digest), [complete]);
  assert.equal((await pull('manifests/v2')).headers.get('docker-content-digest'), descriptor.digest);
});

test('a tag that moves, moves there', async () => {
  const { descriptor } = await pushImage('arm64', 10, 'v1');
  assert.deepEqual(await settled(descriptor.digest), [complete]);
  assert.equal((await pull('manifests/v1')).headers.get('docker-content-digest'), descriptor.digest);
});

test('a registry that refuses us, and one that nobody has named, are failures that say so', async () => {
  await replicateTo(STRANGER, NOWHERE);
  const { descriptor } = await pushImage('amd64', 11, 'v3');
  assert.deepEqual(
    new Set(await settled(descriptor.digest)),
    new Set([
      { ...STRANGER, status: 'FAILED', failureCode: 'AccessDenied' },
      { ...NOWHERE, status: 'FAILED', failureCode: 'RegistryNotFound' },
    ]),
  );
  assert.ok(!here.log.includes('guess'), 'no secret is logged');
});

test('a backfill brings there what was pushed before the rule', async () => {
  await replicateTo();
  const { descriptor } = await pushImage('amd64', 12, 'before');
  await replicateTo(THERE);
  const started = await clients.ecr.send(new StartReplicationBackfillCommand({ destination: THERE }));
  const { replicationBackfillId } = started;
  const done = await until('the backfill is complete', async () => {
    const described = await clients.ecr.send(new DescribeReplicationBackfillResultsCommand({ replicationBackfillId }));
    return described.status === 'COMPLETE' && described;
  });
  assert.equal(done.progress?.failedReplicationCount, 0);
  assert.equal((await pull('manifests/before')).headers.get('docker-content-digest'), descriptor.digest);
});

test('a file that others can read, or that says what nobody understands, is refused at the start', async () => {
  const file = join(folder, 'bad.json');
  const main = join(import.meta.dirname, '../../src/server/main.ts');
  const start = () =>
    run(process.execPath, [main, '--home', join(folder, 'home'), '--port', '0', '--replication-targets', file]);
  await writeFile(file, '[]', { mode: 0o644 });
  assert.match((await start()).stderr, /chmod 600/);
  await rm(file);
  await writeFile(file, JSON.stringify([{ ...THERE, url: 'https://a.example', pasword: 'x' }]), { mode: 0o600 });
  const refused = await start();
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /target 1: pasword is not known/);
});
