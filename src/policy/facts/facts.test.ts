import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  actionFacts,
  actionsMatching,
  actionsOf,
  isWildcardOnly,
  matchesResourceType,
  resourceTypeOf,
  serviceName,
  servicesKnown,
} from './facts.ts';

const ECS = 'arn:aws:ecs:us-east-1:123456789012';
const ELB = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';

test('an action has its name, level, resource types and condition keys', async () => {
  const facts = await actionFacts('ECS:runtask');
  assert.equal(facts?.name, 'ecs:RunTask');
  assert.equal(facts.accessLevel, 'Write');
  assert.ok(facts.conditionKeys.includes('ecs:cluster'));
  assert.deepEqual(facts.resourceTypes, [
    {
      name: 'task-definition',
      required: true,
      arnPatterns: [
        'arn:${Partition}:ecs:${Region}:${Account}:task-definition/${TaskDefinitionFamilyName}:${TaskDefinitionRevisionNumber}',
      ],
      conditionKeys: ['aws:ResourceTag/${TagKey}', 'ecs:ResourceTag/${TagKey}'],
    },
  ]);
  assert.equal((await actionFacts('ecs:TagResource'))?.accessLevel, 'Tagging');
  assert.equal((await actionFacts('iam:PutRolePolicy'))?.accessLevel, 'Permissions management');
});

test('what AWS does not have has no facts', async () => {
  const ofObjects = ['ecs:constructor', 'constructor:RunTask', '__proto__:__proto__'];
  for (const action of ['ecs:Fly', 'ecz:RunTask', 'ecs', '', '../services:x', ...ofObjects]) {
    assert.equal(await actionFacts(action), undefined, action);
    assert.equal(await isWildcardOnly(action), false, action);
    assert.equal(await matchesResourceType(action, '*'), false, action);
  }
  for (const prefix of ['ecz', 'constructor', '__proto__']) {
    assert.equal(await serviceName(prefix), undefined);
    assert.deepEqual(await actionsOf(prefix), []);
  }
});

test('an action without resources takes only *', async () => {
  assert.equal(await isWildcardOnly('ecr:GetAuthorizationToken'), true);
  assert.equal(await isWildcardOnly('ecr:PutImage'), false);
  assert.equal(await matchesResourceType('ecr:GetAuthorizationToken', '*'), true);
  assert.equal(await matchesResourceType('ecr:PutImage', '*'), false);
});

test('an ARN is of the type that it fits most exactly', async () => {
  const cases: readonly [action: string, arn: string, type: string | undefined][] = [
    ['ecs:RunTask', `${ECS}:task-definition/web:7`, 'task-definition'],
    ['ecs:RunTask', `${ECS}:task-definition/web:*`, 'task-definition'],
    ['ecs:RunTask', `${ECS}:cluster/default`, undefined],
    ['ecs:StopTask', `${ECS}:task/default/0123`, 'task'],
    ['ecr:PutImage', 'arn:aws:ecr:us-east-1:123456789012:repository/team/web', 'repository'],
    ['iam:PassRole', 'arn:aws:iam::123456789012:role/team/web', 'role'],
    ['iam:PassRole', 'arn:aws:iam::123456789012:user/web', undefined],
    ['s3:ListBucket', 'arn:aws:s3:::logs', 'bucket'],
    ['s3:ListBucket', 'arn:aws:s3:::logs/2026/app.log', undefined],
    ['s3:GetObject', 'arn:aws:s3:::logs/2026/app.log', 'object'],
    ['elasticloadbalancing:CreateListener', `${ELB}:loadbalancer/app/web/50dc6c495c0c9188`, 'loadbalancer/app/'],
    ['elasticloadbalancing:DeleteLoadBalancer', `${ELB}:loadbalancer/web`, 'loadbalancer'],
  ];
  for (const [action, arn, type] of cases) {
    assert.equal((await resourceTypeOf(action, arn))?.name, type, `${action} ${arn}`);
    assert.equal(await matchesResourceType(action, arn), type !== undefined, `${action} ${arn}`);
  }
});

test('a pattern stands for the actions that it matches', async () => {
  const described = await actionsMatching('ECS:describe*');
  assert.ok(described.includes('ecs:DescribeClusters'));
  assert.ok(described.every((action) => action.startsWith('ecs:Describe')));
  assert.deepEqual(await actionsMatching('ecr:PutImage'), ['ecr:PutImage']);
  assert.deepEqual(await actionsMatching('ecr:PutImag'), []);
  assert.deepEqual(await actionsMatching('sts:Get?allerIdentity'), ['sts:GetCallerIdentity']);
  const registries = await actionsMatching('ecr*:CreateRepository');
  assert.deepEqual(registries, ['ecr:CreateRepository', 'ecr-public:CreateRepository']);
});

test('services have names', async () => {
  const services = await servicesKnown();
  for (const service of ['ecs', 'ecr', 'ec2', 'iam', 'sts', 'cloudtrail', 'logs'])
    assert.ok(services.includes(service));
  assert.equal(await serviceName('ecs'), 'Amazon Elastic Container Service');
  assert.ok((await actionsOf('ECS')).includes('ecs:CreateCluster'));
});
