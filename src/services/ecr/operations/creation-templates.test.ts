import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createForUse } from '../creation.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

let ecr: TestEcr;
beforeEach(() => {
  ecr = openTestEcr();
});
afterEach(() => ecr.close());

const REGISTRY = { account: '123456789012', region: 'us-east-1' };
const ROLE = 'arn:aws:iam::123456789012:role/ecr';
const repositoryPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }],
});
const selection = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 5 };
const lifecyclePolicy = JSON.stringify({
  rules: [{ rulePriority: 1, description: 'few', selection, action: { type: 'expire' } }],
});
const team = {
  prefix: 'team',
  description: 'what the team pushes',
  encryptionConfiguration: { encryptionType: 'KMS' as const },
  resourceTags: [{ Key: 'made', Value: 'by push' }],
  imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' as const,
  imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD' as const, filter: 'latest' }],
  repositoryPolicy,
  lifecyclePolicy,
  appliedFor: ['CREATE_ON_PUSH' as const],
  customRoleArn: ROLE,
};

test('a template is created, described, changed and deleted', async () => {
  const at = new Date(ecr.clock.now());
  const created = await ecr.call('CreateRepositoryCreationTemplate', team);
  assert.deepEqual(created, {
    registryId: '123456789012',
    repositoryCreationTemplate: { ...team, createdAt: at, updatedAt: at },
  });
  await assert.rejects(ecr.call('CreateRepositoryCreationTemplate', { ...team, prefix: 'team/' }), {
    code: 'TemplateAlreadyExistsException',
  });
  await ecr.call('CreateRepositoryCreationTemplate', { prefix: 'ROOT', appliedFor: ['REPLICATION'] });
  const describe = async (input: object = {}) =>
    (await ecr.call('DescribeRepositoryCreationTemplates', input)).repositoryCreationTemplates ?? [];
  assert.deepEqual(await describe({ prefixes: ['team'] }), [created.repositoryCreationTemplate]);
  assert.deepEqual(new Set((await describe()).map(({ prefix }) => prefix)), new Set(['ROOT', 'team']));
  assert.equal((await describe({ maxResults: 1 })).length, 1);
  await assert.rejects(describe({ prefixes: ['none'] }), { code: 'TemplateNotFoundException' });

  ecr.clock.advance(1000);
  const change = { prefix: 'team', lifecyclePolicy: '', imageTagMutability: 'MUTABLE' as const, description: 'new' };
  const { repositoryCreationTemplate: changed } = await ecr.call('UpdateRepositoryCreationTemplate', change);
  const { lifecyclePolicy: _, imageTagMutabilityExclusionFilters: __, ...rest } = team;
  const { lifecyclePolicy: ___, ...shown } = change;
  assert.deepEqual(changed, { ...rest, ...shown, createdAt: at, updatedAt: new Date(ecr.clock.now()) });
  const { repositoryCreationTemplate } = await ecr.call('DeleteRepositoryCreationTemplate', { prefix: 'team' });
  assert.deepEqual(repositoryCreationTemplate, changed);
  for (const name of ['DeleteRepositoryCreationTemplate', 'UpdateRepositoryCreationTemplate'] as const) {
    await assert.rejects(ecr.call(name, { prefix: 'team' }), { code: 'TemplateNotFoundException' });
  }
});

test('what a template cannot say is refused', async () => {
  const refuses = (input: object, words: RegExp) =>
    assert.rejects(ecr.call('CreateRepositoryCreationTemplate', { ...team, ...input }), {
      code: 'InvalidParameterException',
      message: words,
    });
  await refuses({ prefix: 'Team' }, /'prefix'/);
  await refuses({ appliedFor: [] }, /'appliedFor'/);
  await refuses({ appliedFor: ['CREATE_ON_PUSH', 'WHENEVER'] }, /'appliedFor'/);
  await refuses({ repositoryPolicy: '{}' }, /Invalid repository policy provided/);
  await refuses({ lifecyclePolicy: '{}' }, /LifecyclePolicyText/);
  await refuses({ description: 'x'.repeat(257) }, /'description'/);
  await refuses({ customRoleArn: ROLE.replace('123456789012', '210987654321') }, /'customRoleArn'/);
  await refuses({ customRoleArn: undefined }, /resourceTags or a KMS encryption/);
});

test('repositories are made as the template of the longest prefix says that is for the use', async () => {
  await ecr.call('CreateRepositoryCreationTemplate', team);
  await ecr.call('CreateRepositoryCreationTemplate', { prefix: 'team/web', appliedFor: ['REPLICATION'] });
  await ecr.call('CreateRepositoryCreationTemplate', {
    prefix: 'ROOT',
    appliedFor: ['REPLICATION', 'PULL_THROUGH_CACHE'],
    imageTagMutability: 'IMMUTABLE',
  });
  const now = ecr.clock.now();
  const make = (name: string, use: 'CREATE_ON_PUSH' | 'REPLICATION' | 'PULL_THROUGH_CACHE') =>
    ecr.store.write((tx) => createForUse(tx, REGISTRY, name, { use, now }));
  assert.equal((await make('team/web/a', 'CREATE_ON_PUSH')).imageTagMutability, 'IMMUTABLE_WITH_EXCLUSION');
  assert.equal((await make('team/web/b', 'REPLICATION')).imageTagMutability, 'MUTABLE');
  assert.equal((await make('team/web/c', 'PULL_THROUGH_CACHE')).imageTagMutability, 'IMMUTABLE');
  assert.equal((await make('team', 'CREATE_ON_PUSH')).imageTagMutability, 'MUTABLE');
});

test('the first push makes a repository where a template is for it, just once', async () => {
  const { registry } = ecr;
  assert.equal(await registry.createsOnPush(REGISTRY, 'team/web'), false);
  await ecr.call('CreateRepositoryCreationTemplate', team);
  assert.equal(await registry.createsOnPush(REGISTRY, 'team/web'), true);
  assert.equal(await registry.createsOnPush(REGISTRY, 'team'), false);
  await Promise.all([1, 2].map(() => registry.createOnPush(REGISTRY, 'team/web')));
  const { repositories } = await ecr.call('DescribeRepositories', {});
  assert.equal(repositories?.length, 1);
  assert.equal(repositories[0]?.encryptionConfiguration?.encryptionType, 'KMS');
  const { policyText } = await ecr.call('GetRepositoryPolicy', { repositoryName: 'team/web' });
  assert.equal(policyText, repositoryPolicy);
  const resourceArn = repositories[0]?.repositoryArn;
  assert.deepEqual((await ecr.call('ListTagsForResource', { resourceArn })).tags, team.resourceTags);
});
