import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { Longshore } from '../harness/longshore.ts';
import { createRepository, forgetImages } from '../harness/registry.ts';
import { must, run } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';

/*
 * The programs that people push and pull with, and the protocol itself over HTTP. Those that Debian ships are always
 * here; a test of another one is there where the machine has it.
 */

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const image = `ls-clients-test:${process.pid}-${Date.now()}`;
let server: Longshore;
let folder: string;
let host: string;
/** As GetAuthorizationToken gives it. */
let token: string;
/** The digest of `app:v1`. */
let digest: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-clients-'));
  await buildSiteImage(image, String(Date.now()));
  server = await Longshore.start();
  host = `127.0.0.1:${server.port}`;
  const { ecr } = await server.clients();
  for (const name of ['app', 'other', 'team/artifacts']) await createRepository(ecr, name);
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  token = authorizationData?.[0]?.authorizationToken ?? '';
  const password = Buffer.from(token, 'base64').toString().slice('AWS:'.length);
  await use('docker', ['login', '--username', 'AWS', '--password-stdin', host], password);
  await must('docker', ['tag', image, `${host}/app:v1`]);
  const pushed = await use('docker', ['push', `${host}/app:v1`]);
  digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1] ?? '';
});

after(async () => {
  await forgetImages(host);
  await server?.remove();
  await run('docker', ['image', 'rm', '--force', image]);
  await rm(folder, { recursive: true, force: true });
});

/** Runs a client with the login of these tests and nobody else's; it must succeed. */
function use(client: string, args: readonly string[], input?: string): Promise<string> {
  const env = { DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: join(folder, 'config.json'), COSIGN_PASSWORD: '' };
  return must(client, args, { env, cwd: folder, ...(input !== undefined && { input }) });
}

function hasClient(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((path) => existsSync(join(path, name)));
}

/** The storage of podman and buildah, apart from the machine's own. */
const storage = () => ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];

function send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Basic ${token}`;
  return fetch(`http://${host}/v2/${path}`, {
    method,
    headers: { authorization, ...headers },
    ...(body !== undefined && { body }),
  });
}

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const descriptorOf = (mediaType: string, text: string): Descriptor => ({
  mediaType,
  digest: sha256(text),
  size: Buffer.byteLength(text),
});

async function pushManifest(repository: string, reference: string, text: string, type: string): Promise<Response> {
  const put = await send('PUT', `${repository}/manifests/${reference}`, text, { 'content-type': type });
  assert.equal(put.status, 201, await put.clone().text());
  return put;
}

async function manifestOf(repository: string, reference: string) {
  const got = await send('GET', `${repository}/manifests/${reference}`);
  assert.equal(got.status, 200);
  return {
    type: got.headers.get('content-type'),
    digest: got.headers.get('docker-content-digest'),
    text: await got.text(),
  };
}

test('docker mounts layers across repositories, and pulls by digest', async () => {
  await must('docker', ['tag', image, `${host}/other:docker`]);
  assert.match(await use('docker', ['push', `${host}/other:docker`]), /Mounted from app/);
  await must('docker', ['image', 'rm', `${host}/other:docker`]);
  await use('docker', ['pull', `${host}/other@${digest}`]);
  const found = await must('docker', ['image', 'inspect', '--format', '{{.RepoDigests}}', `${host}/other@${digest}`]);
  assert.ok(found.includes(`${host}/other@${digest}`), found);
});

