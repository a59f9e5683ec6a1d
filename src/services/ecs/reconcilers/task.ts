import type { Vpc } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { definitionOfTask, isRemembered } from '../daemons/lookups.ts';
import { planTaskStep } from '../domain/task-plan.ts';
import type { TaskAction, TaskObserved } from '../domain/task-plan.ts';
import { advance } from '../domain/task-report.ts';
import { taskSpec } from '../domain/task-spec.ts';
import { targetOf } from '../domain/task-target.ts';
import { stopTask } from '../domain/task-stop.ts';
import { dnsOfOptions } from '../domain/vpc-resolver.ts';
import type { EcsPorts } from '../operation.ts';
import { taskTimelines, tasks } from '../tables.ts';
import type { TaskInterfaceRow, TaskRow } from '../tables.ts';

/** In place of an id: the VPC has no options. */
const NO_DHCP_OPTIONS = 'default';

/** Takes each task through its states; what its containers do, the executor reports. */
export function taskReconciler(env: ServiceEnvironment<EcsPorts>): Reconciler<TaskObserved, TaskAction> {
  return {
    name: 'ecs.task',
    resyncEveryMs: 60_000,
    keys: (change) => (change.table === tasks.name ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(tasks)).map((task) => task.arn),
    async observe(tx, key) {
      const task = await tx.get(tasks, key);
      const definition = task && (await definitionOfTask(tx, task.taskDefinitionArn));
      if (!task || !definition) return undefined;
      const { stoppedTaskRetentionMs } = env.ports;
      return { task, definition, stoppedTaskRetentionMs, isRemembered: await isRemembered(tx, task) };
    },
    plan: planTaskStep,
    apply: (action) => applyAction(env, action),
  };
}

async function applyAction(env: ServiceEnvironment<EcsPorts>, action: TaskAction): Promise<void> {
  switch (action.type) {
    case 'attach':
      return attach(env, action.task);
    case 'run':
      return env.ports.executor.ensure(taskSpec(action.task, action.definition, env.ports.registryHost), 'RUNNING');
    case 'stop':
      await move(env, action.task, 'STOPPING');
      return env.ports.executor.ensure(taskSpec(action.task, action.definition, env.ports.registryHost), 'STOPPED');
    case 'register':
      return register(env, action.task);
    case 'deregister':
      return deregister(env, action.task);
    case 'detach':
      return detach(env, action.task);
    case 'forget':
      return env.store.write(async (tx) => {
        await tx.delete(tasks, action.task.arn);
        await tx.delete(taskTimelines, action.task.arn);
      });
  }
}

/** Writes what `change` makes of the row, unless it was deleted meanwhile; nothing is written where nothing changes. */
async function update(
  env: ServiceEnvironment<EcsPorts>,
  task: TaskRow,
  change: (row: TaskRow) => TaskRow,
): Promise<void> {
  await env.store.write(async (tx) => {
    const row = await tx.get(tasks, task.arn);
    if (!row) return;
    const changed = change(row);
    if (changed !== row) await tx.put(tasks, { ...changed, version: row.version + 1 });
  });
}

function move(env: ServiceEnvironment<EcsPorts>, task: TaskRow, status: TaskRow['lastStatus']): Promise<void> {
  return update(env, task, (row) => {
    const lastStatus = advance(row.lastStatus, status);
    return lastStatus === row.lastStatus ? row : { ...row, lastStatus };
  });
}

/** Where the VPC has DHCP options: what they say at the task's start, as with a lease. */
async function dnsIn(
  call: ReturnType<ServiceEnvironment<EcsPorts>['callIn']>,
  vpc: Vpc | undefined,
): Promise<Pick<TaskInterfaceRow, 'dns'>> {
  const { DhcpOptionsId: id, CidrBlock: cidr = '' } = vpc ?? {};
  if (id === undefined || id === NO_DHCP_OPTIONS) return {};
  const { DhcpOptions: [options] = [] } = await call('ec2', 'DescribeDhcpOptions', { DhcpOptionsIds: [id] });
  return options ? { dns: dnsOfOptions(cidr, options) } : {};
}

