import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from './digest.ts';
import { MemoryBlobs } from './memory-blobs/memory-blobs.ts';
import type { Finding, ScrubOptions, ScrubTotals } from './scrub.ts';
import { atDigest, blobLinks, manifestBodies } from './tables.ts';
import { SCOPE, indexOf, openTestRegistry, pushBlob, pushImage, pushManifest, testRepository } from './testing.ts';
import type { TestRegistry } from './testing.ts';

const app = testRepository('app');

interface World extends TestRegistry {
  readonly memory: MemoryBlobs;
  scrub(options?: ScrubOptions): Promise<{ findings: Finding[]; totals: ScrubTotals | undefined }>;
}

function it(title: string, run: (world: World) => Promise<void>): void {
  test(title, async () => {
    const base = openTestRegistry();
    const scrub: World['scrub'] = async (options) => {
      const findings: Finding[] = [];
      let totals: ScrubTotals | undefined;
      for await (const report of base.registry.scrub(options)) {
        if ('finding' in report) findings.push(report.finding);
        if ('totals' in report) totals = report.totals;
      }
      return { findings, totals };
    };
    assert.ok(base.blobs instanceof MemoryBlobs);
    try {
      await run({ ...base, memory: base.blobs, scrub });
    } finally {
      await base.close();
    }
  });
}

it('a sound registry has no findings', async (world) => {
  await pushImage(world, app, { config: 'c', layers: ['aaa', 'b'], tag: 'v1' });
  await world.registry.uploads.whole(
    SCOPE,
    'app',
    digestOf('d', 'sha512'),
    (async function* () {
      yield Buffer.from('d');
    })(),
  );
  assert.deepEqual(await world.scrub(), {
    findings: [],
    totals: { blobs: 4, bytes: 6, manifests: 1, findings: 0 },
  });
});

it('damage is told with every image that it breaks', async (world) => {
  const image = await pushImage(world, app, { config: 'c', layers: ['a'], tag: 'v1' });
  await pushManifest(world, app, indexOf([image]), 'multi');
  await pushImage(world, testRepository('other'), { config: 'c2', layers: ['a'] });
  world.memory.damage(digestOf('a'), 'x');
  const { findings, totals } = await world.scrub();
  assert.equal(totals?.findings, 1);
  const [finding] = findings;
  assert.deepEqual([finding?.what, finding?.problem, finding?.digest], ['blob', 'damaged', digestOf('a')]);
  assert.match(finding?.detail ?? '', new RegExp(digestOf('x')));
  const images = finding?.images.map(({ repository, tags }) => [repository.split('/').at(-1), ...tags]);
  assert.deepEqual(images, [['app', 'v1'], ['app', 'multi'], ['other']]);
});

it('what a repository has and the disk has not is missing; other lengths and texts are told too', async (world) => {
  const { store, blobs } = world;
  const image = await pushImage(world, app, { config: 'c', layers: ['a'], tag: 'v1' });
  await blobs.delete(digestOf('a'));
  await store.write(async (tx) => {
    const link = await tx.get(blobLinks, atDigest(app.key, digestOf('c')));
    if (link) await tx.put(blobLinks, { ...link, sizeBytes: 7 });
    const body = await tx.get(manifestBodies, atDigest(app.key, digestOf(image)));
    if (body) await tx.put(manifestBodies, { ...body, body: '{}' });
  });
  const { findings } = await world.scrub();
  const told = findings.map(({ what, problem, digest, images }) =>
    [what, problem, digest, images[0]?.tags[0]].join(' '),
  );
  assert.deepEqual(
    new Set(told),
    new Set([
      `blob missing ${digestOf('a')} v1`,
      `blob wrong-size ${digestOf('c')} v1`,
      `manifest damaged ${digestOf(image)} v1`,
    ]),
  );
});

it('a quarantined blob is not found, so that the next push stores it anew', async (world) => {
  const { registry, memory } = world;
  await pushImage(world, app, { config: 'c', layers: ['a'], tag: 'v1' });
  memory.damage(digestOf('a'), 'x');
  await world.scrub();
  assert.ok(await registry.links.use(SCOPE, 'app', digestOf('a')), 'a scrub changes nothing by itself');
  await world.scrub({ quarantine: true });
  assert.equal(await registry.links.use(SCOPE, 'app', digestOf('a')), undefined);
  assert.equal(await registry.links.mount(SCOPE, 'other', 'app', digestOf('a')), false);
  await pushBlob(registry, 'app', 'a');
  assert.deepEqual((await world.scrub()).findings, []);
});

it('a blob that was cut short is not found either', async (world) => {
  await pushBlob(world.registry, 'app', 'whole');
  world.memory.damage(digestOf('whole'), 'wh');
  assert.equal(await world.registry.links.use(SCOPE, 'app', digestOf('whole')), undefined);
});

it('an unreadable blob is told from a damaged one', async (world) => {
  await pushImage(world, app, { config: 'c', layers: [] });
  world.memory.read = () => Promise.reject(new Error('EIO: i/o error, read'));
  const { findings } = await world.scrub();
  assert.deepEqual(
    findings.map(({ problem, detail }) => [problem, detail]),
    [['unreadable', 'EIO: i/o error, read']],
  );
});