test('skopeo copies, converts, lists and deletes', async () => {
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
  const copy = (...args: string[]) => use('skopeo', ['copy', '--quiet', ...insecure, ...args]);
  await copy(`docker://${host}/app:v1`, `dir:${join(folder, 'copy')}`);
  await copy('--format', 'oci', `dir:${join(folder, 'copy')}`, `docker://${host}/other:oci`);
  const oci = await manifestOf('other', 'oci');
  assert.equal(oci.type, OCI_IMAGE);
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{ ...descriptorOf(OCI_IMAGE, oci.text), platform: { os: 'linux', architecture: 'amd64' } }],
  });
  await pushManifest('other', 'index', index, OCI_INDEX);
  await copy('--all', `docker://${host}/other:index`, `docker://${host}/team/artifacts:index`);
  assert.equal((await manifestOf('team/artifacts', 'index')).text, index);
  assert.equal((await manifestOf('team/artifacts', sha256(oci.text))).text, oci.text);
  const listed = await use('skopeo', ['list-tags', '--tls-verify=false', `docker://${host}/team/artifacts`]);
  assert.ok(JSON.parse(listed).Tags.includes('index'));
  await use('skopeo', ['delete', '--tls-verify=false', `docker://${host}/team/artifacts:index`]);
  assert.equal((await send('HEAD', 'team/artifacts/manifests/index')).status, 404);
  assert.equal((await send('HEAD', `team/artifacts/manifests/${sha256(oci.text)}`)).status, 200);
});

test('an artifact about an image is pushed, found and filtered over HTTP', async () => {
  for (const content of ['{}', 'an SBOM']) {
    const pushed = await send('POST', `app/blobs/uploads/?digest=${sha256(content)}`, content);
    assert.equal(pushed.status, 201);
  }
  const { type, text } = await manifestOf('app', 'v1');
  const artifact = (artifactType: string, subject: Descriptor) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_IMAGE,
      artifactType,
      config: descriptorOf(EMPTY, '{}'),
      layers: [descriptorOf('text/plain', 'an SBOM')],
      subject,
      annotations: { note: artifactType },
    });
  const sbom = artifact('example/sbom', descriptorOf(type ?? '', text));
  const licence = artifact('example/licence', descriptorOf(type ?? '', text));
  for (const manifest of [sbom, licence]) {
    const put = await pushManifest('app', sha256(manifest), manifest, OCI_IMAGE);
    assert.equal(put.headers.get('oci-subject'), digest);
    assert.equal(put.headers.get('docker-content-digest'), sha256(manifest));
  }
  const find = async (query = '') => {
    const found = await send('GET', `app/referrers/${digest}${query}`);
    assert.equal(found.status, 200);
    assert.equal(found.headers.get('content-type'), OCI_INDEX);
    const { manifests } = (await found.json()) as { manifests: Descriptor[] };
    return { applied: found.headers.get('oci-filters-applied'), manifests };
  };
  const all = await find();
  assert.equal(all.applied, null);
  assert.deepEqual(new Set(all.manifests.map((each) => each.digest)), new Set([sha256(sbom), sha256(licence)]));
  const filtered = await find('?artifactType=example%2Fsbom');
  assert.equal(filtered.applied, 'artifactType');
  const described = { artifactType: 'example/sbom', annotations: { note: 'example/sbom' } };
  assert.deepEqual(filtered.manifests, [{ ...descriptorOf(OCI_IMAGE, sbom), ...described }]);
  const orphan = artifact('example/sbom', descriptorOf(OCI_IMAGE, 'not here'));
  const put = await pushManifest('app', 'orphan', orphan, OCI_IMAGE);
  assert.match(put.headers.get('warning') ?? '', /is not in this repository/);
});

test('a token opens the registry as Basic and as Bearer, and nothing else does', async () => {
  const password = Buffer.from(token, 'base64').toString().slice('AWS:'.length);
  for (const authorization of [`Basic ${token}`, `Bearer ${token}`, `Bearer ${password}`]) {
    assert.equal((await send('GET', '', undefined, { authorization })).status, 200, authorization.split(' ')[0]);
  }
  const stranger = await fetch(`http://${host}/v2/`);
  assert.equal(stranger.status, 401);
  assert.match(stranger.headers.get('www-authenticate') ?? '', /^Basic realm=/);
  assert.equal((await send('GET', '', undefined, { authorization: 'Bearer guess' })).status, 401);
});

