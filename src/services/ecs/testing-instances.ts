import type { ContainerInstance, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { must } from './testing.ts';
import type { TestEcs } from './testing.ts';

/** A task on its instance's network: 256 CPU units, a dynamic host port. */
export const ON_BRIDGE: RegisterTaskDefinitionCommandInput = {
  family: 'bridge',
  requiresCompatibilities: ['EC2'],
  networkMode: 'bridge',
  containerDefinitions: [
    { name: 'web', image: 'httpd:2.4', cpu: 256, memory: 512, portMappings: [{ containerPort: 80 }] },
  ],
};

const CAPABILITIES = ['docker-remote-api.1.18', 'docker-remote-api.1.19', 'task-iam-role'].map((name) => ({
  name: `com.amazonaws.ecs.capability.${name}`,
}));

/** An instance with 1024 CPU units and 2048 MiB joins the default cluster; answers its ARN. */
export async function joinInstance(
  ecs: TestEcs,
  id: string,
  zone = 'us-east-1a',
  change: object = {},
): Promise<string> {
  ecs.aws.instances.set(id, zone);
  const { containerInstance } = await ecs.call('RegisterContainerInstance', registration(id, change));
  return must(containerInstance?.containerInstanceArn);
}

export function registration(id: string, change: object = {}) {
  return {
    instanceIdentityDocument: JSON.stringify({ instanceId: id, region: 'us-east-1', accountId: '123456789012' }),
    totalResources: [
      { name: 'CPU', type: 'INTEGER', integerValue: 1024 },
      { name: 'MEMORY', type: 'INTEGER', integerValue: 2048 },
      { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', '2376', '2375', '51678', '51679'] },
      { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
    ],
    versionInfo: { agentVersion: '1.99.0' },
    attributes: [...CAPABILITIES, { name: 'ecs.capability.task-eni' }, { name: 'ecs.os-type', value: 'linux' }],
    ...change,
  };
}

export async function describeInstance(ecs: TestEcs, arn: string): Promise<ContainerInstance> {
  const { containerInstances = [] } = await ecs.call('DescribeContainerInstances', { containerInstances: [arn] });
  return must(containerInstances[0]);
}

/** How many tasks that are to run each instance has. */
export async function tasksByInstance(ecs: TestEcs): Promise<Record<string, number>> {
  const { taskArns = [] } = await ecs.call('ListTasks', {});
  const counts: Record<string, number> = {};
  for (const arn of taskArns) {
    const instance = must((await ecs.task(arn)).containerInstanceArn);
    counts[instance] = (counts[instance] ?? 0) + 1;
  }
  return counts;
}

/** A resource as DescribeContainerInstances shows it. */
export function resourceOf(instance: ContainerInstance, kind: 'registered' | 'remaining', name: string) {
  const found = instance[`${kind}Resources`]?.find((one) => one.name === name);
  return found?.stringSetValue ?? found?.integerValue;
}
