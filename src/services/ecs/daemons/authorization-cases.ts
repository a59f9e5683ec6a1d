import type { AuthorizationCases } from '../../../api/authorization-cases.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const DAEMON = `${ARN}:daemon/blue/agent`;
const CLUSTER = { 'ecs:cluster': `${ARN}:cluster/blue` };
const OF_DAEMON = { ...CLUSTER, 'ecs:daemon': DAEMON };
const DEFINITION = `${ARN}:daemon-task-definition/agent:1`;
const ROLE = 'arn:aws:iam::123456789012:role/app';
const TAGS = [{ key: 'team', value: 'web' }];

export const DAEMON_CASES: AuthorizationCases<'ecs'> = {
  RegisterDaemonTaskDefinition: {
    input: {
      family: 'agent',
      containerDefinitions: [{ name: 'agent', image: 'i', privileged: true }],
      cpu: '.25 vCPU',
      memory: '0.5 GB',
      taskRoleArn: ROLE,
      tags: TAGS,
    },
    resources: [`${ARN}:daemon-task-definition/agent:*`],
    conditions: { 'ecs:privileged': 'true', 'ecs:task-cpu': '256', 'ecs:task-memory': '512' },
    also: [
      { action: 'iam:PassRole', resources: [ROLE] },
      { action: 'ecs:TagResource', resources: [`${ARN}:daemon-task-definition/agent:*`] },
    ],
  },
  DescribeDaemonTaskDefinition: { input: { daemonTaskDefinition: 'agent:1' }, resources: [DEFINITION] },
  DeleteDaemonTaskDefinition: { input: { daemonTaskDefinition: DEFINITION }, resources: [DEFINITION] },
  ListDaemonTaskDefinitions: { input: {}, resources: ['*'] },
  CreateDaemon: {
    input: {
      daemonName: 'agent',
      clusterArn: `${ARN}:cluster/blue`,
      daemonTaskDefinitionArn: DEFINITION,
      capacityProviderArns: [`${ARN}:capacity-provider/managed`],
      enableExecuteCommand: true,
      enableECSManagedTags: true,
      propagateTags: 'DAEMON',
      tags: TAGS,
    },
    resources: [DAEMON],
    conditions: {
      ...CLUSTER,
      'ecs:capacity-provider': [`${ARN}:capacity-provider/managed`],
      'ecs:daemon-task-definition': DEFINITION,
      'ecs:enable-execute-command': 'true',
      'ecs:enable-ecs-managed-tags': 'true',
      'ecs:propagate-tags': 'DAEMON',
    },
    also: [{ action: 'ecs:TagResource', resources: [DAEMON] }],
  },
  UpdateDaemon: {
    input: {
      daemonArn: DAEMON,
      daemonTaskDefinitionArn: DEFINITION,
      capacityProviderArns: [`${ARN}:capacity-provider/managed`],
    },
    resources: [DAEMON],
    conditions: {
      ...CLUSTER,
      'ecs:capacity-provider': [`${ARN}:capacity-provider/managed`],
      'ecs:daemon-task-definition': DEFINITION,
    },
  },
  DeleteDaemon: { input: { daemonArn: DAEMON }, resources: [DAEMON], conditions: CLUSTER },
  DescribeDaemon: { input: { daemonArn: DAEMON }, resources: [DAEMON], conditions: CLUSTER },
  ListDaemons: { input: { clusterArn: `${ARN}:cluster/blue` }, resources: ['*'], conditions: CLUSTER },
  ListDaemonDeployments: { input: { daemonArn: DAEMON }, resources: [DAEMON], conditions: CLUSTER },
  DescribeDaemonDeployments: {
    input: { daemonDeploymentArns: [`${ARN}:daemon-deployment/blue/agent/abc`] },
    resources: [DAEMON, `${ARN}:daemon-deployment/blue/agent/abc`],
    conditions: OF_DAEMON,
  },
  DescribeDaemonRevisions: {
    input: { daemonRevisionArns: [`${ARN}:daemon-revision/blue/agent/123`] },
    resources: [DAEMON, `${ARN}:daemon-revision/blue/agent/123`],
    conditions: OF_DAEMON,
  },
};
