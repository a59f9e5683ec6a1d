import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { TEST_SCOPE } from '../../api/testing.ts';
import { formatArn } from '../../kernel/arn.ts';
import { containerInstances } from './container-instance-tables.ts';
import { containerInstanceRow } from './domain/testing-rows.ts';
import { registration } from './testing-instances.ts';
import { tasks } from './tables.ts';
import { must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import type { FakeMember } from './testing-groups.ts';

const MINUTE_MS = 60_000;
export const CLUSTER = formatArn('ecs', TEST_SCOPE, 'cluster/default');
export const instanceArn = (ec2InstanceId: string) =>
  formatArn('ecs', TEST_SCOPE, `container-instance/default/${ec2InstanceId}`);

/** Two fit on an instance. */
export const HALF: RegisterTaskDefinitionCommandInput = {
  family: 'half',
  networkMode: 'bridge',
  containerDefinitions: [{ name: 'web', image: 'httpd:2.4', cpu: 1024, memory: 512 }],
};

/** The provider `mine` over the group `web`, the cluster's default, whose instances are in the cluster. */
export async function openTestCapacity(instances: readonly string[], change: object = {}): Promise<TestEcs> {
  const ecs = await openTestSite();
  ecs.aws.groups.add('web', instances).NewInstancesProtectedFromScaleIn = true;
  await ecs.call('RegisterTaskDefinition', HALF);
  await ecs.call('CreateCapacityProvider', {
    name: 'mine',
    autoScalingGroupProvider: { autoScalingGroupArn: 'web', managedScaling: { status: 'ENABLED' }, ...change },
  });
  await ecs.call('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: ['mine'],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'mine', weight: 1 }],
  });
  for (const id of instances) await registerInstance(ecs, id);
  return ecs;
}

export async function registerInstance(ecs: TestEcs, ec2InstanceId: string): Promise<void> {
  await ecs.store.write((tx) =>
    tx.put(
      containerInstances,
      containerInstanceRow(ec2InstanceId, {
        instanceType: 't3.small',
        memory: 1900,
        attributes: registration(ec2InstanceId).attributes,
      }),
    ),
  );
}

/** Auto Scaling has launched one more, and it has joined the cluster. */
export async function launchInstance(ecs: TestEcs, id: string): Promise<void> {
  const group = must(ecs.aws.groups.groups.get('web'));
  group.Instances.push({ InstanceId: id, LifecycleState: 'InService', ProtectedFromScaleIn: false });
  group.DesiredCapacity = group.Instances.length;
  await registerInstance(ecs, id);
  await ecs.reconcile();
}

export async function endTask(ecs: TestEcs, taskArn: string): Promise<void> {
  await ecs.store.write(async (tx) => {
    const row = must(await tx.get(tasks, taskArn));
    await tx.put(tasks, { ...row, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
  });
}

/** What is measured in the next minute. */
export async function measure(ecs: TestEcs): Promise<number | undefined> {
  ecs.clock.advance(MINUTE_MS);
  await ecs.reconcile();
  return ecs.measured.at(-1)?.value;
}

export const memberOf = (ecs: TestEcs, id: string): FakeMember =>
  must(ecs.aws.groups.groups.get('web')?.Instances.find((one) => one.InstanceId === id));
