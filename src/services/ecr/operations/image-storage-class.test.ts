import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { digestOf } from '../../../registry/digest.ts';
import { indexOf } from '../../../registry/testing.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

const repositoryName = 'web';
let ecr: TestEcr;
beforeEach(async () => {
  ecr = openTestEcr();
  await ecr.call('CreateRepository', { repositoryName });
});
afterEach(() => ecr.close());

function move(imageId: object, targetStorageClass: 'STANDARD' | 'ARCHIVE') {
  return ecr.call('UpdateImageStorageClass', { repositoryName, imageId, targetStorageClass });
}

async function listed(imageStatus?: 'ACTIVE' | 'ARCHIVED' | 'ANY'): Promise<number | undefined> {
  const filter = imageStatus && { filter: { imageStatus } };
  return (await ecr.call('ListImages', { repositoryName, ...filter })).imageIds?.length;
}

test('an archived image is described, but not pulled, until it is restored', async () => {
  const manifest = await ecr.push('web', 'config', [], 'v1');
  const imageDigest = digestOf(manifest);
  const named = { repositoryName, imageIds: [{ imageTag: 'v1' }] };
  const imageId = { imageTag: 'v1', imageDigest };
  const answer = { registryId: '123456789012', repositoryName, imageId };
  assert.deepEqual(await move({ imageTag: 'v1' }, 'ARCHIVE'), { ...answer, imageStatus: 'ARCHIVED' });
  const archivedAt = new Date(ecr.clock.now());
  ecr.clock.advance(1000);
  assert.deepEqual(await move({ imageTag: 'v1' }, 'ARCHIVE'), { ...answer, imageStatus: 'ARCHIVED' });
  assert.deepEqual([await listed(), await listed('ARCHIVED'), await listed('ANY')], [0, 1, 1]);
  assert.deepEqual((await ecr.call('DescribeImages', { repositoryName })).imageDetails, []);
  const [archived] = (await ecr.call('DescribeImages', named)).imageDetails ?? [];
  assert.deepEqual([archived?.imageStatus, archived?.lastArchivedAt], ['ARCHIVED', archivedAt]);
  const got = await ecr.call('BatchGetImage', named);
  assert.deepEqual([got.images, got.failures?.[0]?.failureCode], [[], 'ImageInaccessible']);
  assert.deepEqual(await move({ imageDigest }, 'STANDARD'), {
    ...answer,
    imageId: { imageDigest },
    imageStatus: 'ACTIVE',
  });
  const [active] = (await ecr.call('DescribeImages', named)).imageDetails ?? [];
  assert.deepEqual([active?.imageStatus, active?.lastActivatedAt], ['ACTIVE', new Date(ecr.clock.now())]);
  assert.equal((await ecr.call('BatchGetImage', named)).images?.length, 1);
});

test('pushing an archived image again restores it', async () => {
  const imageManifest = await ecr.push('web', 'config', [], 'v1');
  await move({ imageTag: 'v1' }, 'ARCHIVE');
  const put = { repositoryName, imageManifest, imageTag: 'v1' };
  await ecr.call('PutImage', put);
  assert.equal(await listed('ACTIVE'), 1);
  await assert.rejects(ecr.call('PutImage', put), { code: 'ImageAlreadyExistsException' });
});

test('what cannot be moved', async () => {
  const image = await ecr.push('web', 'config', [], 'v1');
  await ecr.call('PutImage', { repositoryName, imageManifest: indexOf([image]), imageTag: 'all' });
  await assert.rejects(move({ imageTag: 'v1' }, 'ARCHIVE'), {
    code: 'ImageStorageClassUpdateNotSupportedException',
    message: `The image with digest '${digestOf(image)}' cannot be archived because it is referenced by manifest list: [${digestOf(indexOf([image]))}]`,
  });
  await move({ imageTag: 'all' }, 'ARCHIVE');
  await move({ imageTag: 'v1' }, 'ARCHIVE');
  await assert.rejects(move({ imageTag: 'none' }, 'ARCHIVE'), { code: 'ImageNotFoundException' });
  await assert.rejects(move({}, 'ARCHIVE'), { code: 'InvalidParameterException' });
  await assert.rejects(move({ imageTag: 'v1' }, 'COLD' as 'ARCHIVE'), { code: 'InvalidParameterException' });
});

test('the last pull is recorded, but for principals who are excluded', async () => {
  await ecr.push('web', 'config', [], 'v1');
  const named = { repositoryName, imageIds: [{ imageTag: 'v1' }] };
  const pulledAt = async () => {
    await ecr.registry.pulls.settled();
    return (await ecr.call('DescribeImages', named)).imageDetails?.[0]?.lastRecordedPullTime;
  };
  const scanner = {
    kind: 'assumed-role',
    account: '123456789012',
    arn: 'arn:aws:sts::123456789012:assumed-role/scanner/s',
    userId: 'AROAX:s',
    session: {
      issuedAtMs: 0,
      expiresAtMs: 1,
      issuer: { type: 'Role', arn: 'arn:aws:iam::123456789012:role/scanner', id: 'AROAX', name: 'scanner' },
    },
  } as const;
  const principalArn = scanner.session.issuer.arn;
  await ecr.call('RegisterPullTimeUpdateExclusion', { principalArn });
  await ecr.call('BatchGetImage', named, { principal: scanner });
  assert.equal(await pulledAt(), undefined);
  await ecr.call('BatchGetImage', named);
  assert.deepEqual(await pulledAt(), new Date(ecr.clock.now()));
});