async function attach(env: ServiceEnvironment<EcsPorts>, task: TaskRow): Promise<void> {
  const call = env.callIn(task);
  try {
    // The attachment's id makes this idempotent: after a crash the same call answers the same interface.
    const { NetworkInterface: eni } = await call('ec2', 'CreateNetworkInterface', {
      SubnetId: task.subnetId,
      Groups: [...task.network.securityGroups],
      Description: `arn:aws:ecs:${task.region}:${task.account}:attachment/${task.attachmentId}`,
      ClientToken: task.attachmentId,
    });
    const interfaceId = eni?.NetworkInterfaceId ?? '';
    if (task.network.assignPublicIp) {
      // Fargate's own doing: ECS's service-linked role may not do that.
      await env.callIn(task, { sourceArn: task.arn })('ec2', 'ModifyNetworkInterfaceAttribute', {
        NetworkInterfaceId: interfaceId,
        AssociatePublicIpAddress: true,
      });
    }
    const { Vpcs = [] } = await call('ec2', 'DescribeVpcs', { VpcIds: [eni?.VpcId ?? ''] });
    const attached: TaskInterfaceRow = {
      interfaceId,
      vpcId: eni?.VpcId ?? '',
      vpcCidr: Vpcs[0]?.CidrBlock ?? '',
      subnetId: task.subnetId,
      availabilityZone: eni?.AvailabilityZone ?? '',
      privateIp: eni?.PrivateIpAddress ?? '',
      privateDnsName: eni?.PrivateDnsName ?? '',
      macAddress: eni?.MacAddress ?? '',
      ...(await dnsIn(call, Vpcs[0])),
    };
    await update(env, task, (row) => ({
      ...row,
      interface: attached,
      lastStatus: advance(row.lastStatus, 'PENDING'),
      connectivityAtMs: env.clock.now(),
    }));
  } catch (error) {
    if (!(error instanceof ServiceError) || error.httpStatus >= 500) throw error;
    const now = env.clock.now();
    await update(env, task, (row) => ({
      ...row,
      lastStatus: 'DEPROVISIONING',
      desiredStatus: 'STOPPED',
      stopCode: row.stopCode ?? 'TaskFailedToStart',
      stoppedReason:
        row.stoppedReason ?? `Unexpected EC2 error while attempting to Create Network Interface: ${error.message}`,
      stoppingAtMs: row.stoppingAtMs ?? now,
    }));
  }
}

async function register(env: ServiceEnvironment<EcsPorts>, task: TaskRow): Promise<void> {
  for (const wanted of task.targets) {
    const { targetGroupArn } = wanted;
    const target = targetOf(task, wanted);
    if (!target) {
      const reason = `Task failed to register targets: container port ${wanted.port} has no host port`;
      return update(env, task, (row) => stopTask(row, 'TaskFailedToStart', reason, env.clock.now()));
    }
    try {
      await env.callIn(task)('elbv2', 'RegisterTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
    } catch (error) {
      if (!isTargetGroupGone(error)) throw error;
      // It can never serve: it ends as a failure of its deployment, which is counted and held back.
      const reason = `Task failed to register targets: target group ${targetGroupArn} was not found`;
      return update(env, task, (row) => stopTask(row, 'TaskFailedToStart', reason, env.clock.now()));
    }
  }
  await move(env, task, 'RUNNING');
}

function isTargetGroupGone(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'TargetGroupNotFoundException';
}

async function deregister(env: ServiceEnvironment<EcsPorts>, task: TaskRow): Promise<void> {
  await move(env, task, 'DEACTIVATING');
  if (!(await leaveTargetGroups(env, task))) await move(env, task, 'STOPPING');
}

/** Answers whether connections are still draining. */
async function leaveTargetGroups(env: ServiceEnvironment<EcsPorts>, task: TaskRow): Promise<boolean> {
  const call = env.callIn(task);
  let draining = false;
  for (const wanted of task.targets) {
    const target = targetOf(task, wanted);
    if (!target) continue;
    const query = { TargetGroupArn: wanted.targetGroupArn, Targets: [target] };
    try {
      await call('elbv2', 'DeregisterTargets', query);
      const { TargetHealthDescriptions = [] } = await call('elbv2', 'DescribeTargetHealth', query);
      draining ||= TargetHealthDescriptions.some((health) => health.TargetHealth?.State === 'draining');
    } catch (error) {
      // A target group that was deleted has nothing left to drain.
      if (!isTargetGroupGone(error)) throw error;
    }
  }
  return draining;
}

async function detach(env: ServiceEnvironment<EcsPorts>, task: TaskRow): Promise<void> {
  await move(env, task, 'DEPROVISIONING');
  // A task that ended by itself is still registered: its address must not be anybody's target when it is given away.
  await leaveTargetGroups(env, task);
  const interfaceId = task.networkMode ? undefined : (task.interface?.interfaceId ?? (await findInterface(env, task)));
  if (interfaceId) {
    try {
      await env.callIn(task)('ec2', 'DeleteNetworkInterface', { NetworkInterfaceId: interfaceId });
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'InvalidNetworkInterfaceID.NotFound')) throw error;
    }
  }
  await update(env, task, (row) => ({
    ...row,
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stoppedAtMs: row.stoppedAtMs ?? env.clock.now(),
    executionStoppedAtMs: row.executionStoppedAtMs ?? env.clock.now(),
    containers: row.containers.map((container) => ({ ...container, status: 'STOPPED' as const })),
  }));
}

/** A crash between making the interface and writing it down leaves one that only its description tells of. */
async function findInterface(env: ServiceEnvironment<EcsPorts>, task: TaskRow): Promise<string | undefined> {
  const { NetworkInterfaces = [] } = await env.callIn(task)('ec2', 'DescribeNetworkInterfaces', {
    Filters: [
      { Name: 'description', Values: [`arn:aws:ecs:${task.region}:${task.account}:attachment/${task.attachmentId}`] },
    ],
  });
  return NetworkInterfaces[0]?.NetworkInterfaceId;
}
