import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BatchDeleteImageCommand, DescribeImagesCommand, ListImagesCommand } from '@aws-sdk/client-ecr';
import type { ECRClient } from '@aws-sdk/client-ecr';
import { Longshore } from './harness/longshore.ts';
import { forgetImages } from './harness/registry.ts';
import { must, run } from './harness/run.ts';
import type { Ran } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';

/*
 * The registry as people use it: docker's client and engine, skopeo, and ECR's API, which all have to see the same
 * images. The tests follow each other.
 */

const NOT_THERE = "The repository with name 'nowhere' does not exist in the registry with id '123456789012'";

let server: Longshore;
let ecr: ECRClient;
let folder: string;
let host: string;
let password: string;
const unique = `${process.pid}-${Date.now()}`;
const [local, other] = [`ls-registry-test:${unique}`, `ls-registry-other:${unique}`];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-registry-'));
  // Layers that no engine has yet, so that a pull is one.
  await Promise.all([buildSiteImage(local, unique), buildSiteImage(other, `other-${unique}`)]);
  server = await Longshore.start();
  host = `127.0.0.1:${server.port}`;
  ({ ecr } = await server.clients());
});

after(async () => {
  await server?.remove();
  await Promise.all(['app', 'copy', 'nowhere', 'locked'].map((name) => forgetImages(`${host}/${name}`)));
  await run('docker', ['image', 'rm', '--force', local, other]);
  await rm(folder, { recursive: true, force: true });
});

/** Docker's client with a configuration of its own: nobody's login is touched. */
function docker(...args: readonly string[]): Promise<Ran> {
  return run('docker', args, { env: { DOCKER_CONFIG: folder } });
}

async function mustDocker(...args: readonly string[]): Promise<string> {
  return must('docker', args, { env: { DOCKER_CONFIG: folder } });
}

async function idOf(reference: string): Promise<string> {
  return (await mustDocker('image', 'inspect', '--format', '{{.Id}}', reference)).trim();
}

async function push(image: string, reference: string): Promise<Ran> {
  await mustDocker('tag', image, reference);
  return docker('push', reference);
}

function skopeo(...args: readonly string[]): Promise<string> {
  return must('skopeo', args);
}

async function describe(repositoryName: string, imageTag?: string) {
  const imageIds = imageTag === undefined ? {} : { imageIds: [{ imageTag }] };
  return (await ecr.send(new DescribeImagesCommand({ repositoryName, ...imageIds }))).imageDetails ?? [];
}

test('docker logs in with what the aws CLI prints, and with nothing else', async () => {
  const created = await server.awsJson(['ecr', 'create-repository', '--repository-name', 'app']);
  assert.equal(created.repository.repositoryUri, `${host}/app`);
  const printed = await server.aws(['ecr', 'get-login-password']);
  password = printed.stdout.trim();
  const login = (input: string, user = 'AWS') =>
    run('docker', ['login', '--username', user, '--password-stdin', host], { env: { DOCKER_CONFIG: folder }, input });
  for (const [input, user] of [['wrong'], [`${password}x`], [password, 'root']] as const) {
    const refused = await login(input, user);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /unauthorized|401/i);
  }
  const outside = await push(local, `${host}/app:v1`);
  assert.notEqual(outside.code, 0);
  assert.match(outside.stderr, /no basic auth credentials/);
  assert.deepEqual(await describe('app'), []);
  const accepted = await login(password);
  assert.equal(accepted.code, 0, accepted.stderr);
  assert.match(accepted.stdout, /Login Succeeded/);
});

test('an image comes back as it went in', async () => {
  const reference = `${host}/app:v1`;
  const id = await idOf(local);
  const pushed = await push(local, reference);
  assert.equal(pushed.code, 0, pushed.stderr);
  const digest = /v1: digest: (sha256:[0-9a-f]{64})/.exec(pushed.stdout)?.[1];
  assert.ok(digest);
  await mustDocker('image', 'rm', '--force', reference, local);
  assert.notEqual((await docker('image', 'inspect', id)).code, 0, 'the engine has forgotten it');
  assert.match(await mustDocker('pull', reference), /Downloaded newer image/);
  assert.equal(await idOf(reference), id);
  const byDigest = `${host}/app@${digest}`;
  await mustDocker('pull', byDigest);
  assert.equal(await idOf(byDigest), id);
  await mustDocker('tag', reference, local);
});

