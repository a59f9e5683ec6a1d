import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../test/harness/run.ts';
import { sha256Of, writeImage } from './layered-image.ts';
import type { Layers } from './layered-image.ts';
import { alternate, timed } from './measure.ts';
import { REPOSITORY, missingPrograms, startOurs, startTheirs } from './registries.ts';
import type { RegistryUnderTest } from './registries.ts';
import { RegistryRequests } from './registry-requests.ts';
import { printTable, say } from './report.ts';

const ROUNDS = { warmUps: 1, rounds: 5 };
/** As many as skopeo sends and takes. */
const AT_ONCE = 6;
const IMAGES: readonly Layers[] = [
  { count: 1, mb: 200 },
  { count: 50, mb: 2 },
];
const CONNECTIONS = 16;
const FOR_MS = 1000;

interface Sides {
  readonly theirs: RegistryUnderTest;
  readonly ours: RegistryUnderTest;
}

interface Requests {
  readonly theirs: RegistryRequests;
  readonly ours: RegistryRequests;
}

/**
 * The registry against Debian's docker-registry, on the same disk, over loopback: with a login and its permissions asked of
 * every request on our side, and none on theirs.
 */
export async function registry(cleanup: AsyncDisposableStack): Promise<void> {
  const missing = await missingPrograms();
  if (missing.length > 0) {
    say(`Not measured: ${missing.join(', ')} is missing. apt-get install docker-registry skopeo; stop what it starts.`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'ls-bench-images-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const sides = { theirs: await startTheirs(cleanup), ours: await startOurs(cleanup) };
  for (const layers of IMAGES) await measureImages(join(folder, `${layers.count}`), sides, layers);
  const requests = { theirs: new RegistryRequests(sides.theirs), ours: new RegistryRequests(sides.ours) };
  cleanup.defer(() => requests.theirs.close());
  cleanup.defer(() => requests.ours.close());
  for (const layers of IMAGES) await measureBlobs(requests, layers);
  await measureManifests(requests);
}

/** skopeo pushes an image that neither has anything of, and pulls it, in each round another. */
async function measureImages(folder: string, { theirs, ours }: Sides, layers: Layers): Promise<void> {
  const images: string[] = [];
  for (let i = 0; i < ROUNDS.warmUps + ROUNDS.rounds; i++) {
    const image = join(folder, String(i));
    await writeImage(image, layers);
    images.push(image);
  }
  const tag = `layers-${layers.count}`;
  const measured = await alternate(ROUNDS, {
    theirPush: inTurn(images, (image) => timed(() => push(image, theirs, tag))),
    ourPush: inTurn(images, (image) => timed(() => push(image, ours, tag))),
    theirPull: inTurn(images, (image) => pull(`${image}-pulled`, theirs, tag)),
    ourPull: inTurn(images, (image) => pull(`${image}-pulled`, ours, tag)),
    alone: inTurn(images, (image) => copy(`${image}-pulled`, [`dir:${image}`])),
  });
  printTable(`skopeo, ${layers.count} x ${layers.mb} MB`, 'ms', [
    { what: 'push to docker-registry', samples: measured.theirPush },
    { what: 'push to Longshore', samples: measured.ourPush, against: measured.theirPush },
    { what: 'pull from docker-registry', samples: measured.theirPull },
    { what: 'pull from Longshore', samples: measured.ourPull, against: measured.theirPull },
    { what: 'skopeo alone, folder to folder', samples: measured.alone },
  ]);
  await rm(folder, { recursive: true, force: true });
}

interface Blob {
  readonly bytes: Buffer;
  digest: string;
}

/** The same bytes by a client that does nothing else, so that the registry is what is measured. */
async function measureBlobs({ theirs, ours }: Requests, { count, mb }: Layers): Promise<void> {
  const blobs = Array.from({ length: count }, (): Blob => ({ bytes: randomBytes(mb * 1_000_000), digest: '' }));
  const push = (to: RegistryRequests) =>
    timed(() => severalAtOnce(blobs, ({ digest, bytes }) => to.push(digest, bytes)));
  const pull = (from: RegistryRequests) =>
    timed(() => severalAtOnce(blobs, ({ digest, bytes }) => from.pull(digest, bytes.length)));
  let round = 0;
  const measured = await alternate(ROUNDS, {
    theirPush: async () => {
      round += 1;
      for (const blob of blobs) {
        blob.bytes.writeUInt32BE(round);
        blob.digest = `sha256:${sha256Of(blob.bytes)}`;
      }
      return push(theirs);
    },
    ourPush: () => push(ours),
    theirPull: () => pull(theirs),
    ourPull: () => pull(ours),
  });
  printTable(`Blobs alone, ${count} x ${mb} MB`, 'ms', [
    { what: 'POST, PATCH, PUT, docker-registry', samples: measured.theirPush },
    { what: 'POST, PATCH, PUT, Longshore', samples: measured.ourPush, against: measured.theirPush },
    { what: 'GET, docker-registry', samples: measured.theirPull },
    { what: 'GET, Longshore', samples: measured.ourPull, against: measured.theirPull },
  ]);
}

async function measureManifests({ theirs, ours }: Requests): Promise<void> {
  const tag = 'layers-1';
  const digest = await ours.manifestDigest(tag);
  const measured = await alternate(ROUNDS, {
    theirsByTag: () => theirs.manifestRate(tag, CONNECTIONS, FOR_MS),
    oursByTag: () => ours.manifestRate(tag, CONNECTIONS, FOR_MS),
    theirsByDigest: () => theirs.manifestRate(digest, CONNECTIONS, FOR_MS),
    oursByDigest: () => ours.manifestRate(digest, CONNECTIONS, FOR_MS),
  });
  printTable(`Manifests, ${CONNECTIONS} connections`, 'requests a second', [
    { what: 'by tag, docker-registry', samples: measured.theirsByTag },
    { what: 'by tag, Longshore', samples: measured.oursByTag, against: measured.theirsByTag },
    { what: 'by digest, docker-registry', samples: measured.theirsByDigest },
    { what: 'by digest, Longshore', samples: measured.oursByDigest, against: measured.theirsByDigest },
  ]);
}

/** Each in turn, a few beside each other. */
async function severalAtOnce<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values();
  const worker = async () => {
    for (const one of rest) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What does the same with one after another. */
function inTurn<T>(all: readonly T[], work: (one: T) => Promise<number>): () => Promise<number> {
  const rest = all.values();
  return async () => {
    const { value, done } = rest.next();
    if (done) throw new Error('There are more rounds than there is to measure.');
    return work(value);
  };
}

async function push(image: string, to: RegistryUnderTest, tag: string): Promise<void> {
  await skopeo(['--dest-tls-verify=false', ...loginOf('dest', to), `dir:${image}`, nameOf(to, tag)]);
}

function pull(folder: string, from: RegistryUnderTest, tag: string): Promise<number> {
  return copy(folder, ['--src-tls-verify=false', ...loginOf('src', from), nameOf(from, tag)]);
}

/** In ms; what came is removed, and not counted. */
async function copy(folder: string, from: readonly string[]): Promise<number> {
  const ms = await timed(() => skopeo([...from, `dir:${folder}`]));
  await rm(folder, { recursive: true, force: true });
  return ms;
}

async function skopeo(args: readonly string[]): Promise<void> {
  await must('skopeo', ['--insecure-policy', 'copy', '--quiet', ...args]);
}

function loginOf(end: 'src' | 'dest', { token }: RegistryUnderTest): string[] {
  if (token === undefined) return [`--${end}-no-creds`];
  return [`--${end}-creds`, Buffer.from(token, 'base64').toString()];
}

function nameOf({ port }: RegistryUnderTest, tag: string): string {
  return `docker://127.0.0.1:${port}/${REPOSITORY}:${tag}`;
}
