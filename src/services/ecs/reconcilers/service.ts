import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import { checkedContainers } from '../domain/checked-containers.ts';
import { leastUsedSubnet, newTask } from '../domain/new-task.ts';
import { planService } from '../domain/service-plan.ts';
import type { ServiceAction, ServiceObserved, ServiceStep } from '../domain/service-plan.ts';
import { afterStep } from '../domain/service-step.ts';
import { stopTask } from '../domain/task-stop.ts';
import type { EcsPorts } from '../operation.ts';
import { clusters, services, taskDefinitions, tasks } from '../tables.ts';
import type { ServiceRow, TaskRow } from '../tables.ts';

/** Keeps each service's promise: so many healthy tasks of its primary deployment. */
export function serviceReconciler(env: ServiceEnvironment<EcsPorts>): Reconciler<ServiceObserved, ServiceAction> {
  return {
    name: 'ecs.service',
    resyncEveryMs: 60_000,
    keys: (change) =>
      change.table === services.name
        ? [change.key]
        : change.table === tasks.name
          ? (change.indexes['service'] ?? [])
          : [],
    allKeys: async (tx) => (await tx.list(services)).map((service) => service.arn),
    observe: observeService,
    plan: planService,
    async apply(action) {
      if (action.type === 'step') await applyStep(env, action);
      else await checkTargets(env, action.service, action.tasks);
    },
  };
}

async function observeService(tx: ReadTx, key: string): Promise<ServiceObserved | undefined> {
  const service = await tx.get(services, key);
  if (!service || service.status === 'INACTIVE') return undefined;
  const owned = await tx.list(tasks, { where: ['service', key] });
  const checked = new Map<string, ReadonlySet<string>>();
  for (const arn of new Set(owned.map((task) => task.taskDefinitionArn))) {
    checked.set(arn, checkedContainers(await tx.get(taskDefinitions, arn)));
  }
  return { service, tasks: owned, checkedContainers: checked };
}

async function applyStep(env: ServiceEnvironment<EcsPorts>, step: ServiceStep): Promise<void> {
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    const service = await tx.get(services, step.serviceArn);
    // Planned from an older row: the change that moved it has already asked for another pass.
    if (!service || service.revision !== step.revision) return;
    for (const arn of step.failures) await changeTask(tx, arn, (task) => ({ ...task, countedAsFailure: true }));
    for (const stop of step.stops) {
      await changeTask(tx, stop.taskArn, (task) => ({
        ...stopTask(task, 'ServiceSchedulerInitiated', stop.reason, now),
        ...(stop.unhealthy ? { countedAsFailure: true as const } : {}),
      }));
    }
    const started = await startTasks(env, tx, service, step.start, now);
    await tx.put(services, { ...afterStep(service, step, started, env.ids, now), revision: service.revision });
  });
}

async function changeTask(tx: WriteTx, arn: string, change: (task: TaskRow) => TaskRow): Promise<void> {
  const task = await tx.get(tasks, arn);
  if (task) await tx.put(tasks, { ...change(task), revision: task.revision });
}

async function startTasks(
  env: ServiceEnvironment<EcsPorts>,
  tx: WriteTx,
  service: ServiceRow,
  count: number,
  now: number,
): Promise<TaskRow[]> {
  const primary = service.deployments[0];
  const cluster = await tx.get(clusters, service.clusterArn);
  const definition = primary && (await tx.get(taskDefinitions, primary.taskDefinitionArn));
  if (count === 0 || !primary || !cluster || !definition) return [];
  const peers = (await tx.list(tasks, { where: ['service', service.arn] })).filter(
    (task) => task.desiredStatus === 'RUNNING',
  );
  const started: TaskRow[] = [];
  for (let i = 0; i < count; i++) {
    const row = newTask(
      {
        cluster,
        definition,
        network: primary.network,
        subnetId: leastUsedSubnet(primary.network.subnets, [...peers, ...started]),
        group: `service:${service.name}`,
        startedBy: primary.id,
        serviceArn: service.arn,
        deploymentId: primary.id,
        targets: service.loadBalancers.map((balancer) => ({
          targetGroupArn: balancer.targetGroupArn ?? '',
          port: balancer.containerPort ?? 0,
        })),
        tags: {
          ...(service.propagateTags === 'SERVICE' ? service.tags : {}),
          ...(service.propagateTags === 'TASK_DEFINITION' ? definition.tags : {}),
          ...(service.enableEcsManagedTags
            ? { 'aws:ecs:clusterName': cluster.name, 'aws:ecs:serviceName': service.name }
            : {}),
        },
      },
      env.ids,
      now,
    );
    started.push(await tx.put(tasks, row));
  }
  return started;
}

/** Asks the load balancer about each task and writes down what changed. */
async function checkTargets(
  env: ServiceEnvironment<EcsPorts>,
  service: ServiceRow,
  joined: readonly TaskRow[],
): Promise<void> {
  const health = new Map<string, TargetHealthDescription[]>();
  // Those of the tasks, not of the service: old tasks keep their groups when a deployment brings others.
  const groups = new Set(joined.flatMap((task) => task.targets.map((target) => target.targetGroupArn)));
  for (const targetGroupArn of groups) {
    try {
      const answer = await env.callIn(service)('elbv2', 'DescribeTargetHealth', { TargetGroupArn: targetGroupArn });
      health.set(targetGroupArn, answer.TargetHealthDescriptions ?? []);
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'TargetGroupNotFoundException')) throw error;
    }
  }
  const changed = joined.flatMap((task) => {
    const seen = targetHealthOf(task, health);
    return seen.health === task.targetHealth ? [] : [{ task, ...seen }];
  });
  if (changed.length === 0) return;
  await env.store.write(async (tx) => {
    for (const { task, health: targetHealth, reason } of changed) {
      await changeTask(tx, task.arn, (row) => ({
        ...row,
        targetHealth,
        ...(reason === undefined ? {} : { targetHealthReason: reason }),
      }));
    }
  });
}

function targetHealthOf(
  task: TaskRow,
  health: ReadonlyMap<string, readonly TargetHealthDescription[]>,
): { health: NonNullable<TaskRow['targetHealth']>; reason?: string } {
  const states = task.targets.map((target) => {
    const found = health
      .get(target.targetGroupArn)
      ?.find((item) => item.Target?.Id === task.interface?.privateIp && item.Target?.Port === target.port);
    return found?.TargetHealth;
  });
  const bad = states.find((state) => state?.State === 'unhealthy');
  if (bad) return { health: 'unhealthy', ...(bad.Description === undefined ? {} : { reason: bad.Description }) };
  // A group that no listener uses has no health checks, so it holds nobody up.
  const fine = states.every((state) => state?.State === 'healthy' || state?.State === 'unused');
  return { health: fine ? 'healthy' : 'initial' };
}
