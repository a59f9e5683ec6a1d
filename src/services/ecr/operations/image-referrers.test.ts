import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { digestOf } from '../../../registry/digest.ts';
import { IMAGE, descriptorOf, imageOf, pushBlob } from '../../../registry/testing.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

const repositoryName = 'web';
let ecr: TestEcr;
let subject: string;
beforeEach(async () => {
  ecr = openTestEcr();
  await ecr.call('CreateRepository', { repositoryName });
  subject = await ecr.push('web', 'config', [], 'v1');
});
afterEach(() => ecr.close());

async function refer(config: string, more: object = {}): Promise<string> {
  await pushBlob(ecr.registry, 'web', config);
  const imageManifest = imageOf(config, [], { subject: descriptorOf(IMAGE, subject), ...more });
  await ecr.call('PutImage', { repositoryName, imageManifest });
  return imageManifest;
}

function list(more: object = {}) {
  const subjectId = { imageDigest: digestOf(subject) };
  return ecr.call('ListImageReferrers', { repositoryName, subjectId, ...more });
}

test('what says something about an image is listed', async () => {
  const annotations = { by: 'team' };
  const signature = await refer('{}', { artifactType: 'application/vnd.sig', annotations });
  assert.deepEqual(await list(), {
    referrers: [
      {
        digest: digestOf(signature),
        mediaType: IMAGE,
        artifactType: 'application/vnd.sig',
        size: signature.length,
        annotations,
        artifactStatus: 'ACTIVE',
      },
    ],
  });
  const plain = await refer('other');
  const types = async (...artifactTypes: string[]) =>
    (await list({ filter: { artifactTypes } })).referrers?.map((each) => each.digest);
  assert.deepEqual(await types('application/vnd.sig', 'x'), [digestOf(signature)]);
  assert.deepEqual(await types('application/vnd.oci.image.config.v1+json'), [digestOf(plain)]);
  assert.equal((await types())?.length, 2);
  const unknown = { subjectId: { imageDigest: digestOf('none') } };
  assert.deepEqual(await list(unknown), { referrers: [] });
});

test('archived ones are left out, unless they are asked for', async () => {
  const imageDigest = digestOf(await refer('{}'));
  await ecr.call('UpdateImageStorageClass', {
    repositoryName,
    imageId: { imageDigest },
    targetStorageClass: 'ARCHIVE',
  });
  assert.deepEqual((await list()).referrers, []);
  const { referrers } = await list({ filter: { artifactStatus: 'ANY' } });
  assert.equal(referrers?.[0]?.artifactStatus, 'ARCHIVED');
});

test('twenty to a page, fifty at most', async () => {
  for (let i = 0; i < 21; i++) await refer(`config ${i}`);
  const first = await list();
  assert.equal(first.referrers?.length, 20);
  const second = await list({ nextToken: first.nextToken });
  assert.deepEqual([second.referrers?.length, second.nextToken], [1, undefined]);
  await assert.rejects(list({ maxResults: 51 }), { code: 'InvalidParameterException', message: /between 1 and 50/ });
  await assert.rejects(list({ subjectId: { imageDigest: 'x' } }), { code: 'InvalidParameterException' });
  await assert.rejects(list({ filter: { artifactStatus: 'OLD' } }), { message: /filter.artifactStatus/ });
  await assert.rejects(list({ filter: { artifactTypes: ['a', 'b', 'c', 'd', 'e', 'f'] } }), {
    message: /filter.artifactTypes/,
  });
});
