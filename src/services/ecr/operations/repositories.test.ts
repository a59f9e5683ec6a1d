import { rootPrincipal } from '../../../api/invoke.ts';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { digestOf } from '../../../registry/digest.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

let ecr: TestEcr;
beforeEach(() => {
  ecr = openTestEcr();
});
afterEach(() => ecr.close());

const ARN = 'arn:aws:ecr:us-east-1:123456789012:repository/team/web';

test('a repository is created, described and deleted', async () => {
  const { repository } = await ecr.call('CreateRepository', {
    repositoryName: 'team/web',
    imageScanningConfiguration: { scanOnPush: true },
    tags: [{ Key: 'stage', Value: 'test' }],
  });
  assert.deepEqual(repository, {
    repositoryArn: ARN,
    registryId: '123456789012',
    repositoryName: 'team/web',
    repositoryUri: '127.0.0.1:4566/team/web',
    createdAt: new Date(ecr.clock.now()),
    imageTagMutability: 'MUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: { encryptionType: 'AES256' },
  });
  assert.deepEqual(await ecr.call('DescribeRepositories', { repositoryNames: ['team/web'] }), {
    repositories: [repository],
  });
  await assert.rejects(ecr.call('CreateRepository', { repositoryName: 'team/web' }), {
    code: 'RepositoryAlreadyExistsException',
    message: "The repository with name 'team/web' already exists in the registry with id '123456789012'",
  });
  assert.deepEqual(await ecr.call('DeleteRepository', { repositoryName: 'team/web' }), { repository });
  await assert.rejects(ecr.call('DescribeRepositories', { repositoryNames: ['team/web'] }), {
    code: 'RepositoryNotFoundException',
    message: "The repository with name 'team/web' does not exist in the registry with id '123456789012'",
  });
});

