import type { TaskContainer, TaskSpec } from './executor.ts';
import type { TaskSeen } from './task-seen.ts';

/** A container of a task definition that says nothing but its name; for tests. */
export function testContainer(name: string, options: Partial<TaskContainer> = {}): TaskContainer {
  return {
    name,
    image: `${name}:1`,
    pullReference: `${name}:1`,
    pullFrom: 'public',
    essential: true,
    environment: {},
    capabilitiesAdd: [],
    capabilitiesDrop: [],
    ulimits: [],
    dependsOn: [],
    stopTimeoutMs: 30_000,
    dockerLabels: {},
    secrets: [],
    environmentFiles: [],
    mounts: [],
    volumesFrom: [],
    tmpfs: [],
    devices: [],
    systemControls: {},
    securityOptions: [],
    ...options,
  };
}

/** Of an interface in the default VPC. */
export const TEST_NETWORK = {
  mode: 'awsvpc',
  vpcId: 'vpc-1',
  interfaceId: 'eni-1',
  privateIp: '172.31.0.11',
  hostname: 'ip-172-31-0-11.ec2.internal',
  dnsServers: ['172.31.0.2'],
  dnsSearch: ['ec2.internal'],
} as const;

/** A task of these containers; for tests. */
export function testTask(containers: readonly TaskContainer[], options: Partial<TaskSpec> = {}): TaskSpec {
  const taskId = options.taskId ?? '0123456789abcdef0123456789abcdef';
  return {
    taskArn: `arn:aws:ecs:us-east-1:123456789012:task/default/${taskId}`,
    taskId,
    clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/default',
    family: 'web',
    taskDefinitionRevision: 3,
    network: TEST_NETWORK,
    containers,
    volumes: [],
    ...options,
  };
}

/** A task of which nothing is there. */
export const NOTHING_SEEN: TaskSeen = {
  containers: new Map(),
  plugged: false,
  unplugged: false,
  hasSecrets: false,
  volumes: new Set(),
  volumesRemoved: false,
  cgroupRemoved: false,
  inFlight: [],
  stoppedAccepted: false,
};

/** Lets everything that waits for promises only go on. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 200; round++) await Promise.resolve();
}
