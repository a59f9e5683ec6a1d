import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { Longshore } from './harness/longshore.ts';
import { RegistryPusher, imageOf } from './harness/push.ts';
import type { MadeImage } from './harness/push.ts';
import { seededRandom } from './harness/random.ts';
import { createRepository } from './harness/registry.ts';
import { run } from './harness/run.ts';
import { until } from './harness/until.ts';

/* Power cuts while images come in: what was acknowledged is there, whole; what was not is not seen by halves. */

const KILLS = Number(process.env['LONGSHORE_KILLS'] ?? 15);
const PUSHERS = 6;
/** Of one round, before its cut: in images, so that a slow machine acknowledges some too, and then in ms. */
const MOST_ACKNOWLEDGED = 6;
const LONGEST_PUSHING_MS = 600;
const REPOSITORIES = ['one', 'two/deep'] as const;

let server: Longshore;
let pusher: RegistryPusher;

before(async () => {
  server = await Longshore.start({ args: ['--log-level', 'info'] });
  const { ecr } = await server.clients();
  for (const name of REPOSITORIES) await createRepository(ecr, name);
  pusher = await RegistryPusher.open(server.endpoint, ecr);
});

after(async () => {
  await server?.remove();
});

/** Each tag that the server has answered for, as `repository:tag`, with its digest. */
type Acknowledged = Map<string, string>;

interface Pushing {
  shared: readonly Buffer[];
  readonly random: () => number;
  readonly acknowledged: Acknowledged;
  /** Every image that a push has begun, by its digest. */
  readonly begun: Map<string, MadeImage>;
  sequence: number;
}

function nextImage({ random, shared }: Pushing, label: string): MadeImage {
  const own = randomBytes(1 + Math.floor(random() ** 3 * 1_500_000));
  const common = shared.filter(() => random() < 0.5);
  return imageOf(Buffer.from(JSON.stringify({ label, salt: random() })), [...common, own]);
}

/** Pushes one image after another until the server is gone. */
async function pushUntilCut(pushing: Pushing): Promise<void> {
  for (;;) {
    const tag = `t${pushing.sequence++}`;
    const repository = REPOSITORIES[pushing.sequence % 2] ?? '';
    const image = nextImage(pushing, tag);
    pushing.begun.set(image.digest, image);
    try {
      await pusher.pushImage(repository, tag, image);
    } catch (error) {
      // Only a connection that broke: an answer that is not the right one is a failure of the test.
      if (error instanceof TypeError) return;
      throw error;
    }
    pushing.acknowledged.set(`${repository}:${tag}`, image.digest);
  }
}

test(`${KILLS} power cuts in the middle of pushes lose nothing that was acknowledged`, async (t: TestContext) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const pushing: Pushing = {
    random,
    shared: [],
    acknowledged: new Map(),
    begun: new Map(),
    sequence: 0,
  };
  for (let kill = 0; kill < KILLS; kill++) {
    // A new set of common layers now and then, which all pushers bring at once.
    if (kill % 4 === 0) pushing.shared = Array.from({ length: 4 }, () => randomBytes(400_000));
    const pushers = Array.from({ length: PUSHERS }, () => pushUntilCut(pushing));
    const ended = Promise.all(pushers);
    const enough = pushing.acknowledged.size + Math.floor(random() * MOST_ACKNOWLEDGED);
    await Promise.race([ended, until('enough is pushed', async () => pushing.acknowledged.size >= enough)]);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, random() * LONGEST_PUSHING_MS))]);
    await server.kill9();
    await ended;
    if (kill % 5 === 4) {
      server.boot();
      await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_PUSHING_MS));
      await server.kill9();
    }
    await server.up();
  }
  const { acknowledged, begun } = pushing;
  t.diagnostic(`${acknowledged.size} images acknowledged, ${begun.size - acknowledged.size} cut short`);
  assert.ok(acknowledged.size >= KILLS / 2, 'the cuts came in the middle of pushes that did succeed');
  for (const [reference, digest] of acknowledged) {
    const [repository = '', tag = ''] = reference.split(':');
    assert.equal(await pusher.pullImage(repository, tag), digest, reference);
  }
  for (const repository of REPOSITORIES) {
    for (const tag of await pusher.tags(repository)) {
      if (acknowledged.has(`${repository}:${tag}`)) continue;
      // Stored, but the power went before the answer: then it is whole as well.
      assert.ok(begun.has(await pusher.pullImage(repository, tag)), `${repository}:${tag} was pushed by nobody`);
    }
  }
  const bin = join(import.meta.dirname, '../bin/longshore');
  const scrub = await run(bin, ['registry', 'scrub', '--home', server.home]);
  assert.equal(scrub.code, 0, scrub.stdout + scrub.stderr);
  assert.match(scrub.stdout, /all as they were pushed/);
  t.diagnostic(scrub.stdout.trim());
  const usage = await run(bin, ['usage', '--json', '--home', server.home]);
  const { savedBytes, unusedBytes, uploadBytes } = JSON.parse(usage.stdout);
  t.diagnostic(JSON.stringify({ savedBytes, unusedBytes, uploadBytes }));
});