test('ECR tells what docker and skopeo see', async () => {
  const more = await push(local, `${host}/app:latest`);
  assert.match(more.stdout, /Layer already exists/);
  const source = `docker://${host}/app:v1`;
  const access = ['--tls-verify=false', '--creds', `AWS:${password}`];
  const [raw, inspected] = await Promise.all([
    skopeo('inspect', '--raw', ...access, source),
    skopeo('inspect', ...access, source),
  ]);
  const manifest: { mediaType: string; config: { size: number }; layers: { size: number }[] } = JSON.parse(raw);
  const details = await describe('app');
  assert.equal(details.length, 1);
  const [detail] = details;
  assert.ok(detail);
  const repoDigests = await mustDocker('image', 'inspect', '--format', '{{join .RepoDigests "\\n"}}', `${host}/app:v1`);
  assert.ok(repoDigests.split('\n').includes(`${host}/app@${detail.imageDigest}`), repoDigests);
  const { Digest, RepoTags } = JSON.parse(inspected);
  assert.equal(Digest, detail.imageDigest);
  assert.deepEqual(detail.imageTags?.toSorted(), ['latest', 'v1']);
  assert.deepEqual(RepoTags.toSorted(), ['latest', 'v1']);
  assert.equal(
    detail.imageSizeInBytes,
    [manifest.config, ...manifest.layers].reduce((sum, blob) => sum + blob.size, 0),
  );
  assert.equal(detail.imageManifestMediaType, manifest.mediaType);
  assert.ok(Math.abs(Date.now() - (detail.imagePushedAt?.getTime() ?? 0)) < 120_000);
  const listed = await ecr.send(new ListImagesCommand({ repositoryName: 'app' }));
  assert.deepEqual(listed.imageIds?.map(({ imageTag, imageDigest }) => `${imageTag} ${imageDigest}`).toSorted(), [
    `latest ${Digest}`,
    `v1 ${Digest}`,
  ]);
});

test('pushes that may not be are refused in ECR’s words', async () => {
  const nowhere = await push(local, `${host}/nowhere:v1`);
  assert.notEqual(nowhere.code, 0);
  assert.ok(nowhere.stderr.includes(NOT_THERE), nowhere.stderr);
  const missing = await docker('pull', `${host}/app:missing`);
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /manifest for .*app:missing not found|Requested image not found/);

  const create = ['ecr', 'create-repository', '--repository-name', 'locked', '--image-tag-mutability', 'IMMUTABLE'];
  await server.awsJson(create);
  const locked = `${host}/locked:v1`;
  assert.equal((await push(local, locked)).code, 0);
  const again = await push(other, locked);
  assert.notEqual(again.code, 0);
  assert.match(
    again.stderr,
    /The image tag 'v1' already exists in the 'locked' repository and cannot be overwritten because the (tag|repository) is immutable/,
  );
  const [kept] = await describe('locked', 'v1');
  assert.equal(kept?.imageDigest, (await describe('app', 'v1'))[0]?.imageDigest);
  const full = await server.aws(['ecr', 'delete-repository', '--repository-name', 'locked']);
  assert.match(full.stderr, /RepositoryNotEmptyException/);
  await server.awsJson(['ecr', 'delete-repository', '--repository-name', 'locked', '--force']);
});

