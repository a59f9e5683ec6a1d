import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { Stored } from '../../../store/store.ts';
import type { ContainerInstanceRow } from '../container-instance-tables.ts';
import type {
  DeploymentRow,
  ServiceRow,
  TaskContainerRow,
  TaskDefinitionRow,
  TaskInterfaceRow,
  TaskRow,
} from '../tables.ts';

export const SCOPE = { account: '123456789012', region: 'us-east-1' };
const arn = (resource: string) => `arn:aws:ecs:us-east-1:123456789012:${resource}`;

export const INTERFACE: TaskInterfaceRow = {
  interfaceId: 'eni-1',
  vpcId: 'vpc-1',
  vpcCidr: '172.31.0.0/16',
  subnetId: 'subnet-a',
  availabilityZone: 'us-east-1a',
  privateIp: '172.31.0.11',
  privateDnsName: 'ip-172-31-0-11.ec2.internal',
  macAddress: '0a:00:00:00:00:01',
};

const NETWORK = { subnets: ['subnet-a'], securityGroups: ['sg-1'], assignPublicIp: false };

export function containerRow(name: string, change: Partial<TaskContainerRow> = {}): TaskContainerRow {
  return {
    arn: arn(`container/default/${name}`),
    name,
    image: `${name}:1`,
    status: 'PENDING',
    health: 'UNKNOWN',
    ...change,
  };
}

export function taskRow(change: Partial<TaskRow> = {}): TaskRow {
  const id = change.id ?? 't1';
  return {
    ...SCOPE,
    arn: arn(`task/default/${id}`),
    id,
    clusterArn: arn('cluster/default'),
    taskDefinitionArn: arn('task-definition/site:1'),
    family: 'site',
    group: 'family:site',
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    network: NETWORK,
    subnetId: 'subnet-a',
    attachmentId: `attachment-${id}`,
    targets: [],
    overrides: {},
    cpu: '256',
    memory: '512',
    containers: [containerRow('web')],
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    tags: {},
    createdAtMs: 0,
    version: 1,
    ...change,
  };
}

export function definitionRow(
  containerDefinitions: ContainerDefinition[] = [{ name: 'web', image: 'web:1' }],
  change: Partial<RegisterTaskDefinitionCommandInput> = {},
): TaskDefinitionRow {
  return {
    ...SCOPE,
    arn: arn('task-definition/site:1'),
    family: 'site',
    number: 1,
    status: 'ACTIVE',
    definition: { family: 'site', containerDefinitions, ...change },
    registeredAtMs: 0,
    registeredBy: 'root',
    tags: {},
  };
}

/** A container instance of 2 vCPU and 4 GiB with nothing on it; its id in the cluster is EC2's. */
export function containerInstanceRow(id: string, change: Partial<ContainerInstanceRow> = {}): ContainerInstanceRow {
  const { availabilityZone = 'us-east-1a' } = change;
  return {
    ...SCOPE,
    arn: arn(`container-instance/default/${id}`),
    id,
    clusterArn: arn('cluster/default'),
    ec2InstanceId: id,
    instanceType: 't3.medium',
    vpcId: 'vpc-1',
    availabilityZone,
    status: 'ACTIVE',
    agentConnected: true,
    agentChangedAtMs: 0,
    versionInfo: {},
    cpu: 2048,
    memory: 4096,
    reservedPorts: { tcp: [], udp: [] },
    interfaces: 2,
    attributes: [{ name: 'ecs.availability-zone', value: availabilityZone }],
    registeredAtMs: 0,
    tags: {},
    version: 1,
    ...change,
  };
}

export function deploymentRow(id: string, change: Partial<DeploymentRow> = {}): DeploymentRow {
  return {
    id,
    status: 'PRIMARY',
    taskDefinitionArn: arn(`task-definition/${id}:1`),
    network: NETWORK,
    platformVersion: '1.4.0',
    loadBalancers: [],
    revisionArn: arn(`service-revision/default/web/${id}`),
    serviceDeploymentArn: arn(`service-deployment/default/web/${id}`),
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: '',
    failedTasks: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...change,
  };
}

const SHIFTED = [
  {
    targetGroupArn: 'blue',
    containerName: 'web',
    containerPort: 80,
    advancedConfiguration: {
      alternateTargetGroupArn: 'green',
      productionListenerRule: 'rule',
      testListenerRule: 'test-rule',
      roleArn: 'role',
    },
  },
];
const OLD = deploymentRow('old', { rolloutState: 'COMPLETED', loadBalancers: SHIFTED });

/** A service whose next deployment shifts the traffic of the one that it has, `old`, from `blue` to `green`. */
export const BEFORE_A_SHIFT = {
  loadBalancers: SHIFTED,
  deployments: [OLD],
  lastCompleted: { ...OLD, deploymentId: OLD.id },
};

export function serviceRow(change: Partial<ServiceRow> = {}): Stored<ServiceRow> {
  const deployments = change.deployments ?? [deploymentRow('new')];
  return {
    ...SCOPE,
    arn: arn('service/default/web'),
    name: 'web',
    clusterArn: arn('cluster/default'),
    status: 'ACTIVE',
    desiredCount: 2,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    taskDefinitionArn: deployments[0]?.taskDefinitionArn ?? '',
    network: NETWORK,
    loadBalancers: [],
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
    availabilityZoneRebalancing: 'ENABLED',
    enableExecuteCommand: false,
    propagateTags: 'NONE',
    enableEcsManagedTags: false,
    deployments,
    events: [],
    steady: false,
    tags: {},
    createdAtMs: 0,
    createdBy: 'root',
    revision: 1,
    ...change,
  };
}

/** A task of a service's deployment, by default RUNNING. */
export function serviceTask(id: string, deploymentId: string, change: Partial<TaskRow> = {}): TaskRow {
  return taskRow({
    id,
    serviceArn: arn('service/default/web'),
    deploymentId,
    taskDefinitionArn: arn(`task-definition/${deploymentId}:1`),
    lastStatus: 'RUNNING',
    startedAtMs: 0,
    ...change,
  });
}
