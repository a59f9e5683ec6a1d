import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRegistryPolicy, checkRepositoryPolicy, mergePolicies } from './policy-text.ts';

const REGISTRY = 'arn:aws:ecr:us-east-1:123456789012:';
const allow = { Effect: 'Allow', Principal: { AWS: '210987654321' }, Action: ['ecr:BatchGetImage'] };
const policyOf = (statement: object, Version = '2012-10-17') => JSON.stringify({ Version, Statement: [statement] });

test('a repository policy says who may do what of ECR, and names no resource', () => {
  for (const good of [
    policyOf(allow),
    policyOf({ ...allow, Action: 'ecr:*', Principal: '*' }),
    policyOf({ ...allow, Action: '*' }),
    JSON.stringify({ Version: '2008-10-17', Statement: allow }),
    policyOf({
      ...allow,
      Principal: { Service: 'lambda.amazonaws.com' },
      Condition: { StringLike: { 'aws:SourceArn': 'a' } },
    }),
  ]) {
    assert.equal(checkRepositoryPolicy(good), good);
  }
  for (const bad of [
    '',
    '{}',
    '[]',
    policyOf({ ...allow, Principal: undefined }),
    policyOf({ ...allow, Effect: 'Maybe' }),
    policyOf({ ...allow, Principal: { AWS: 'somebody' } }),
    policyOf({ ...allow, Action: 's3:GetObject' }),
    policyOf({ ...allow, Action: undefined }),
    policyOf({ ...allow, Resource: '*' }),
    policyOf({ ...allow, Sid: 'x'.repeat(11_000) }),
  ]) {
    assert.throws(() => checkRepositoryPolicy(bad), {
      code: 'InvalidParameterException',
      message: "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
    });
  }
});

test('a registry policy names repositories of the registry', () => {
  for (const Resource of ['*', `${REGISTRY}repository/*`, [`${REGISTRY}repository/a`, `${REGISTRY}repository/b/*`]]) {
    const good = policyOf({ ...allow, Resource });
    assert.equal(checkRegistryPolicy(good, REGISTRY), good);
  }
  const elsewhere = `${REGISTRY.replace('us-east-1', 'eu-west-1')}repository/*`;
  for (const Resource of [undefined, [], elsewhere, [`${REGISTRY}repository/*`, elsewhere]]) {
    assert.throws(() => checkRegistryPolicy(policyOf({ ...allow, Resource }), REGISTRY), {
      code: 'InvalidParameterException',
      message: "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid registry policy provided'",
    });
  }
});

test('two policies say together what each of them says', () => {
  assert.equal(mergePolicies([]), undefined);
  assert.equal(mergePolicies([policyOf(allow)]), policyOf(allow));
  const old = policyOf({ ...allow, Condition: { StringLike: { 'aws:SourceArn': 'a/${aws:username}' } } }, '2008-10-17');
  assert.deepEqual(JSON.parse(mergePolicies([policyOf(allow), old]) ?? ''), {
    Version: '2012-10-17',
    Statement: [allow, { ...allow, Condition: { StringLike: { 'aws:SourceArn': 'a/${$}{aws:username}' } } }],
  });
});
