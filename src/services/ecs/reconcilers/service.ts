import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import { rolesOf } from '../authorization.ts';
import { checkedContainers } from '../domain/checked-containers.ts';
import { planService } from '../domain/service-plan.ts';
import type { ServiceAction, ServiceObserved, ServiceStep } from '../domain/service-plan.ts';
import { afterStep } from '../domain/service-step.ts';
import { sourceOf } from '../domain/traffic-shift.ts';
import { stopTask } from '../domain/task-stop.ts';
import { unassumable } from '../errors.ts';
import type { EcsPorts } from '../operation.ts';
import { observeDaemon } from '../service-demand.ts';
import { observeRoom } from '../service-room.ts';
import { putService } from '../service-records.ts';
import { services, taskDefinitions, tasks } from '../tables.ts';
import type { TaskRow } from '../tables.ts';
import { checkAlarms } from './service-alarms.ts';
import { runHook } from './service-hooks.ts';
import { checkTargets } from './service-targets.ts';
import { standingStops } from './standing-stops.ts';
import { startTasks } from './service-tasks.ts';
import { shiftTraffic } from './service-traffic.ts';

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
    observe: (tx, key) => observeService(env, tx, key),
    plan: planService,
    async apply(action) {
      if (action.type === 'step') await applyStep(env, action);
      else if (action.type === 'check-targets') await checkTargets(env, action.service, action.tasks);
      else if (action.type === 'check-alarms') await checkAlarms(env, action.service);
      else if (action.type === 'shift-traffic') await shiftTraffic(env, action.service);
      else await runHook(env, action.service, action.hookId);
    },
  };
}

async function observeService(
  env: ServiceEnvironment<EcsPorts>,
  tx: ReadTx,
  key: string,
): Promise<ServiceObserved | undefined> {
  const service = await tx.get(services, key);
  if (!service || service.status === 'INACTIVE') return undefined;
  const owned = await tx.list(tasks, { where: ['service', key] });
  const checked = new Map<string, ReadonlySet<string>>();
  for (const arn of new Set(owned.map((task) => task.taskDefinitionArn))) {
    checked.set(arn, checkedContainers(await tx.get(taskDefinitions, arn)));
  }
  const { registryHost } = env.ports;
  const daemon = await observeDaemon(tx, service, { ids: env.ids, registryHost });
  const room = await observeRoom(tx, service, owned, { ids: env.ids, registryHost });
  return { service, tasks: owned, checkedContainers: checked, ...(daemon && { daemon }), ...(room && { room }) };
}

async function applyStep(env: ServiceEnvironment<EcsPorts>, step: ServiceStep): Promise<void> {
  const now = env.clock.now();
  const refusal = step.start > 0 ? await refusalOf(env, step.serviceArn) : undefined;
  await env.store.write(async (tx) => {
    const service = await tx.get(services, step.serviceArn);
    // Planned from an older row: the change that moved it has already asked for another pass.
    if (!service || service.revision !== step.revision) return;
    const known = await tx.list(tasks, { where: ['service', service.arn] });
    const taken = { ...step, stops: await standingStops(tx, step.stops, now) };
    await writeTasks(tx, taken, now);
    const count = refusal === undefined ? step.start : 0;
    const { rows, refused } = await startTasks(env, tx, service, service.deployments[0], count, now);
    const source = await startTasks(env, tx, service, sourceOf(service), step.sourceStart ?? 0, now);
    const started = [...rows, ...source.rows];
    const done = { started, known: [...known, ...started], refusal, refused: refused ?? source.refused };
    const after = afterStep(service, taken, done, env.ids, now);
    await putService(tx, { ...after, revision: service.revision }, now);
  });
}

/** What the step writes down of tasks; each row once. */
async function writeTasks(tx: WriteTx, step: ServiceStep, now: number): Promise<void> {
  const sick = step.sick.map((one) => one.taskArn);
  const reasons = new Map(step.stops.map((stop) => [stop.taskArn, stop.reason]));
  const { failures, recovered, registered, deregistered } = step;
  const changed = new Set([...sick, ...reasons.keys(), ...failures, ...recovered, ...registered, ...deregistered]);
  for (const arn of changed) {
    const task = await tx.get(tasks, arn);
    if (!task) continue;
    const marked: TaskRow = {
      ...task,
      ...((failures.includes(arn) || sick.includes(arn)) && { countedAsFailure: true }),
      ...(recovered.includes(arn) && { wasHealthy: true }),
      ...(registered.includes(arn) && { targetsSaid: 'registered' as const }),
      ...(deregistered.includes(arn) && { targetsSaid: 'deregistered' as const }),
    };
    const reason = reasons.get(arn);
    const stopped = reason === undefined ? marked : stopTask(marked, 'ServiceSchedulerInitiated', reason, now);
    await tx.put(tasks, { ...stopped, revision: task.revision });
  }
}

/** Why the primary deployment's tasks cannot be launched at all: ECS may not hand them their roles. */
async function refusalOf(env: ServiceEnvironment<EcsPorts>, serviceArn: string): Promise<string | undefined> {
  const found = await env.store.read(async (tx) => {
    const service = await tx.get(services, serviceArn);
    const primary = service?.deployments[0];
    const definition = primary && (await tx.get(taskDefinitions, primary.taskDefinitionArn));
    return service && definition && { service, definition };
  });
  if (!found) return undefined;
  for (const roleArn of rolesOf(found.service, found.definition.definition)) {
    if (!(await env.ports.mayAssume(roleArn, found.service))) return unassumable(roleArn).replace(/\.$/, '');
  }
  return undefined;
}
