import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { digestOf } from './digest.ts';
import { withPart } from './layer-parts.ts';
import type { UploadRow } from './tables.ts';
import { SCOPE, openTestRegistry } from './testing.ts';
import type { TestRegistry } from './testing.ts';

const MIB = 1024 * 1024;
const row: UploadRow = { id: 'u', repository: 'r', startedAtMs: 0 };
let world: TestRegistry;
beforeEach(() => {
  world = openTestRegistry();
});
afterEach(() => world.close());

test('a part that another one follows must have 5 MiB', () => {
  const first = withPart(row, 0, { first: 0, last: 5 * MIB - 1 });
  const second = withPart(first, 5 * MIB, { first: 5 * MIB, last: 5 * MIB });
  assert.equal(second.hasSmallPart, undefined);
  const third = withPart(second, 5 * MIB + 1, { first: 5 * MIB + 1, last: 20 * MIB });
  assert.equal(third.hasSmallPart, true);
});

test('a part that was cut short and the one that goes on with it are one', () => {
  const cut = withPart(row, 0, { first: 0, last: 10 * MIB - 1 });
  const resumed = withPart(cut, 1000, { first: 1000, last: 10 * MIB - 1 });
  assert.deepEqual(resumed.lastPart, { first: 0, last: 10 * MIB - 1 });
  assert.equal(withPart(resumed, 10 * MIB, { first: 10 * MIB, last: 10 * MIB }).hasSmallPart, undefined);
});

test('parts become a layer, and a layer that was there is said to be', async () => {
  const { parts, uploads, links } = world.registry;
  const [head, tail] = [Buffer.alloc(5 * MIB, 'a'), Buffer.from('tail')];
  const digest = digestOf(Buffer.concat([head, tail]));
  const app = world.repositories.get('app')!;
  const upload = async () => ({ scope: SCOPE, repository: 'app', id: await uploads.start(SCOPE, 'app') });
  const push = async () => {
    const name = await upload();
    assert.equal(await parts.add(name, 0, head), 5 * MIB - 1);
    assert.equal(await parts.add(name, 5 * MIB, tail), 5 * MIB + 3);
    await parts.complete(name, digest, async (tx) => (await links.get(tx, app, digest)) !== undefined);
  };
  await push();
  assert.equal((await world.blobs.stat(digest))?.sizeBytes, 5 * MIB + 4);
  await assert.rejects(push(), {
    code: 'LayerAlreadyExistsException',
    message: `Layer with digest '${digest}' already exists in the repository with name 'app' in registry with id '123456789012'`,
  });
  const never = async () => false;
  await assert.rejects(parts.complete(await upload(), digest, never), { code: 'EmptyUploadException' });
  const small = await upload();
  await parts.add(small, 0, tail);
  await parts.add(small, 4, tail);
  await assert.rejects(parts.complete(small, digest, never), {
    code: 'LayerPartTooSmallException',
    message: 'All layer parts except the last part should be at least 5MB',
  });
});
