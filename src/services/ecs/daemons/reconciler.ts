import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Plan, Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx } from '../../../store/store.ts';
import { registeredInstances } from '../container-instance-lookup.ts';
import { containerInstances } from '../container-instance-tables.ts';
import type { EcsPorts } from '../operation.ts';
import { clusters, tasks } from '../tables.ts';
import { checkDaemonAlarms } from './alarms.ts';
import { daemonInstance, observeDaemon } from './facts.ts';
import type { DaemonFacts, DaemonInstance } from './facts.ts';
import { isServed, planDaemon } from './plan.ts';
import type { DaemonStep } from './plan.ts';
import { isEnded } from './records.ts';
import { clusterOfDaemon } from './references.ts';
import { admit, applyStep } from './steps.ts';
import type { StepAction } from './steps.ts';
import { daemonDeployments, daemons } from './tables.ts';
import type { DaemonDeploymentRow } from './tables.ts';

interface Observed {
  /** The cluster was deleted, and its daemons go with it. */
  readonly isClusterGone: boolean;
  readonly facts: readonly DaemonFacts[];
  /** Instances that take no task yet. */
  readonly awaiting: readonly DaemonInstance[];
}

type Action =
  | StepAction
  | { readonly type: 'check-alarms'; readonly deployment: DaemonDeploymentRow }
  | { readonly type: 'admit'; readonly instanceArn: string };

/** How often CloudWatch is asked about the alarms of a deployment. */
const ALARMS_EVERY_MS = 5_000;

/** Keeps the promise of a cluster's managed daemons: one task on each instance of their capacity providers, first of all. */
export function daemonReconciler(env: ServiceEnvironment<EcsPorts>): Reconciler<Observed, Action> {
  return {
    name: 'ecs.daemon',
    resyncEveryMs: 60_000,
    keys(change) {
      if (change.table === tasks.name) return (change.indexes['daemon'] ?? []).map(clusterOfDaemon);
      if (change.table === clusters.name) return [change.key];
      const isOfCluster = [daemons.name, daemonDeployments.name, containerInstances.name].includes(change.table);
      return isOfCluster ? (change.indexes['cluster'] ?? []) : [];
    },
    async allKeys(tx) {
      const awaiting = (await tx.list(containerInstances)).filter((row) => row.awaitsDaemons);
      return [...new Set([...(await tx.list(daemons)), ...awaiting].map((row) => row.clusterArn))];
    },
    observe: observeCluster,
    plan: planCluster,
    async apply(action) {
      if (action.type === 'step') await applyStep(env, action);
      else if (action.type === 'admit') await admit(env, action.instanceArn);
      else await checkDaemonAlarms(env, action.deployment);
    },
  };
}

async function observeCluster(tx: ReadTx, clusterArn: string): Promise<Observed | undefined> {
  const rows = await tx.list(daemons, { where: ['cluster', clusterArn] });
  const registered = await registeredInstances(tx, clusterArn);
  const awaiting = registered.filter((row) => row.awaitsDaemons && row.status === 'ACTIVE').map(daemonInstance);
  if (rows.length === 0 && awaiting.length === 0) return undefined;
  const facts: DaemonFacts[] = [];
  for (const row of rows) {
    const one = await observeDaemon(tx, row, registered);
    if (one) facts.push(one);
  }
  return { isClusterGone: (await tx.get(clusters, clusterArn))?.status !== 'ACTIVE', facts, awaiting };
}

function planCluster({ isClusterGone, facts, awaiting }: Observed, now: number): Plan<Action> {
  const actions: Action[] = [];
  const wakes: number[] = [];
  const why: string[] = [];
  for (const one of facts) {
    const { daemon, deployment } = one;
    const step = isClusterGone ? GONE : planDaemon(one, now);
    if (isWatched(deployment)) {
      actions.push({ type: 'check-alarms', deployment });
      wakes.push(now + ALARMS_EVERY_MS);
    }
    const { daemon: daemonRow, deployment: deploymentRow } = revisionsOf(one);
    const does = step.start.length + step.drain.length + step.failures.length > 0 || step.deployment || step.isGone;
    if (does) actions.push({ type: 'step', daemonArn: daemon.arn, daemonRow, deploymentRow, step });
    if (step.wakeAt !== undefined) wakes.push(step.wakeAt);
    why.push(`${daemon.name}: ${step.why}`);
  }
  for (const instance of awaiting) {
    if (facts.every((one) => isServed(one, instance))) actions.push({ type: 'admit', instanceArn: instance.arn });
  }
  const wake = wakes.length > 0 ? { wakeAt: Math.min(...wakes) } : {};
  return { actions, ...wake, why: why.join('; ') || 'it has no daemons' };
}

const GONE: DaemonStep = { start: [], drain: [], failures: [], isGone: true, why: 'its cluster was deleted' };

function isWatched(deployment: DaemonDeploymentRow): boolean {
  return !isEnded(deployment) && !deployment.rollback && deployment.configuration.alarmNames.length > 0;
}

/** What it was planned from: a row that has moved on since asks for another pass by itself. */
function revisionsOf({ daemon, deployment }: DaemonFacts): { readonly daemon: number; readonly deployment: number } {
  return { daemon: daemon.revision ?? 0, deployment: deployment.revision ?? 0 };
}