test('podman pulls and pushes', async () => {
  const podman = (...args: string[]) => use('podman', [...storage(), '--tmpdir', join(folder, 'podman'), ...args]);
  await podman('pull', '--quiet', '--tls-verify=false', `${host}/app:v1`);
  await podman('push', '--quiet', '--tls-verify=false', `${host}/app:v1`, `${host}/other:podman`);
  assert.equal((await send('HEAD', 'other/manifests/podman')).status, 200);
});

test('buildah builds, pushes, and makes a list of images', async () => {
  const buildah = (...args: string[]) => use('buildah', [...storage(), ...args]);
  await writeFile(join(folder, 'file'), 'of buildah');
  const container = (await buildah('from', 'scratch')).trim();
  await buildah('copy', container, join(folder, 'file'), '/file');
  await buildah('commit', '--quiet', '--tls-verify=false', container, `docker://${host}/app:buildah`);
  await buildah('manifest', 'create', 'all');
  await buildah('manifest', 'add', '--tls-verify=false', 'all', `docker://${host}/app:buildah`);
  await buildah('manifest', 'push', '--all', '--tls-verify=false', 'all', `docker://${host}/app:list`);
  const { manifests } = JSON.parse((await manifestOf('app', 'list')).text) as { manifests: Descriptor[] };
  assert.equal(manifests[0]?.digest, (await manifestOf('app', 'buildah')).digest);
});

if (hasClient('crane')) {
  test('crane copies, tags, verifies and deletes', async () => {
    const crane = (...args: string[]) => use('crane', ['--insecure', ...args]);
    assert.equal((await crane('digest', `${host}/app:v1`)).trim(), digest);
    await crane('copy', `${host}/app:v1`, `${host}/other:crane`);
    await crane('tag', `${host}/other:crane`, 'crane-2');
    assert.match(await crane('ls', `${host}/other`), /^crane\ncrane-2$/m);
    await crane('validate', '--remote', `${host}/other:crane`);
    await crane('pull', `${host}/other:crane`, join(folder, 'crane.tar'));
    await crane('push', join(folder, 'crane.tar'), `${host}/other:crane-3`);
    await crane('delete', `${host}/other:crane-3`);
    assert.equal((await send('HEAD', 'other/manifests/crane-3')).status, 404);
  });
}

if (hasClient('oras')) {
  test('oras attaches to an image, discovers and pulls', async () => {
    const oras = (...args: string[]) => use('oras', [...args.slice(0, 1), '--plain-http', ...args.slice(1)]);
    await writeFile(join(folder, 'notes.txt'), 'of oras');
    await oras('attach', '--artifact-type', 'example/notes', `${host}/app:v1`, 'notes.txt:text/plain');
    const found = await oras('discover', '--format', 'json', '--artifact-type', 'example/notes', `${host}/app:v1`);
    const attached = /sha256:[0-9a-f]{64}/g;
    const other = [...found.matchAll(attached)].map((match) => match[0]).find((each) => each !== digest);
    await mkdir(join(folder, 'pulled'));
    await oras('pull', '--output', 'pulled', `${host}/app@${other}`);
    assert.ok(existsSync(join(folder, 'pulled/notes.txt')));
  });
}

if (hasClient('cosign')) {
  test('cosign signs an image and verifies it', async () => {
    await use('cosign', ['generate-key-pair']);
    const reference = `${host}/app@${digest}`;
    const offline = ['--tlog-upload=false', '--use-signing-config=false', '--yes'];
    await use('cosign', ['sign', '--allow-http-registry', ...offline, '--key', 'cosign.key', reference]);
    const verify = ['verify', '--allow-http-registry', '--insecure-ignore-tlog', '--key', 'cosign.pub', reference];
    assert.ok((await use('cosign', verify)).includes(digest));
  });
}
