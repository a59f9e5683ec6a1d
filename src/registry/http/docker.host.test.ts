import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { FakeClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';
import { SqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { digestOf } from '../digest.ts';
import { FileBlobs } from '../file-blobs/file-blobs.ts';
import { startRegistryServer } from './testing.ts';
import type { RegistryServer } from './testing.ts';

/*
 * Docker's own client and engine, and skopeo, against the registry on loopback, with its bytes in files: what it does
 * for the clients that people use. Needs a running Docker Engine.
 */

const run = promisify(execFile);
const clock = new FakeClock();
const images = new Set<string>();
let folder: string;
let server: RegistryServer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-registry-'));
  await mkdir(join(folder, 'docker'));
  server = await start();
});

after(async () => {
  await server.close();
  if (images.size > 0) await docker('rmi', '--force', ...images).catch(() => {});
  await rm(folder, { recursive: true, force: true });
});

async function start(port?: number): Promise<RegistryServer> {
  const blobs = await FileBlobs.open(join(folder, 'registry'), clock);
  const store = new SqliteStore(join(folder, 'store.sqlite'));
  return startRegistryServer({ blobs, store, clock, ...(port !== undefined && { port }) });
}

/** Docker's client with a configuration of its own, so that nobody's login is touched. */
const docker = (...args: string[]) => run('docker', ['--config', join(folder, 'docker'), ...args]);
const skopeo = (...args: string[]) => run('skopeo', args);

function login(password: string): Promise<unknown> {
  const login = docker('login', '--username', 'AWS', '--password-stdin', server.host);
  login.child.stdin?.end(password);
  return login;
}

/** Builds an image FROM scratch whose layer nobody has. */
async function build(name: string): Promise<string> {
  const context = join(folder, systemIds.hex(8));
  await mkdir(context);
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY content /content\nCMD ["/content"]\n');
  await writeFile(join(context, 'content'), systemIds.bytes(300_000));
  const reference = `${server.host}/${name}`;
  images.add(reference);
  await run('docker', ['build', '--quiet', '--tag', reference, context], {
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
  });
  return reference;
}

const imageId = async (reference: string) =>
  (await docker('image', 'inspect', '--format', '{{.Id}}', reference)).stdout.trim();

test('docker logs in, pushes and pulls; a wrong password stays outside', async () => {
  const reference = await build('app:v1');
  await assert.rejects(login('wrong'), /unauthorized|401/i);
  await assert.rejects(docker('push', reference), /no basic auth credentials|unauthorized/i);
  await login(server.password);
  const id = await imageId(reference);
  const pushed = (await docker('push', reference)).stdout;
  assert.match(pushed, /v1: digest: sha256:[0-9a-f]{64}/);
  assert.match((await docker('push', reference)).stdout, /Layer already exists/);
  await docker('rmi', '--force', reference);
  await docker('pull', reference);
  assert.equal(await imageId(reference), id);
  await assert.rejects(docker('push', await build('nowhere:v1')), /repository with name 'nowhere' does not exist/);
});

test('docker mounts the layers of another repository', async () => {
  const reference = await build('app:mount');
  await login(server.password);
  await docker('push', reference);
  const other = `${server.host}/other:mount`;
  images.add(other);
  await docker('tag', reference, other);
  assert.match((await docker('push', other)).stdout, /Mounted from app/);
});

test('skopeo copies out and in, and the digest stays', async () => {
  const reference = await build('app:skopeo');
  await login(server.password);
  await docker('push', reference);
  const copy = `dir:${join(folder, 'copy')}`;
  const credentials = `AWS:${server.password}`;
  await skopeo('copy', '--quiet', '--src-tls-verify=false', '--src-creds', credentials, `docker://${reference}`, copy);
  const target = `docker://${server.host}/other:skopeo`;
  await skopeo('copy', '--quiet', '--dest-tls-verify=false', '--dest-creds', credentials, copy, target);
  const manifest = await readFile(join(folder, 'copy', 'manifest.json'), 'utf8');
  const { stdout } = await skopeo('inspect', '--tls-verify=false', '--creds', credentials, target);
  const { Digest } = JSON.parse(stdout) as { Digest: string };
  assert.equal(Digest, digestOf(manifest));
  const oci = `docker://${server.host}/other:oci`;
  const toOci = ['copy', '--quiet', '--format', 'oci', '--dest-tls-verify=false', '--dest-creds', credentials];
  await skopeo(...toOci, copy, oci);
  const head = await server.send('HEAD', '/v2/other/manifests/oci');
  assert.equal(head.headers.get('content-type'), 'application/vnd.oci.image.manifest.v1+json');
});

test('an upload goes on after a restart of the server', async () => {
  const location = (await server.send('POST', '/v2/app/blobs/uploads/')).headers.get('location') ?? '';
  const [first, second] = [systemIds.hex(100_000), systemIds.hex(50_000)];
  await server.send('PATCH', location, { body: first });
  const port = Number(server.host.split(':')[1]);
  await server.close();
  server = await start(port);
  const status = await server.send('GET', location);
  assert.equal(status.headers.get('range'), '0-99999');
  await server.send('PATCH', location, { body: second, headers: { 'content-range': '100000-149999' } });
  const digest = digestOf(first + second);
  assert.equal((await server.send('PUT', `${location}?digest=${digest}`)).status, 201);
  assert.equal(await (await server.send('GET', `/v2/app/blobs/${digest}`)).text(), first + second);
});
