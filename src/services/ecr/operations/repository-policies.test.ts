import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Principal } from '../../../api/context.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { policyOnArn } from '../registries.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

let ecr: TestEcr;
beforeEach(async () => {
  ecr = openTestEcr({ calls: { 'iam:GetUser': userOf, 'iam:GetRole': roleOf } });
  await ecr.call('CreateRepository', { repositoryName: 'web' });
});
afterEach(() => ecr.close());

/** There are the user bob and the role ci/builder. */
function userOf({ UserName }: { readonly UserName: string }) {
  if (UserName === 'bob') return { User: { Arn: 'arn:aws:iam::123456789012:user/bob' } };
  throw new ServiceError('NoSuchEntityException', `The user with name ${UserName} cannot be found.`);
}

function roleOf({ RoleName }: { readonly RoleName: string }) {
  if (RoleName === 'builder') return { Role: { Arn: 'arn:aws:iam::123456789012:role/ci/builder' } };
  throw new ServiceError('NoSuchEntityException', `The role with name ${RoleName} cannot be found.`);
}

const ARN = 'arn:aws:ecr:us-east-1:123456789012:repository/web';
const web = { repositoryName: 'web' };
const policyOf = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
const pull = { Effect: 'Allow', Principal: { AWS: '210987654321' }, Action: 'ecr:BatchGetImage' };
const on = (arn: string) => ecr.store.read((tx) => policyOnArn(tx, arn));

test('a repository policy is set, got, asked and deleted', async () => {
  const missing = {
    code: 'RepositoryPolicyNotFoundException',
    message:
      "Repository policy does not exist for the repository with name 'web' in the registry with id '123456789012'",
  };
  await assert.rejects(ecr.call('GetRepositoryPolicy', web), missing);
  await assert.rejects(ecr.call('DeleteRepositoryPolicy', web), missing);
  const policyText = policyOf(pull);
  const answer = { registryId: '123456789012', ...web, policyText };
  assert.deepEqual(await ecr.call('SetRepositoryPolicy', { ...web, policyText }), answer);
  assert.deepEqual(await ecr.call('GetRepositoryPolicy', web), answer);
  assert.equal(await on(ARN), policyText);
  assert.deepEqual(await ecr.call('DeleteRepositoryPolicy', web), answer);
  assert.equal(await on(ARN), undefined);
  await assert.rejects(ecr.call('SetRepositoryPolicy', { ...web, policyText: '{}' }), {
    code: 'InvalidParameterException',
    message: /Invalid repository policy provided/,
  });
  await assert.rejects(ecr.call('SetRepositoryPolicy', { repositoryName: 'none', policyText }), {
    code: 'RepositoryNotFoundException',
  });
});

test('the users and roles of the account that it names must be there', async () => {
  const set = (...AWS: readonly string[]) =>
    ecr.call('SetRepositoryPolicy', { ...web, policyText: policyOf({ ...pull, Principal: { AWS } }) });
  const iam = 'arn:aws:iam::123456789012';
  await set(`${iam}:user/bob`, `${iam}:role/ci/builder`, `${iam}:root`, 'arn:aws:iam::210987654321:user/eve');
  for (const gone of ['user/ann', 'role/builder', 'role/other']) {
    await assert.rejects(set(`${iam}:user/bob`, `${iam}:${gone}`), {
      code: 'InvalidParameterException',
      message: "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'",
    });
  }
});

test('who would lock themselves out must force it', async () => {
  const user: Principal = {
    kind: 'user',
    account: '123456789012',
    arn: 'arn:aws:iam::123456789012:user/ann',
    userId: 'AIDAANN',
    userName: 'ann',
  };
  const deny = { Effect: 'Deny', Principal: '*', Action: 'ecr:SetRepositoryPolicy' };
  const set = (statement: object, force = false) =>
    ecr.call('SetRepositoryPolicy', { ...web, policyText: policyOf(statement), force }, { principal: user });
  await assert.rejects(set(deny), { code: 'InvalidParameterException', message: /use force/ });
  await set({ ...deny, Condition: { StringNotEquals: { 'aws:username': 'ann' } } });
  await set({ ...deny, Principal: { AWS: 'arn:aws:iam::123456789012:user/bob' } });
  await set(deny, true);
});

test('a registry policy is about all its repositories, besides their own', async () => {
  const missing = {
    code: 'RegistryPolicyNotFoundException',
    message: "Registry policy does not exist in the registry with id '123456789012'",
  };
  await assert.rejects(ecr.call('GetRegistryPolicy', {}), missing);
  await assert.rejects(ecr.call('DeleteRegistryPolicy', {}), missing);
  const create = {
    ...pull,
    Action: 'ecr:CreateRepository',
    Resource: 'arn:aws:ecr:us-east-1:123456789012:repository/*',
  };
  const policyText = policyOf(create);
  const answer = { registryId: '123456789012', policyText };
  assert.deepEqual(await ecr.call('PutRegistryPolicy', { policyText }), answer);
  assert.deepEqual(await ecr.call('GetRegistryPolicy', {}), answer);
  await ecr.call('SetRepositoryPolicy', { ...web, policyText: policyOf(pull) });
  assert.deepEqual(JSON.parse((await on(ARN)) ?? '').Statement, [pull, create]);
  assert.equal(await on(`${ARN}x`), policyText);
  assert.equal(await on(ARN.replace('us-east-1', 'eu-west-1')), undefined);
  assert.equal(await on('arn:aws:ecr:us-east-1:123456789012:other'), undefined);
  assert.deepEqual(await ecr.call('DeleteRegistryPolicy', {}), answer);
  assert.equal(await on(`${ARN}x`), undefined);
  await assert.rejects(ecr.call('PutRegistryPolicy', { policyText: policyOf(pull) }), {
    code: 'InvalidParameterException',
    message: /Invalid registry policy provided/,
  });
});

test('a call may be about another account’s repository, not about its registry', async () => {
  const account = '210987654321';
  const registryId = '123456789012';
  const found = await ecr.call('DescribeRepositories', { registryId, repositoryNames: ['web'] }, { account });
  assert.equal(found.repositories?.[0]?.repositoryArn, ARN);
  await assert.rejects(ecr.call('DescribePullThroughCacheRules', { registryId }, { account }), {
    code: 'AccessDeniedException',
  });
});