test('what cannot be is refused by name', async () => {
  const refuses = (input: object, message: RegExp) =>
    assert.rejects(ecr.call('CreateRepository', { repositoryName: 'web', ...input }), {
      code: 'InvalidParameterException',
      message,
    });
  await refuses({ repositoryName: 'Web' }, /'repositoryName' failed to satisfy constraint: 'must satisfy regular/);
  await refuses({ encryptionConfiguration: { encryptionType: 'ROT13' } }, /enum value set: \[AES256, KMS, KMS_DSSE\]/);
  await refuses({ imageTagMutability: 'SOMETIMES' }, /enum value set: \[IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, /);
  await refuses({ imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' }, /imageTagMutabilityExclusionFilters/);
  await refuses({ imageTagMutabilityExclusionFilters: [{}] }, /imageTagMutabilityExclusionFilters/);
  await refuses({ registryId: 'mine' }, /'registryId' failed to satisfy constraint/);
});

test('encryption and the tags that mutability excepts are kept and shown', async () => {
  const encryptionConfiguration = { encryptionType: 'KMS_DSSE' as const, kmsKey: 'alias/images' };
  const imageTagMutabilityExclusionFilters = [{ filterType: 'WILDCARD' as const, filter: 'latest*' }];
  const { repository } = await ecr.call('CreateRepository', {
    repositoryName: 'web',
    encryptionConfiguration,
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters,
  });
  assert.deepEqual(repository?.encryptionConfiguration, encryptionConfiguration);
  assert.deepEqual(repository.imageTagMutabilityExclusionFilters, imageTagMutabilityExclusionFilters);
  assert.equal(repository.imageTagMutability, 'IMMUTABLE_WITH_EXCLUSION');
  assert.deepEqual(await ecr.call('DescribeRepositories', {}), { repositories: [repository] });

  await ecr.push('web', 'config', ['layer'], 'v1');
  await ecr.push('web', 'config', ['layer'], 'latest-1');
  await ecr.push('web', 'config', ['another layer'], 'latest-1');
  await assert.rejects(ecr.push('web', 'config', ['another layer'], 'v1'), { code: 'ImageTagAlreadyExistsException' });
  const changed = {
    repositoryName: 'web',
    imageTagMutability: 'MUTABLE_WITH_EXCLUSION' as const,
    imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD' as const, filter: 'latest-*' }],
  };
  assert.deepEqual(await ecr.call('PutImageTagMutability', changed), { registryId: '123456789012', ...changed });
  await ecr.push('web', 'config', ['another layer'], 'v1');
  await assert.rejects(ecr.push('web', 'config', ['layer'], 'latest-1'), { code: 'ImageTagAlreadyExistsException' });
  const plain = { repositoryName: 'web', imageTagMutability: 'MUTABLE' as const };
  assert.deepEqual(await ecr.call('PutImageTagMutability', plain), { registryId: '123456789012', ...plain });
  const { repositories } = await ecr.call('DescribeRepositories', {});
  assert.equal(repositories?.[0]?.imageTagMutabilityExclusionFilters, undefined);
});

test('repositories come in pages, each account and region its own', async () => {
  for (const repositoryName of ['cc', 'aa', 'bb']) await ecr.call('CreateRepository', { repositoryName });
  await ecr.call('CreateRepository', { repositoryName: 'dd' }, { region: 'eu-west-1' });
  const names = (page: { repositories?: { repositoryName?: string | undefined }[] | undefined }) =>
    page.repositories?.map((repository) => repository.repositoryName);
  const first = await ecr.call('DescribeRepositories', { maxResults: 2 });
  assert.deepEqual(names(first), ['aa', 'bb']);
  const second = await ecr.call('DescribeRepositories', { maxResults: 2, nextToken: first.nextToken });
  assert.deepEqual(names(second), ['cc']);
  assert.equal(second.nextToken, undefined);
  assert.deepEqual(names(await ecr.call('DescribeRepositories', {}, { region: 'eu-west-1' })), ['dd']);
  for (const input of [{ nextToken: 'x' }, { maxResults: 0 }, { repositoryNames: ['aa'], maxResults: 1 }]) {
    await assert.rejects(ecr.call('DescribeRepositories', input), { code: 'InvalidParameterException' });
  }
});

test('a repository with images goes only by force, and its space with it', async () => {
  await ecr.call('CreateRepository', { repositoryName: 'web' });
  await ecr.push('web', 'config', ['layer'], 'v1');
  await assert.rejects(ecr.call('DeleteRepository', { repositoryName: 'web' }), {
    code: 'RepositoryNotEmptyException',
    message:
      "The repository with name 'web' in registry with id '123456789012' cannot be deleted because it still contains images",
  });
  await ecr.call('DeleteRepository', { repositoryName: 'web', force: true });
  await ecr.call('CreateRepository', { repositoryName: 'web' });
  assert.deepEqual(await ecr.call('ListImages', { repositoryName: 'web' }), { imageIds: [] });
  ecr.clock.advance(2 * 3600_000);
  await ecr.reconcile();
  assert.equal(await ecr.blobs.stat(digestOf('layer')), undefined);
});

test('tags of a repository', async () => {
  await ecr.call('CreateRepository', { repositoryName: 'team/web', tags: [{ Key: 'a', Value: '1' }] });
  await ecr.call('TagResource', { resourceArn: ARN, tags: [{ Key: 'b', Value: '2' }] });
  await ecr.call('UntagResource', { resourceArn: ARN, tagKeys: ['a'] });
  assert.deepEqual(await ecr.call('ListTagsForResource', { resourceArn: ARN }), { tags: [{ Key: 'b', Value: '2' }] });
  const refuses = (tags: { Key: string; Value: string }[], code: string) =>
    assert.rejects(ecr.call('TagResource', { resourceArn: ARN, tags }), { code });
  await refuses([{ Key: 'aws:x', Value: '' }], 'InvalidTagParameterException');
  await refuses(
    ['x', 'x'].map((Key) => ({ Key, Value: '' })),
    'InvalidTagParameterException',
  );
  await refuses(
    Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' })),
    'TooManyTagsException',
  );
  for (const resourceArn of ['web', ARN.replace('ecr', 'ecs'), ARN.replace('us-east-1', 'eu-west-1')]) {
    await assert.rejects(ecr.call('ListTagsForResource', { resourceArn }), { code: 'InvalidParameterException' });
  }
  await assert.rejects(ecr.call('ListTagsForResource', { resourceArn: `${ARN}x` }), {
    code: 'RepositoryNotFoundException',
  });
});

test('a token for docker login names the registry of the call', async () => {
  const { authorizationData = [] } = await ecr.call('GetAuthorizationToken', {}, { region: 'eu-west-1' });
  const [data] = authorizationData;
  assert.equal(data?.proxyEndpoint, 'http://127.0.0.1:4566');
  assert.equal(data?.expiresAt?.getTime(), ecr.clock.now() + 12 * 3600_000);
  assert.deepEqual(ecr.tokens.authenticate(`Basic ${data?.authorizationToken}`, ecr.clock.now()), {
    account: '123456789012',
    region: 'eu-west-1',
    principal: rootPrincipal('123456789012'),
  });
  const other = await ecr.call('GetAuthorizationToken', { registryIds: ['999999999999'] });
  const [token] = other.authorizationData ?? [];
  assert.deepEqual(ecr.tokens.authenticate(`Basic ${token?.authorizationToken}`, ecr.clock.now()), {
    account: '999999999999',
    region: 'us-east-1',
    principal: rootPrincipal('123456789012'),
  });
  await assert.rejects(ecr.call('GetAuthorizationToken', { registryIds: ['other'] }), {
    code: 'InvalidParameterException',
  });
  assert.deepEqual(await ecr.call('DescribeRegistry', {}), {
    registryId: '123456789012',
    replicationConfiguration: { rules: [] },
  });
});
