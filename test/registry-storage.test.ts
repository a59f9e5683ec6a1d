import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Longshore } from './harness/longshore.ts';
import { RegistryPusher, digestOf, imageOf } from './harness/push.ts';
import type { MadeImage } from './harness/push.ts';
import { createRepository } from './harness/registry.ts';
import { must, run } from './harness/run.ts';
import type { Ran } from './harness/run.ts';
import { until } from './harness/until.ts';

/* What the registry keeps, and how an operator looks after it. The tests follow each other. */

const MIB = 1024 * 1024;
const PUSHES = 16;
const LAYER_MB = Number(process.env['LONGSHORE_LAYER_MB'] ?? 512);
/** Far less than the layer, and room for the garbage of a busy JavaScript process. */
const MOST_GROWTH_BYTES = 128 * MIB;

let server: Longshore;
let pusher: RegistryPusher;
let folder: string;
/** Compressed already, or skopeo would do it. */
const layers = [6 * MIB, 3 * MIB, 100].map((size) => gzipSync(randomBytes(size), { level: 1 }));
const image = imageOf(Buffer.from('{}'), layers);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-storage-'));
  server = await Longshore.start();
  const { ecr } = await server.clients();
  for (const name of ['app', 'team/copy', 'big']) await createRepository(ecr, name);
  pusher = await RegistryPusher.open(server.endpoint, ecr);
});

after(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

function longshore(...args: readonly string[]): Promise<Ran> {
  return run(join(import.meta.dirname, '../bin/longshore'), args, { env: { LONGSHORE_HOME: server.home } });
}

async function usage(): Promise<any> {
  const ran = await longshore('usage', '--json');
  assert.equal(ran.code, 0, ran.stderr);
  return JSON.parse(ran.stdout);
}

/** As skopeo's `dir:` holds an image. */
async function writeImage(to: string, { manifest, blobs }: MadeImage): Promise<void> {
  await mkdir(to);
  await writeFile(join(to, 'version'), 'Directory Transport Version: 1.1\n');
  await writeFile(join(to, 'manifest.json'), manifest);
  for (const blob of blobs) await writeFile(join(to, digestOf(blob).slice('sha256:'.length)), blob);
}

async function skopeoPush(name: string, tag: string): Promise<Ran> {
  const creds = Buffer.from(pusher.authorization.slice('Basic '.length), 'base64').toString();
  const to = `docker://127.0.0.1:${server.port}/${name}:${tag}`;
  const from = `dir:${join(folder, 'image')}`;
  return run('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', '--dest-creds', creds, from, to]);
}

function blobFile(blob: Buffer): string {
  const hex = digestOf(blob).slice('sha256:'.length);
  return join(server.home, 'blobs/blobs/sha256', hex.slice(0, 2), hex);
}

test(`${PUSHES} pushes of the same layers at once store each layer once`, async () => {
  await writeImage(join(folder, 'image'), image);
  const targets = Array.from({ length: PUSHES }, (_, i) => [i % 2 === 0 ? 'app' : 'team/copy', `v${i}`] as const);
  const pushed = await Promise.all(targets.map(([name, tag]) => skopeoPush(name, tag)));
  for (const { code, stderr } of pushed) assert.equal(code, 0, stderr);
  for (const [name, tag] of targets) assert.equal(await pusher.pullImage(name, tag), image.digest);
  const blobBytes = image.blobs.reduce((sum, blob) => sum + blob.length, 0);
  const { repositories, ...all } = await usage();
  assert.equal(all.blobs, image.blobs.length);
  assert.deepEqual([all.unusedBlobs, all.uploads, all.savedBytes], [0, 0, blobBytes]);
  const { stdout } = await run('find', [join(server.home, 'blobs'), '-type', 'f']);
  assert.equal(stdout.trim().split('\n').length, image.blobs.length);
  const bytes = blobBytes + image.manifest.length;
  const seen = repositories.map((one: any) => [one.name, one.images, one.bytes]);
  assert.deepEqual(seen, [
    ['app', 1, bytes],
    ['team/copy', 1, bytes],
  ]);
});

test('the operator sees what is stored, what is saved, and what AWS would charge', async () => {
  const { stdout } = await longshore('usage');
  assert.match(stdout, /^123456789012\/us-east-1\/team\/copy +1 +9\.0 MiB +<\$0\.01$/m);
  assert.match(stdout, /^Saved +9\.0 MiB/m);
  assert.match(stdout, /^Amazon ECR +<\$0\.01 a month for the same, at \$0\.10 per GB-month$/m);
  const metrics = await fetch(`${server.endpoint}/_longshore/metrics`);
  assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await metrics.text();
  assert.match(text, /^longshore_registry_repository_bytes\{.*repository="app"\} \d+$/m);
  assert.match(text, /^longshore_registry_saved_bytes \d{7}$/m);
  for (const [method, path] of [
    ['GET', 'usage'],
    ['POST', 'gc'],
    ['POST', 'scrub'],
  ] as const) {
    const refused = await fetch(`${server.endpoint}/_longshore/registry/${path}`, { method });
    assert.equal(refused.status, 403, 'unsigned');
    assert.match(await refused.text(), /MissingAuthenticationTokenException/);
  }
});

