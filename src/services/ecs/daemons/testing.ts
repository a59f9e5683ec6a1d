import type { DaemonDeployment, DaemonDetail, RegisterDaemonTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { formatArn } from '../../../kernel/arn.ts';
import type { ManagedProviderRow } from '../capacity-provider-tables.ts';
import { capacityProviders } from '../capacity-provider-tables.ts';
import { containerInstances } from '../container-instance-tables.ts';
import { CLUSTER, HALF, instanceArn, registerInstance } from '../testing-capacity.ts';
import { must, openTestSite } from '../testing.ts';
import type { OnEffect } from '../testing-aws.ts';
import type { TestEcs } from '../testing.ts';
import { clusters } from '../tables.ts';
import { awaitingDaemons } from './gate.ts';

export const PROVIDER = formatArn('ecs', TEST_SCOPE, 'capacity-provider/managed');
export const DAEMON = formatArn('ecs', TEST_SCOPE, 'daemon/default/agent');

export const AGENT: RegisterDaemonTaskDefinitionCommandInput = {
  family: 'agent',
  cpu: '128',
  memory: '128',
  containerDefinitions: [{ name: 'agent', image: 'httpd:2.4' }],
};

/** The cluster `default` with the Managed Instances provider `managed`, and the daemon task definition `agent:1`. */
export async function openTestDaemons(onEffect?: OnEffect): Promise<TestEcs> {
  const ecs = await openTestSite(onEffect);
  const provider: ManagedProviderRow = {
    ...TEST_SCOPE,
    arn: PROVIDER,
    name: 'managed',
    status: 'ACTIVE',
    clusterArn: CLUSTER,
    managedInstances: {
      infrastructureRoleArn: 'arn:aws:iam::123456789012:role/infrastructure',
      template: {
        ec2InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/node',
        networkConfiguration: { subnets: ['subnet-a'] },
      },
      propagateTags: 'NONE',
    },
    tags: {},
  };
  await ecs.store.write(async (tx) => {
    await tx.put(capacityProviders, provider);
    const cluster = must(await tx.get(clusters, CLUSTER));
    await tx.put(clusters, { ...cluster, capacityProviders: ['managed'] });
  });
  await ecs.call('RegisterTaskDefinition', HALF);
  await ecs.call('RegisterDaemonTaskDefinition', AGENT);
  return ecs;
}

export async function createDaemon(ecs: TestEcs, change: object = {}): Promise<string> {
  const { deploymentArn } = await ecs.call('CreateDaemon', {
    daemonName: 'agent',
    daemonTaskDefinitionArn: 'agent:1',
    capacityProviderArns: [PROVIDER],
    ...change,
  });
  await ecs.reconcile();
  return must(deploymentArn);
}

/** ECS has launched an instance, and it registers: as RegisterContainerInstance would write it. */
export async function joinManaged(ecs: TestEcs, id: string): Promise<string> {
  const arn = instanceArn(id);
  ecs.clock.advance(1);
  if (!(await ecs.store.read((tx) => tx.get(containerInstances, arn)))) await registerInstance(ecs, id);
  await ecs.store.write(async (tx) => {
    const row = must(await tx.get(containerInstances, arn));
    const named = { ...row, capacityProviderName: 'managed', registeredAtMs: ecs.clock.now() };
    await tx.put(containerInstances, await awaitingDaemons(tx, named));
  });
  await ecs.reconcile();
  return arn;
}

/** ECS has terminated it. */
export async function leaveManaged(ecs: TestEcs, arn: string): Promise<void> {
  await ecs.store.write(async (tx) => {
    const row = must(await tx.get(containerInstances, arn));
    await tx.put(containerInstances, { ...row, status: 'INACTIVE' });
  });
  await ecs.reconcile();
}

export async function statusOf(ecs: TestEcs, instance: string): Promise<string | undefined> {
  const { containerInstances: found = [] } = await ecs.call('DescribeContainerInstances', {
    containerInstances: [instance],
  });
  return found[0]?.status;
}

/** The daemon's tasks that are to run, by container instance. */
export async function daemonTasks(ecs: TestEcs): Promise<Map<string, string>> {
  const { taskArns = [] } = await ecs.call('ListTasks', { daemonName: 'agent' });
  const found = new Map<string, string>();
  for (const arn of taskArns) found.set(must((await ecs.task(arn)).containerInstanceArn), arn);
  return found;
}

/** The task of the daemon on an instance. */
export async function taskOn(ecs: TestEcs, instance: string): Promise<string> {
  return must((await daemonTasks(ecs)).get(instance));
}

/** The daemon's task on an instance has begun to run. */
export async function runDaemon(ecs: TestEcs, instance: string): Promise<string> {
  const task = await taskOn(ecs, instance);
  await ecs.report(task, 'RUNNING');
  await ecs.reconcile();
  return task;
}

export async function failDaemon(ecs: TestEcs, instance: string): Promise<void> {
  const why = { stopCode: 'TaskFailedToStart' as const, stoppedReason: 'CannotPullContainerError: not there' };
  await ecs.report(await taskOn(ecs, instance), 'STOPPED', why);
  await ecs.reconcile();
}

export async function describeDaemon(ecs: TestEcs): Promise<DaemonDetail> {
  return must((await ecs.call('DescribeDaemon', { daemonArn: DAEMON })).daemon);
}

export async function describeDeployment(ecs: TestEcs, arn: string): Promise<DaemonDeployment> {
  const { daemonDeployments = [] } = await ecs.call('DescribeDaemonDeployments', { daemonDeploymentArns: [arn] });
  return must(daemonDeployments[0]);
}
