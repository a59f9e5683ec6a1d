import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openTestIam, refusal } from '../testing.ts';

const ALICE = 'arn:aws:iam::123456789012:user/alice';
const REPOSITORY = 'arn:aws:ecr:us-east-1:123456789012:repository/web';
const POWER_USER = 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser';
const BUCKET_TEMPLATE = 'arn:${Partition}:s3:::${BucketName}';

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

const allow = (action: string, more: object = {}) => ({ Effect: 'Allow', Action: action, Resource: '*', ...more });
const deny = (action: string, more: object = {}) => ({ Effect: 'Deny', Action: action, Resource: '*', ...more });

async function openWithAlice(t: TestContext) {
  const iam = openTestIam();
  t.after(() => iam.close());
  await iam.call('CreateUser', { UserName: 'alice', Tags: [{ Key: 'Team', Value: 'blue' }] });
  await iam.call('CreateGroup', { GroupName: 'pushers' });
  await iam.call('AddUserToGroup', { UserName: 'alice', GroupName: 'pushers' });
  return iam;
}

test('SimulateCustomPolicy decides each action, and shows the statement that made it', async (t) => {
  const iam = await openWithAlice(t);
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [allow('ecs:Describe*')] }, undefined, 2);
  const { EvaluationResults: results, IsTruncated } = await iam.call('SimulateCustomPolicy', {
    PolicyInputList: [policy(allow('ecr:*')), text],
    ActionNames: ['ecs:DescribeClusters', 'ecs:CreateCluster'],
  });
  assert.equal(IsTruncated, false);
  assert.deepEqual(results, [
    {
      EvalActionName: 'ecs:DescribeClusters',
      EvalResourceName: '*',
      EvalDecision: 'allowed',
      MatchedStatements: [
        {
          SourcePolicyId: 'PolicyInputList.2',
          SourcePolicyType: 'IAM Policy',
          StartPosition: { Line: 3, Column: 17 },
          EndPosition: { Line: 8, Column: 6 },
        },
      ],
      MissingContextValues: [],
    },
    {
      EvalActionName: 'ecs:CreateCluster',
      EvalResourceName: '*',
      EvalDecision: 'implicitDeny',
      MatchedStatements: [],
      MissingContextValues: [],
    },
  ]);
});

test('each resource has its own result, and the whole is as restricted as the worst', async (t) => {
  const iam = await openWithAlice(t);
  const own = 'arn:aws:s3:::own';
  const { EvaluationResults: [result] = [] } = await iam.call('SimulateCustomPolicy', {
    PolicyInputList: [policy(allow('s3:*'), deny('s3:*', { Resource: 'arn:aws:s3:::secret' }))],
    ActionNames: ['s3:ListBucket'],
    ResourceArns: [own, 'arn:aws:s3:::secret'],
  });
  assert.equal(result?.EvalDecision, 'explicitDeny');
  assert.equal(result.EvalResourceName, BUCKET_TEMPLATE);
  assert.deepEqual(result.EvalDecisionDetails, {});
  assert.equal(result.MatchedStatements?.length, 1);
  assert.deepEqual(
    result.ResourceSpecificResults?.map((one) => [one.EvalResourceName, one.EvalResourceDecision]),
    [
      [own, 'allowed'],
      ['arn:aws:s3:::secret', 'explicitDeny'],
    ],
  );
});