test('a scrub names what is damaged and what that breaks, and a push mends it', async () => {
  const clean = await longshore('registry', 'scrub');
  assert.equal(clean.code, 0, clean.stderr);
  assert.match(clean.stdout, /Read 4 blobs \(9\.0 MiB\) and 2 manifests: all as they were pushed/);
  const [, damaged = Buffer.alloc(0), missing = Buffer.alloc(0)] = image.blobs;
  const rot = Buffer.from(damaged);
  rot.writeUInt8(rot.readUInt8(1000) ^ 1, 1000);
  await writeFile(blobFile(damaged), rot);
  await rm(blobFile(missing));
  const found = await longshore('registry', 'scrub');
  assert.equal(found.code, 1);
  assert.match(found.stdout, new RegExp(`^damaged blob ${digestOf(damaged)}`, 'm'));
  assert.match(found.stdout, new RegExp(`^missing blob ${digestOf(missing)}`, 'm'));
  assert.match(found.stdout, /breaks 123456789012\/us-east-1\/app:v0, .*app:v2/);
  assert.match(found.stdout, /breaks 123456789012\/us-east-1\/team\/copy:v1, /);
  assert.equal((await longshore('registry', 'scrub', '--quarantine')).code, 1);
  const mended = await skopeoPush('app', 'v0');
  assert.equal(mended.code, 0, mended.stderr);
  const again = await longshore('registry', 'scrub');
  assert.equal(again.code, 0, again.stdout);
  assert.equal(await pusher.pullImage('team/copy', 'v1'), image.digest);
});

test('gc tells what would go, and takes nothing before its time', async () => {
  await pusher.pushBlob('app', Buffer.from('of no image'));
  for (const flags of [['--dry-run'], []]) {
    const ran = await longshore('registry', 'gc', '--json', ...flags);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(JSON.parse(ran.stdout), { links: 0, blobs: 0, blobBytes: 0, uploads: 0, uploadBytes: 0 });
  }
  assert.match((await longshore('registry', 'gc', '--dry-run')).stdout, /^Would give back 0 B/);
});

test('a layer that a client broke off is resumed where it stopped', async () => {
  const layer = randomBytes(3 * MIB);
  const begun = await pusher.send('POST', '/v2/app/blobs/uploads/');
  const location = begun.headers.get('location') ?? '';
  await assert.rejects(stream('PATCH', location, layer.length, [layer.subarray(0, MIB)]), /hang up|ECONNRESET|cut/);
  // The server may still be at what came before the cut: then it refuses, and the client asks again where it stands.
  await until('the rest is taken', async () => {
    const state = await pusher.send('GET', location);
    assert.equal(state.status, 204);
    const received = Number(/^0-(\d+)$/.exec(state.headers.get('range') ?? '')?.[1]) + 1;
    assert.ok(received <= MIB, String(received));
    const headers = { 'content-range': `${received}-${layer.length - 1}` };
    const { status } = await pusher.send('PATCH', location, { body: layer.subarray(received), headers });
    assert.ok([202, 409, 416].includes(status), String(status));
    return status === 202;
  });
  const whole = await pusher.send('PUT', `${location}?digest=${digestOf(layer)}`);
  assert.equal(whole.status, 201);
});

/** Sends pieces of a body of so many bytes; cuts the connection when they do not make them up. */
function stream(method: string, path: string, length: number, pieces: Iterable<Buffer>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: pusher.authorization, 'content-length': length };
    const sending = httpRequest(new URL(path, server.endpoint), { method, headers, agent: false });
    sending.once('error', reject).once('response', (answer) => resolve(answer.resume()));
    let left = length;
    const iterator = pieces[Symbol.iterator]();
    const next = () => {
      const piece = iterator.next();
      if (piece.done) return left === 0 ? sending.end() : sending.destroy(new Error('cut'));
      left -= piece.value.length;
      return sending.write(piece.value, next);
    };
    next();
  });
}

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** The most memory that the server has while something runs, beyond what it had before. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const before = await residentBytes();
  let most = before;
  const ended = work().then(() => true);
  const pause = () => new Promise<false>((resolve) => setTimeout(() => resolve(false), 50));
  while (!(await Promise.race([ended, pause()]))) most = Math.max(most, await residentBytes());
  return most - before;
}

test(`a layer of ${LAYER_MB} MB goes in and out in constant memory`, async (t: TestContext) => {
  const length = LAYER_MB * MIB;
  const hash = createHash('sha256');
  function* zeros() {
    const piece = Buffer.alloc(MIB);
    for (let i = 0; i < LAYER_MB; i++) {
      hash.update(piece);
      yield piece;
    }
  }
  let digest = '';
  const startMs = Date.now();
  const pushGrowth = await growthDuring(async () => {
    const begun = await pusher.send('POST', '/v2/big/blobs/uploads/');
    const location = begun.headers.get('location') ?? '';
    assert.equal((await stream('PATCH', location, length, zeros())).statusCode, 202);
    digest = `sha256:${hash.digest('hex')}`;
    assert.equal((await pusher.send('PUT', `${location}?digest=${digest}`)).status, 201);
  });
  const pushedMs = Date.now();
  const pullGrowth = await growthDuring(async () => {
    const url = `${server.endpoint}/v2/big/blobs/${digest}`;
    const pulled = await must('bash', ['-c', 'curl -sf -H "$AUTH" "$URL" | sha256sum'], {
      env: { AUTH: `authorization: ${pusher.authorization}`, URL: url },
    });
    assert.equal(`sha256:${pulled.split(' ')[0]}`, digest);
  });
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  t.diagnostic(
    `push ${seconds(pushedMs - startMs)}, grew ${Math.round(pushGrowth / MIB)} MiB; ` +
      `pull ${seconds(Date.now() - pushedMs)}, grew ${Math.round(pullGrowth / MIB)} MiB`,
  );
  assert.ok(pushGrowth < MOST_GROWTH_BYTES, `the push took ${Math.round(pushGrowth / MIB)} MiB`);
  assert.ok(pullGrowth < MOST_GROWTH_BYTES, `the pull took ${Math.round(pullGrowth / MIB)} MiB`);
});
