import type { AuthorizationCases } from '../../api/authorization-cases.ts';
import { TASK_SET_CASES } from './task-set-cases.ts';
import { DAEMON_CASES } from './daemons/authorization-cases.ts';
import { EXPRESS_CASES } from './express/authorization-cases.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const ROLE = 'arn:aws:iam::123456789012:role/app';
const TAGS = [{ key: 'team', value: 'web' }];
const CLUSTER = { 'ecs:cluster': `${ARN}:cluster/blue` };

const MANAGED = {
  infrastructureRoleArn: ROLE,
  instanceLaunchTemplate: {
    ec2InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/app',
    networkConfiguration: { subnets: ['subnet-1'] },
    instanceMetadataTagsPropagation: false,
  },
  propagateTags: 'CAPACITY_PROVIDER' as const,
};
const PASS_MANAGED = { action: 'iam:PassRole', resources: [ROLE] };

export const ECS_CASES: AuthorizationCases<'ecs'> = {
  CreateCluster: {
    input: {
      clusterName: 'blue',
      capacityProviders: ['FARGATE_SPOT'],
      configuration: { managedStorageConfiguration: { fargateEphemeralStorageKmsKeyId: 'key' } },
      tags: TAGS,
    },
    resources: [`${ARN}:cluster/blue`],
    conditions: {
      'ecs:capacity-provider': [`${ARN}:capacity-provider/FARGATE_SPOT`],
      'ecs:fargate-ephemeral-storage-kms-key': 'key',
    },
    also: [{ action: 'ecs:TagResource', resources: [`${ARN}:cluster/blue`] }],
  },
  UpdateCluster: {
    input: {
      cluster: 'blue',
      configuration: { managedStorageConfiguration: { fargateEphemeralStorageKmsKeyId: 'key' } },
    },
    resources: [`${ARN}:cluster/blue`],
    conditions: { 'ecs:fargate-ephemeral-storage-kms-key': 'key' },
  },
  UpdateClusterSettings: { input: { cluster: 'blue', settings: [] }, resources: [`${ARN}:cluster/blue`] },
  PutClusterCapacityProviders: {
    input: { cluster: 'blue', capacityProviders: ['FARGATE'], defaultCapacityProviderStrategy: [] },
    resources: [`${ARN}:cluster/blue`],
    conditions: { 'ecs:capacity-provider': [`${ARN}:capacity-provider/FARGATE`] },
  },
  CreateCapacityProvider: {
    input: { name: 'mine', cluster: 'blue', managedInstancesProvider: MANAGED, tags: TAGS },
    resources: [`${ARN}:capacity-provider/mine`],
    conditions: { 'ecs:propagate-tags': 'CAPACITY_PROVIDER', 'ecs:instance-metadata-tags-propagation': 'false' },
    also: [{ action: 'ecs:TagResource', resources: [`${ARN}:capacity-provider/mine`] }, PASS_MANAGED],
  },
  UpdateCapacityProvider: {
    input: { name: 'mine', cluster: 'blue', managedInstancesProvider: MANAGED },
    resources: [`${ARN}:capacity-provider/mine`],
    conditions: { 'ecs:propagate-tags': 'CAPACITY_PROVIDER', 'ecs:instance-metadata-tags-propagation': 'false' },
    also: [PASS_MANAGED],
  },
  DeleteCapacityProvider: {
    input: { capacityProvider: `${ARN}:capacity-provider/mine` },
    resources: [`${ARN}:capacity-provider/mine`],
  },
  DescribeCapacityProviders: {
    input: { capacityProviders: ['FARGATE', 'mine'] },
    resources: [`${ARN}:capacity-provider/FARGATE`, `${ARN}:capacity-provider/mine`],
  },
  PutAccountSetting: {
    input: { name: 'containerInsights', value: 'enabled' },
    resources: ['*'],
    conditions: { 'ecs:account-setting': 'containerInsights' },
  },
  PutAccountSettingDefault: {
    input: { name: 'containerInsights', value: 'enabled' },
    resources: ['*'],
    conditions: { 'ecs:account-setting': 'containerInsights' },
  },
  DeleteAccountSetting: {
    input: { name: 'containerInsights' },
    resources: ['*'],
    conditions: { 'ecs:account-setting': 'containerInsights' },
  },
  ListAccountSettings: { input: {}, resources: ['*'] },
  UpdateTaskProtection: {
    input: { cluster: 'blue', tasks: ['abc', 'def'], protectionEnabled: true },
    resources: [`${ARN}:task/blue/abc`, `${ARN}:task/blue/def`],
    conditions: CLUSTER,
  },
  GetTaskProtection: {
    input: { cluster: 'blue', tasks: ['abc'] },
    resources: [`${ARN}:task/blue/abc`],
    conditions: CLUSTER,
  },
  DeleteCluster: { input: { cluster: 'blue' }, resources: [`${ARN}:cluster/blue`] },
  DescribeClusters: {
    input: { clusters: ['blue', 'green'] },
    resources: [`${ARN}:cluster/blue`, `${ARN}:cluster/green`],
  },
  RegisterContainerInstance: {
    input: { cluster: 'blue', tags: TAGS },
    resources: [`${ARN}:cluster/blue`],
    also: [{ action: 'ecs:TagResource', resources: [`${ARN}:container-instance/blue/*`] }],
  },
  DeregisterContainerInstance: {
    input: { cluster: 'blue', containerInstance: 'abc' },
    resources: [`${ARN}:cluster/blue`],
  },
  DescribeContainerInstances: {
    input: { cluster: 'blue', containerInstances: ['abc', 'def'] },
    resources: [`${ARN}:container-instance/blue/abc`, `${ARN}:container-instance/blue/def`],
    conditions: CLUSTER,
  },
  ListContainerInstances: { input: { cluster: 'blue' }, resources: [`${ARN}:cluster/blue`] },
  UpdateContainerInstancesState: {
    input: { cluster: 'blue', containerInstances: ['abc'], status: 'DRAINING' },
    resources: [`${ARN}:container-instance/blue/abc`],
    conditions: CLUSTER,
  },
  UpdateContainerAgent: {
    input: { cluster: 'blue', containerInstance: 'abc' },
    resources: [`${ARN}:container-instance/blue/abc`],
    conditions: CLUSTER,
  },
  PutAttributes: {
    input: { cluster: 'blue', attributes: [{ name: 'stack', value: 'prod', targetId: 'abc' }] },
    resources: [`${ARN}:container-instance/blue/abc`],
    conditions: CLUSTER,
  },
  DeleteAttributes: {
    input: { cluster: 'blue', attributes: [{ name: 'stack', targetId: 'abc' }] },
    resources: [`${ARN}:container-instance/blue/abc`],
    conditions: CLUSTER,
  },
  ListAttributes: {
    input: { cluster: 'blue', targetType: 'container-instance' },
    resources: [`${ARN}:cluster/blue`],
  },
  StartTask: {
    input: { cluster: 'blue', taskDefinition: 'site', containerInstances: ['abc'], tags: TAGS },
    resources: [`${ARN}:task-definition/site:*`],
    conditions: {
      ...CLUSTER,
      'ecs:container-instances': [`${ARN}:container-instance/blue/abc`],
      'ecs:enable-execute-command': 'false',
      'ecs:enable-ebs-volumes': 'false',
    },
    also: [{ action: 'ecs:TagResource', resources: [`${ARN}:task/blue/*`] }],
  },
  ListClusters: { input: {}, resources: ['*'] },
  RegisterTaskDefinition: {
    input: {
      family: 'site',
      containerDefinitions: [{ name: 'web', image: 'i' }],
      requiresCompatibilities: ['FARGATE'],
      cpu: '.25 vCPU',
      memory: '0.5 GB',
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
  DeleteTaskDefinitions: {
    input: { taskDefinitions: ['site:1', `${ARN}:task-definition/site:2`] },
    resources: [`${ARN}:task-definition/site:1`, `${ARN}:task-definition/site:2`],
  },
  ListTaskDefinitions: { input: {}, resources: ['*'] },
  ListTaskDefinitionFamilies: { input: {}, resources: ['*'] },
  RunTask: {
    input: {
      cluster: 'blue',
      taskDefinition: 'site:3',
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
      overrides: { taskRoleArn: ROLE, cpu: '.5 vCPU', memory: '1 GB' },
      tags: TAGS,
    },
    resources: [`${ARN}:task-definition/site:3`],
    conditions: {
      ...CLUSTER,
      'ecs:capacity-provider': [`${ARN}:capacity-provider/FARGATE_SPOT`],
      'ecs:enable-execute-command': 'false',
      'ecs:enable-ebs-volumes': 'false',
      'ecs:task-cpu': '512',
      'ecs:task-memory': '1024',
    },
    also: [
      { action: 'iam:PassRole', resources: [ROLE] },
      { action: 'ecs:TagResource', resources: [`${ARN}:task/blue/*`] },
    ],
  },
  StopTask: { input: { cluster: 'blue', task: 'abc' }, resources: [`${ARN}:task/blue/abc`], conditions: CLUSTER },
  ExecuteCommand: {
    input: { cluster: 'blue', task: 'abc', container: 'web', interactive: true, command: 'ls' },
    resources: [`${ARN}:task/blue/abc`],
    conditions: { ...CLUSTER, 'ecs:container-name': 'web', 'ecs:task': `${ARN}:task/blue/abc` },
  },
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
    input: {
      cluster: 'blue',
      service: 'web',
      enableExecuteCommand: true,
      loadBalancers: [{ advancedConfiguration: { roleArn: ROLE } }],
    },
    resources: [`${ARN}:service/blue/web`],
    conditions: { ...CLUSTER, 'ecs:enable-execute-command': 'true' },
    also: [{ action: 'iam:PassRole', resources: [ROLE] }],
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
  ListServicesByNamespace: { input: { namespace: 'shop' }, resources: ['*'], conditions: { 'ecs:namespace': 'shop' } },
  ListServices: { input: { cluster: 'blue' }, resources: ['*'], conditions: CLUSTER },
  ListServiceDeployments: {
    input: { cluster: 'blue', service: 'web' },
    resources: [`${ARN}:service/blue/web`],
    conditions: CLUSTER,
  },
  DescribeServiceDeployments: {
    input: { serviceDeploymentArns: [`${ARN}:service-deployment/blue/web/abc`] },
    resources: [`${ARN}:service/blue/web`, `${ARN}:service-deployment/blue/web/abc`],
    conditions: { ...CLUSTER, 'ecs:service': `${ARN}:service/blue/web` },
  },
  StopServiceDeployment: {
    input: { serviceDeploymentArn: `${ARN}:service-deployment/blue/web/abc` },
    resources: [`${ARN}:service/blue/web`, `${ARN}:service-deployment/blue/web/abc`],
    conditions: { ...CLUSTER, 'ecs:service': `${ARN}:service/blue/web` },
  },
  ContinueServiceDeployment: {
    input: { serviceDeploymentArn: `${ARN}:service-deployment/blue/web/abc`, hookId: 'ecs-pause-abc' },
    resources: [`${ARN}:service/blue/web`, `${ARN}:service-deployment/blue/web/abc`],
    conditions: { ...CLUSTER, 'ecs:service': `${ARN}:service/blue/web` },
  },
  DescribeServiceRevisions: {
    input: { serviceRevisionArns: [`${ARN}:service-revision/blue/web/123`] },
    resources: [`${ARN}:service/blue/web`, `${ARN}:service-revision/blue/web/123`],
    conditions: { ...CLUSTER, 'ecs:service': `${ARN}:service/blue/web` },
  },
  ...EXPRESS_CASES,
  ...TASK_SET_CASES,
  ...DAEMON_CASES,
  TagResource: { input: { resourceArn: `${ARN}:cluster/blue`, tags: TAGS }, resources: [`${ARN}:cluster/blue`] },
  UntagResource: {
    input: { resourceArn: `${ARN}:cluster/blue`, tagKeys: ['team'] },
    resources: [`${ARN}:cluster/blue`],
  },
  ListTagsForResource: { input: { resourceArn: `${ARN}:cluster/blue` }, resources: [`${ARN}:cluster/blue`] },
};
