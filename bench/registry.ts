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
const BLOB_MB = 200;
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
  await measureBlobs(requests);
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
  });
  printTable(`skopeo, ${layers.count} x ${layers.mb} MB`, 'ms', [
    { what: 'push to docker-registry', samples: measured.theirPush },
    { what: 'push to Longshore', samples: measured.ourPush, against: measured.theirPush },
    { what: 'pull from docker-registry', samples: measured.theirPull },
    { what: 'pull from Longshore', samples: measured.ourPull, against: measured.theirPull },
  ]);
  await rm(folder, { recursive: true, force: true });
}

/** One blob, by a client that does nothing else. */
async function measureBlobs({ theirs, ours }: { theirs: RegistryRequests; ours: RegistryRequests }): Promise<void> {
  const bytes = randomBytes(BLOB_MB * 1_000_000);
  let [digest, round] = ['', 0];
  const pushed = (to: RegistryRequests) => timed(() => to.push(digest, bytes));
  const measured = await alternate(ROUNDS, {
    theirPush: async () => {
      bytes.writeUInt32BE((round += 1));
      digest = `sha256:${sha256Of(bytes)}`;
      return pushed(theirs);
    },
    ourPush: () => pushed(ours),
    theirPull: () => timed(() => theirs.pull(digest, bytes.length)),
    ourPull: () => timed(() => ours.pull(digest, bytes.length)),
  });
  printTable(`One blob of ${BLOB_MB} MB`, 'ms', [
    { what: 'PATCH and PUT, docker-registry', samples: measured.theirPush },
    { what: 'PATCH and PUT, Longshore', samples: measured.ourPush, against: measured.theirPush },
    { what: 'GET, docker-registry', samples: measured.theirPull },
    { what: 'GET, Longshore', samples: measured.ourPull, against: measured.theirPull },
  ]);
}

async function measureManifests({ theirs, ours }: { theirs: RegistryRequests; ours: RegistryRequests }): Promise<void> {
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

/** In ms; what came is removed, and not counted. */
async function pull(folder: string, from: RegistryUnderTest, tag: string): Promise<number> {
  const ms = await timed(() =>
    skopeo(['--src-tls-verify=false', ...loginOf('src', from), nameOf(from, tag), `dir:${folder}`]),
  );
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
