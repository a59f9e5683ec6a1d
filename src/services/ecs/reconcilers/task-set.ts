import { isDeepStrictEqual } from 'node:util';
import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx } from '../../../store/store.ts';
import { checkedContainers } from '../domain/checked-containers.ts';
import { planTaskSets } from '../domain/task-set-plan.ts';
import type { TaskSetAction, TaskSetsObserved, TaskSetStep } from '../domain/task-set-plan.ts';
import { addEvents } from '../domain/service-events.ts';
import { taskSets } from '../domain/task-set.ts';
import { unplacedAfter } from '../domain/unplaced.ts';
import { stopTask } from '../domain/task-stop.ts';
import type { EcsPorts } from '../operation.ts';
import { services, taskDefinitions, tasks } from '../tables.ts';
import type { LaunchTypeRow } from '../tables.ts';
import { checkTargets } from './service-targets.ts';
import { standingStops } from './standing-stops.ts';
import { startTasks } from './service-tasks.ts';

type Env = ServiceEnvironment<EcsPorts>;

/** Keeps as many tasks in each task set as its scale asks for: one key for each service of the EXTERNAL controller. */
export function taskSetReconciler(env: Env): Reconciler<TaskSetsObserved, TaskSetAction> {
  return {
    name: 'ecs.task-set',
    resyncEveryMs: 60_000,
    keys: ({ table, key, indexes }) =>
      table === services.name
        ? [key]
        : table === tasks.name || table === taskSets.name
          ? (indexes['service'] ?? [])
          : [],
    allKeys: async (tx) => [...new Set((await tx.list(taskSets)).map((set) => set.serviceArn))],
    observe,
    plan: planTaskSets,
    async apply(action) {
      if (action.type === 'step') await applyStep(env, action);
      else await checkTargets(env, action.service, action.tasks);
    },
  };
}

async function observe(tx: ReadTx, key: string): Promise<TaskSetsObserved | undefined> {
  const service = await tx.get(services, key);
  const sets = await tx.list(taskSets, { where: ['service', key] });
  if (!service || sets.length === 0) return undefined;
  const owned = await tx.list(tasks, { where: ['service', key] });
  const checked = new Map<string, ReadonlySet<string>>();
  for (const arn of new Set(owned.map((task) => task.taskDefinitionArn))) {
    checked.set(arn, checkedContainers(await tx.get(taskDefinitions, arn)));
  }
  return { service, sets, tasks: owned, checkedContainers: checked };
}

async function applyStep(env: Env, step: TaskSetStep): Promise<void> {
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    const set = await tx.get(taskSets, step.set.arn);
    const service = set && (await tx.get(services, set.serviceArn));
    // Planned from an older row: the change that moved it has already asked for another pass.
    if (!set || !service || set.revision !== step.set.revision) return;
    if (step.isGone) return tx.delete(taskSets, set.arn);
    const stops = await standingStops(tx, step.stops, now);
    const reasons = new Map(stops.map((stop) => [stop.taskArn, stop.reason]));
    for (const arn of new Set([...reasons.keys(), ...step.failures])) {
      const task = await tx.get(tasks, arn);
      if (!task) continue;
      const marked = { ...task, ...(step.failures.includes(arn) && { countedAsFailure: true as const }) };
      const reason = reasons.get(arn);
      const stopped = reason === undefined ? marked : stopTask(marked, 'ServiceSchedulerInitiated', reason, now);
      await tx.put(tasks, { ...stopped, revision: task.revision });
    }
    const { capacityProviderStrategy: _of, ...placed } = service;
    const { capacityProviderStrategy: strategy } = set;
    const launchType: LaunchTypeRow = set.launchType ?? 'FARGATE';
    const owner = { ...placed, launchType, ...(strategy && { capacityProviderStrategy: strategy }) };
    const { refused } = await startTasks(env, tx, owner, set.workload, step.start, now);
    const unplaced = refused && unplacedAfter(set.unplaced, refused, now);
    if (unplaced?.saidAtMs === now) await tx.put(services, addEvents(service, [unplaced.reason], env.ids, now));
    const failed = step.failures.length;
    const { unplaced: before, ...rest } = set;
    const waiting = unplaced ?? (step.start > 0 ? undefined : before);
    const after = {
      ...rest,
      ...(waiting && { unplaced: waiting }),
      isSteady: step.isSteady,
      ...(step.isSteady !== set.isSteady && { stabilityAtMs: now }),
      workload: {
        ...set.workload,
        failedTasks: step.isSteady ? 0 : set.workload.failedTasks + failed,
        ...(failed > 0 && { lastFailureAtMs: now }),
      },
    };
    // A write asks for another pass: nothing was done in this one where its task definition is gone.
    if (!isDeepStrictEqual(after, set)) await tx.put(taskSets, after);
  });
}
