import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const ROLE = 'arn:aws:iam::123456789012:role/app';
const TAGS = [{ key: 'team', value: 'web' }];
const CLUSTER = { 'ecs:cluster': `${ARN}:cluster/blue` };

export const ECS_CASES: AuthorizationCases<'ecs'> = {
  CreateCluster: {
    input: { clusterName: 'blue', tags: TAGS },
    resources: [`${ARN}:cluster/blue`],
    also: [{ action: 'ecs:TagResource', resources: [`${ARN}:cluster/blue`] }],
  },
  DeleteCluster: { input: { cluster: 'blue' }, resources: [`${ARN}:cluster/blue`] },
  DescribeClusters: {
    input: { clusters: ['blue', 'green'] },
    resources: [`${ARN}:cluster/blue`, `${ARN}:cluster/green`],
  },
  ListClusters: { input: {}, resources: ['*'] },
  RegisterTaskDefinition: {
    input: {
      family: 'site',
      containerDefinitions: [{ name: 'web', image: 'i' }],
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      taskRoleArn: ROLE,
      executionRoleArn: 'pull',
      tags: TAGS,
    },
    resources: [`${ARN}:task-definition/site:*`],
    conditions: {
      'ecs:privileged': 'false',
      'ecs:compute-compatibility': ['FARGATE'],
      'ecs:task-cpu': '256',
      'ecs:task-memory': '512',
    },
    also: [
      { action: 'iam:PassRole', resources: [ROLE, 'arn:aws:iam::123456789012:role/pull'] },
      { action: 'ecs:TagResource', resources: [`${ARN}:task-definition/site:*`] },
    ],
  },
  DescribeTaskDefinition: { input: { taskDefinition: 'site' }, resources: ['*'] },
  DeregisterTaskDefinition: { input: { taskDefinition: 'site:1' }, resources: ['*'] },
  ListTaskDefinitions: { input: {}, resources: ['*'] },
  ListTaskDefinitionFamilies: { input: {}, resources: ['*'] },
  RunTask: {
    input: { cluster: 'blue', taskDefinition: 'site:3', overrides: { taskRoleArn: ROLE }, tags: TAGS },
    resources: [`${ARN}:task-definition/site:3`],
    conditions: { ...CLUSTER, 'ecs:enable-execute-command': 'false' },
    also: [
      { action: 'iam:PassRole', resources: [ROLE] },
      { action: 'ecs:TagResource', resources: [`${ARN}:task/blue/*`] },
    ],
  },
  StopTask: { input: { cluster: 'blue', task: 'abc' }, resources: [`${ARN}:task/blue/abc`], conditions: CLUSTER },
  DescribeTasks: {
    input: { cluster: 'blue', tasks: ['abc', 'def'] },
    resources: [`${ARN}:task/blue/abc`, `${ARN}:task/blue/def`],
    conditions: CLUSTER,
  },
  ListTasks: { input: { cluster: 'blue' }, resources: [`${ARN}:container-instance/blue/*`], conditions: CLUSTER },
  CreateService: {
    input: {
      cluster: 'blue',
      serviceName: 'web',
      taskDefinition: 'site',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], assignPublicIp: 'ENABLED' } },
      enableECSManagedTags: true,
      propagateTags: 'SERVICE',
      tags: TAGS,
    },
    resources: [`${ARN}:service/blue/web`],
    conditions: {
      ...CLUSTER,
      'ecs:task-definition': 'site',
      'ecs:enable-ecs-managed-tags': 'true',
      'ecs:propagate-tags': 'SERVICE',
      'ecs:auto-assign-public-ip': 'ENABLED',
      'ecs:subnet': ['subnet-1'],
    },
    also: [{ action: 'ecs:TagResource', resources: [`${ARN}:service/blue/web`] }],
  },
  UpdateService: {
    input: { cluster: 'blue', service: 'web', enableExecuteCommand: true },
    resources: [`${ARN}:service/blue/web`],
    conditions: { ...CLUSTER, 'ecs:enable-execute-command': 'true' },
  },
  DeleteService: {
    input: { cluster: 'blue', service: 'web' },
    resources: [`${ARN}:service/blue/web`],
    conditions: CLUSTER,
  },
  DescribeServices: {
    input: { cluster: 'blue', services: ['web', 'api'] },
    resources: [`${ARN}:service/blue/web`, `${ARN}:service/blue/api`],
    conditions: CLUSTER,
  },
  ListServices: { input: { cluster: 'blue' }, resources: ['*'], conditions: CLUSTER },
  TagResource: { input: { resourceArn: `${ARN}:cluster/blue`, tags: TAGS }, resources: [`${ARN}:cluster/blue`] },
  UntagResource: {
    input: { resourceArn: `${ARN}:cluster/blue`, tagKeys: ['team'] },
    resources: [`${ARN}:cluster/blue`],
  },
  ListTagsForResource: { input: { resourceArn: `${ARN}:cluster/blue` }, resources: [`${ARN}:cluster/blue`] },
};
