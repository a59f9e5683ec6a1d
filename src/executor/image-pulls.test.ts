import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { RuntimeError } from '../kernel/errors.ts';
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts';
import type { TaskContainer } from './executor.ts';
import { ImagePulls } from './image-pulls.ts';
import { testContainer, testTask } from './testing.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const byDigest = testContainer('web', { pullReference: `web@${DIGEST}`, pullFrom: 'ecr' });
const byTag = testContainer('web', { pullReference: 'web:1', pullFrom: 'ecr' });

function host(options: { readonly usesCachedImages?: boolean } = {}) {
  const clock = new FakeClock();
  const runtime = new FakeRuntime({ clock });
  const asked: (string | undefined)[] = [];
  const pulls = new ImagePulls(runtime, {
    ...options,
    clock,
    credentials: async ({ executionRoleArn }) => {
      asked.push(executionRoleArn);
      return undefined;
    },
  });
  for (const { pullReference } of [byDigest, byTag]) runtime.addImage(pullReference, { digest: DIGEST });
  const pull = (container: TaskContainer, executionRoleArn = 'role-1') =>
    pulls.pull(testTask([container], { executionRoleArn }), container);
  const count = () => runtime.calls.filter((call) => call.startsWith('pull')).length;
  return { clock, runtime, asked, pull, count };
}

test('a digest that is there is not pulled again by who pulled it; credentials are asked for each time', async () => {
  const { pull, count, asked, clock } = host();
  assert.equal((await pull(byDigest)).wasPresent, false);
  const again = await pull(byDigest);
  assert.deepEqual([again.wasPresent, again.image.digest, count()], [true, DIGEST, 1]);
  assert.deepEqual(asked, ['role-1', 'role-1']);
  // Another role must show that it may.
  assert.equal((await pull(byDigest, 'role-2')).wasPresent, false);
  assert.equal(count(), 2);
  clock.advance(10 * 60 * 1000);
  await pull(byDigest);
  assert.equal(count(), 3, 'what a role may is asked again after a while');
});

test('a public digest needs nobody; a tag is always pulled', async () => {
  const { pull, count } = host();
  const open = { ...byDigest, pullFrom: 'public' } as const;
  await pull(open);
  assert.equal((await pull(open, 'role-2')).wasPresent, true);
  assert.equal(count(), 1);
  await pull(byTag);
  assert.equal((await pull(byTag)).wasPresent, false);
  assert.equal(count(), 3);
});

test('who pulled a tag may use the digest that it was', async () => {
  const { pull, count } = host();
  await pull({ ...byTag, image: 'web:1' });
  assert.equal((await pull({ ...byDigest, image: 'web:1' })).wasPresent, true);
  assert.equal((await pull({ ...byDigest, image: 'web:1' }, 'role-2')).wasPresent, false);
  assert.equal(count(), 2);
});

test('callers with different secrets are different callers, and what wants a secret is not public', async () => {
  const { pull, count } = host();
  const closed = { ...byDigest, pullFrom: 'public', pullSecret: 'secret-1' } as const;
  await Promise.all([pull(closed), pull({ ...closed, pullSecret: 'secret-2' })]);
  assert.equal(count(), 2);
  assert.equal((await pull(closed)).wasPresent, true);
  assert.equal((await pull({ ...closed, pullSecret: 'secret-3' })).wasPresent, false);
});

test('pulls of one caller at once are one pull; those of two callers are two', async () => {
  const { pull, count, runtime } = host();
  const release = runtime.hold('pull');
  const all = [pull(byTag), pull(byTag), pull(byTag, 'role-2')];
  release();
  const images = await Promise.all(all);
  assert.equal(count(), 2);
  assert.ok(images.every(({ image }) => image.digest === DIGEST));
});

test('a pull that fails is not kept', async () => {
  const { pull } = host();
  const missing = testContainer('x', { pullReference: 'nosuch:1' });
  await assert.rejects(pull(missing));
  await assert.rejects(pull(missing), /manifest unknown/);
});

test('on an instance an image that is there will do where it cannot be pulled', async () => {
  for (const usesCachedImages of [true, false]) {
    const { runtime, pull } = host({ usesCachedImages });
    await pull(byTag);
    runtime.fail('pull', byTag.pullReference, new RuntimeError('temporary', 'the registry is away'));
    const again = pull(byTag);
    if (usesCachedImages) assert.deepEqual([(await again).wasPresent, (await again).image.digest], [true, DIGEST]);
    else await assert.rejects(again, /is away/);
  }
});