test('skopeo copies out, in, and from repository to repository', async () => {
  await server.awsJson(['ecr', 'create-repository', '--repository-name', 'copy']);
  const source = `docker://${host}/app:v1`;
  const creds = `AWS:${password}`;
  const from = ['--src-tls-verify=false', '--src-creds', creds];
  const to = ['--dest-tls-verify=false', '--dest-creds', creds];
  const out = `dir:${join(folder, 'out')}`;
  await skopeo('copy', '--quiet', ...from, source, out);
  await Promise.all([
    skopeo('copy', '--quiet', ...from, ...to, source, `docker://${host}/copy:same`),
    skopeo('copy', '--quiet', '--format', 'oci', ...to, out, `docker://${host}/copy:oci`),
  ]);
  const [[app], [same], [oci]] = await Promise.all([
    describe('app', 'v1'),
    describe('copy', 'same'),
    describe('copy', 'oci'),
  ]);
  assert.equal(same?.imageDigest, app?.imageDigest);
  assert.equal(oci?.imageManifestMediaType, 'application/vnd.oci.image.manifest.v1+json');
  assert.notEqual(oci?.imageDigest, app?.imageDigest);
  const manifest = JSON.parse(await readFile(join(folder, 'out/manifest.json'), 'utf8'));
  assert.equal(await idOf(`${host}/app:v1`), manifest.config.digest);
  await mustDocker('pull', `${host}/copy:oci`);
  const config = await mustDocker('image', 'inspect', '--format', '{{json .Config.Entrypoint}}', `${host}/copy:oci`);
  assert.equal(config.trim(), '["/entry"]');
  const refused = await run('skopeo', ['inspect', '--tls-verify=false', '--creds', 'AWS:wrong', source]);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /unauthorized|authentication required|invalid username\/password/i);
});

test('a tag moves, and what it left stays until it is deleted', async () => {
  const [before] = await describe('app', 'latest');
  assert.equal((await push(other, `${host}/app:latest`)).code, 0);
  const [moved] = await describe('app', 'latest');
  assert.notEqual(moved?.imageDigest, before?.imageDigest);
  assert.deepEqual((await describe('app', 'v1'))[0]?.imageTags, ['v1']);
  assert.equal((await push(other, `${host}/app:v1`)).code, 0);
  const untagged = { repositoryName: 'app', filter: { tagStatus: 'UNTAGGED' as const } };
  const left = await ecr.send(new ListImagesCommand(untagged));
  assert.deepEqual(left.imageIds, [{ imageDigest: before?.imageDigest }]);
  await mustDocker('image', 'rm', '--force', `${host}/app:v1`, `${host}/app@${before?.imageDigest}`);
  await mustDocker('pull', `${host}/app@${before?.imageDigest}`);
  const imageIds = [{ imageTag: 'latest' }, { imageDigest: before?.imageDigest }, { imageTag: 'never' }];
  const answer = await ecr.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds }));
  assert.deepEqual(answer.imageIds, [
    { imageTag: 'latest', imageDigest: moved?.imageDigest },
    { imageDigest: before?.imageDigest },
  ]);
  assert.deepEqual(
    answer.failures?.map(({ imageId, failureCode }) => ({ imageId, failureCode })),
    [{ imageId: { imageTag: 'never' }, failureCode: 'ImageNotFound' }],
  );
  const rest = await describe('app');
  assert.deepEqual(
    rest.map(({ imageDigest, imageTags }) => ({ imageDigest, imageTags })),
    [{ imageDigest: moved?.imageDigest, imageTags: ['v1'] }],
  );
  // Not docker: its engine answers a digest that it knows by itself.
  const access = ['--tls-verify=false', '--creds', `AWS:${password}`];
  const gone = await run('skopeo', ['inspect', '--raw', ...access, `docker://${host}/app@${before?.imageDigest}`]);
  assert.notEqual(gone.code, 0);
  assert.match(gone.stderr, /manifest unknown|Requested image not found/);
});

test('images, and logins, survive a power cut', async () => {
  const id = await idOf(other);
  const described = await describe('app');
  await server.kill9();
  await server.up();
  assert.deepEqual(await describe('app'), described);
  await mustDocker('image', 'rm', '--force', id);
  assert.notEqual((await docker('image', 'inspect', id)).code, 0, 'the engine has forgotten it');
  assert.match(await mustDocker('pull', `${host}/app:v1`), /Downloaded newer image/);
  assert.equal(await idOf(`${host}/app:v1`), id);
});
