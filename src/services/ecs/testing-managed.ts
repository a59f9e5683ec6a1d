import type { CreateCapacityProviderCommandInput } from '@aws-sdk/client-ecs';
import { tasks } from './tables.ts';
import type { LaunchedInstance } from './testing-managed-ec2.ts';
import { joinInstance } from './testing-instances.ts';
import { insist } from './testing-world.ts';
import { must, openTestSite } from './testing.ts';
import type { OnEffect } from './testing-aws.ts';
import type { TestEcs } from './testing.ts';

export const INFRASTRUCTURE_ROLE = 'arn:aws:iam::123456789012:role/ecsInfrastructureRole';
export const PROFILE = 'arn:aws:iam::123456789012:instance-profile/ecsInstanceRole';

/** Two fit on the smallest instance. */
export const SMALL = {
  family: 'small',
  requiresCompatibilities: ['MANAGED_INSTANCES' as const],
  networkMode: 'host' as const,
  containerDefinitions: [{ name: 'web', image: 'httpd:2.4', cpu: 512, memory: 512 }],
};

export const managedProvider = (change: object = {}, template: object = {}): CreateCapacityProviderCommandInput => ({
  name: 'mi',
  cluster: 'default',
  managedInstancesProvider: {
    infrastructureRoleArn: INFRASTRUCTURE_ROLE,
    instanceLaunchTemplate: {
      ec2InstanceProfileArn: PROFILE,
      networkConfiguration: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-web'] },
      ...template,
    },
    infrastructureOptimization: { scaleInAfter: 60 },
    ...change,
  },
});

/** The cluster `default` with the provider `mi`, its default, and the task definition `small`. */
export async function openTestManaged(change: object = {}, onEffect?: OnEffect): Promise<TestEcs> {
  const ecs = await openTestSite(onEffect);
  await ecs.call('RegisterTaskDefinition', SMALL);
  await ecs.call('CreateCapacityProvider', managedProvider(change));
  await ecs.call('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: [],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'mi', weight: 1 }],
  });
  return ecs;
}

/** Answers the ARNs of the tasks. */
export async function runSmall(ecs: TestEcs, count: number): Promise<string[]> {
  const { tasks: made = [] } = await ecs.call('RunTask', { taskDefinition: 'small', count });
  await ecs.reconcile();
  return made.map((task) => must(task.taskArn));
}

export const launchesOf = (ecs: TestEcs): LaunchedInstance[] => [...ecs.aws.managed.launched.values()];

/** What runs joins the cluster. */
export async function joinLaunched(ecs: TestEcs): Promise<void> {
  for (const one of launchesOf(ecs)) {
    if (one.state !== 'running' || ecs.aws.instances.has(one.id)) continue;
    const cpu = one.request.InstanceType === 'c7a.medium' ? 1 : 2;
    const zone = one.request.SubnetId === 'subnet-a' ? 'us-east-1a' : 'us-east-1b';
    const change = {
      totalResources: [
        { name: 'CPU', type: 'INTEGER', integerValue: cpu * 1024 },
        { name: 'MEMORY', type: 'INTEGER', integerValue: cpu * 2048 },
        { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22'] },
        { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
      ],
    };
    await insist(() => joinInstance(ecs, one.id, zone, change));
  }
  await ecs.reconcile();
}

export async function endTasks(ecs: TestEcs, arns: readonly string[]): Promise<void> {
  for (const arn of arns) {
    await insist(() =>
      ecs.store.write(async (tx) => {
        const row = must(await tx.get(tasks, arn));
        await tx.put(tasks, { ...row, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
      }),
    );
  }
  await ecs.reconcile();
}