test('context entries meet conditions, and those that nobody gave are named', async (t) => {
  const iam = await openWithAlice(t);
  const input = {
    PolicyInputList: [
      policy(
        allow('ecs:*', { Condition: { ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:*:*:cluster/blue' } } }),
        allow('s3:*', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
      ),
    ],
    ActionNames: ['ecs:RunTask'],
  };
  const without = await iam.call('SimulateCustomPolicy', input);
  assert.equal(without.EvaluationResults?.[0]?.EvalDecision, 'implicitDeny');
  assert.deepEqual(without.EvaluationResults[0].MissingContextValues, ['ecs:cluster']);
  const cluster = {
    ContextKeyName: 'ECS:Cluster',
    ContextKeyType: 'string' as const,
    ContextKeyValues: ['arn:aws:ecs:us-east-1:123456789012:cluster/blue'],
  };
  const given = await iam.call('SimulateCustomPolicy', { ...input, ContextEntries: [cluster] });
  assert.equal(given.EvaluationResults?.[0]?.EvalDecision, 'allowed');
  assert.deepEqual(given.EvaluationResults[0].MissingContextValues, []);
  const two = { ...cluster, ContextKeyValues: ['a', 'b'] };
  await assert.rejects(
    iam.call('SimulateCustomPolicy', { ...input, ContextEntries: [two] }),
    refusal('InvalidInputException', 'The context key ECS:Cluster of type string must have one value.'),
  );
});

test('a permissions boundary bounds', async (t) => {
  const iam = await openWithAlice(t);
  const { EvaluationResults: results = [] } = await iam.call('SimulateCustomPolicy', {
    PolicyInputList: [policy(allow('*'))],
    PermissionsBoundaryPolicyInputList: [policy(allow('ecs:*'), deny('ecs:DeleteCluster'))],
    ActionNames: ['ecs:CreateCluster', 'ecr:CreateRepository', 'ecs:DeleteCluster'],
  });
  assert.deepEqual(
    results.map((one) => [one.EvalDecision, one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary]),
    [
      ['allowed', true],
      ['implicitDeny', false],
      ['explicitDeny', false],
    ],
  );
  assert.deepEqual(results[2]?.MatchedStatements, []);
});

test('a resource policy counts for its principal, across accounts too', async (t) => {
  const iam = await openWithAlice(t);
  const object = 'arn:aws:s3:::shared/a';
  const input = {
    PolicyInputList: [policy(allow('s3:GetObject'))],
    ActionNames: ['s3:GetObject'],
    ResourceArns: [object],
    ResourceOwner: 'arn:aws:iam::210987654321:root',
    CallerArn: ALICE,
  };
  const alone = await iam.call('SimulateCustomPolicy', input);
  assert.equal(alone.EvaluationResults?.[0]?.EvalDecision, 'implicitDeny');
  assert.deepEqual(alone.EvaluationResults[0].EvalDecisionDetails, {
    'IAM Policy': 'allowed',
    'Resource Policy': 'implicitDeny',
  });
  const bucket = policy({ Effect: 'Allow', Principal: { AWS: ALICE }, Action: 's3:GetObject', Resource: object });
  const shared = await iam.call('SimulateCustomPolicy', { ...input, ResourcePolicy: bucket });
  assert.equal(shared.EvaluationResults?.[0]?.EvalDecision, 'allowed');
  assert.deepEqual(
    shared.EvaluationResults[0].MatchedStatements?.map((one) => [one.SourcePolicyId, one.SourcePolicyType]),
    [
      ['PolicyInputList.1', 'IAM Policy'],
      ['ResourcePolicy', 'Resource Policy'],
    ],
  );
  const { CallerArn: _, ...nobody } = { ...input, ResourcePolicy: bucket };
  await assert.rejects(iam.call('SimulateCustomPolicy', nobody), /CallerArn is required/);
});

test('SimulatePrincipalPolicy takes what a user has, from its groups too', async (t) => {
  const iam = await openWithAlice(t);
  await iam.call('PutUserPolicy', { UserName: 'alice', PolicyName: 'own', PolicyDocument: policy(allow('ecs:*')) });
  await iam.call('AttachGroupPolicy', { GroupName: 'pushers', PolicyArn: POWER_USER });
  await iam.call('PutGroupPolicy', {
    GroupName: 'pushers',
    PolicyName: 'team',
    PolicyDocument: policy(allow('s3:*', { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } })),
  });
  const { EvaluationResults: results = [] } = await iam.call('SimulatePrincipalPolicy', {
    PolicySourceArn: ALICE,
    ActionNames: ['ecs:CreateCluster', 'ecr:PutImage', 'ecr:DeleteRepository', 's3:ListAllMyBuckets'],
    ResourceArns: [REPOSITORY],
  });
  const sources = results.map((one) => [one.EvalDecision, one.MatchedStatements?.[0]?.SourcePolicyId]);
  assert.deepEqual(sources, [
    ['allowed', 'user_alice_own'],
    ['allowed', 'AmazonEC2ContainerRegistryPowerUser'],
    ['implicitDeny', undefined],
    ['allowed', 'group_pushers_team'],
  ]);
  const group = await iam.call('SimulatePrincipalPolicy', {
    PolicySourceArn: 'arn:aws:iam::123456789012:group/pushers',
    ActionNames: ['ecs:CreateCluster'],
    PolicyInputList: [policy(allow('ecs:CreateCluster'))],
  });
  assert.equal(group.EvaluationResults?.[0]?.MatchedStatements?.[0]?.SourcePolicyId, 'PolicyInputList.1');
});

test('a role is simulated with its boundary, and may assume what its own policies let it', async (t) => {
  const iam = await openWithAlice(t);
  const trust = policy({
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
  const bounds = 'arn:aws:iam::aws:policy/AmazonECS_FullAccess';
  const role = { RoleName: 'web', Path: '/team/', AssumeRolePolicyDocument: trust };
  await iam.call('CreateRole', { ...role, PermissionsBoundary: bounds });
  await iam.call('PutRolePolicy', { RoleName: 'web', PolicyName: 'all', PolicyDocument: policy(allow('*')) });
  const arn = 'arn:aws:iam::123456789012:role/team/web';
  const { EvaluationResults: results = [] } = await iam.call('SimulatePrincipalPolicy', {
    PolicySourceArn: arn,
    ActionNames: ['ecs:CreateCluster', 'dynamodb:Scan'],
  });
  assert.deepEqual(
    results.map(({ EvalDecision }) => EvalDecision),
    ['allowed', 'implicitDeny'],
  );
  assert.equal(results[0]?.MatchedStatements?.[0]?.SourcePolicyId, 'role_web_all');
  const assume = await iam.call('SimulateCustomPolicy', {
    PolicyInputList: [policy(allow('sts:AssumeRole', { Resource: arn }))],
    ActionNames: ['sts:AssumeRole'],
    ResourceArns: [arn, 'arn:aws:iam::123456789012:role/other'],
  });
  const decisions = assume.EvaluationResults?.[0]?.ResourceSpecificResults?.map((one) => one.EvalResourceDecision);
  assert.deepEqual(decisions, ['allowed', 'implicitDeny']);
});

test('results come in pages, in the order of the actions', async (t) => {
  const iam = await openWithAlice(t);
  const input = { PolicyInputList: [policy(allow('*'))], ActionNames: ['s3:B', 's3:A', 's3:C'], MaxItems: 2 };
  const first = await iam.call('SimulateCustomPolicy', input);
  assert.equal(first.IsTruncated, true);
  const second = await iam.call('SimulateCustomPolicy', { ...input, Marker: first.Marker });
  const names = [first, second].map((page) => page.EvaluationResults?.map((one) => one.EvalActionName));
  assert.deepEqual(names, [['s3:B', 's3:A'], ['s3:C']]);
  assert.equal(second.IsTruncated, false);
});

test('what cannot be simulated is refused', async (t) => {
  const iam = await openWithAlice(t);
  const input = { PolicyInputList: [policy(allow('*'))], ActionNames: ['ecs:RunTask'] };
  const refuse = async (more: object, message: RegExp) =>
    assert.rejects(iam.call('SimulateCustomPolicy', { ...input, ...more }), {
      code: 'InvalidInputException',
      message,
    });
  await refuse({ ActionNames: ['ecs:*'] }, /Invalid action name: ecs:\*/);
  await refuse({ PolicyInputList: ['{'] }, /^PolicyInputList\.1: /);
  await refuse({ ResourceArns: ['web'] }, /Invalid ARN: web/);
  await refuse({ ResourceHandlingOption: 'EC2-VPC-EBS' }, /ResourceHandlingOption is not supported/);
  await refuse({ CallerArn: 'arn:aws:sts::123456789012:assumed-role/a/b' }, /does not clearly define entity type/);
  const source = { PolicySourceArn: 'arn:aws:iam::123456789012:role/none', ActionNames: ['ecs:RunTask'] };
  await assert.rejects(
    iam.call('SimulatePrincipalPolicy', source),
    refusal('NoSuchEntityException', 'The role with name none cannot be found.'),
  );
});
