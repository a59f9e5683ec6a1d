import { breakerThreshold } from '../domain/failure-throttle.ts';
import type { DaemonFacts, DaemonInstance, DaemonTask } from './facts.ts';
import { isEnded } from './records.ts';
import type { DaemonDeploymentRow, DaemonRow } from './tables.ts';

/**
 * What a daemon does next, from what there is toward one task of the wanted revision on each instance.
 *
 *   a new instance            gets a task, and takes others once the critical daemons run
 *   one with another revision, or from before the daemon
 *                             is drained, a batch at a time; its capacity provider replaces it
 *   one whose critical task has failed
 *                             is drained at once
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-deployments.html
 */
export interface DaemonStep {
  /** ARNs of instances that get a task of `revisionArn`. */
  readonly start: readonly string[];
  readonly revisionArn?: string;
  /** ARNs of instances that take no more tasks. */
  readonly drain: readonly string[];
  /** ARNs of tasks whose failure is counted now. */
  readonly failures: readonly string[];
  /** As it is after the step, where that is something new. */
  readonly deployment?: DaemonDeploymentRow;
  /** The deployment has succeeded with this revision. */
  readonly stableRevisionArn?: string;
  /** The daemon is deleted, and nothing of it is left. */
  readonly isGone?: true;
  readonly wakeAt?: number;
  readonly why: string;
}

type Kind = 'other' | 'fresh' | 'starting' | 'current' | 'without' | 'impaired' | 'outdated' | 'draining';

/** What it is to run; undefined where it is to run nothing. */
export function wantedRevision(deployment: DaemonDeploymentRow): string | undefined {
  if (deployment.rollback) return deployment.rollback.revisionArn;
  return deployment.status === 'STOPPED' ? undefined : deployment.targetRevisionArn;
}

export function planDaemon(facts: DaemonFacts, now: number): DaemonStep {
  const { deployment } = facts;
  if (!isEnded(deployment)) {
    const failed = failedDeployment(facts, now);
    if (failed) return { start: [], drain: [], failures: arnsOf(facts.failures), ...failed };
  }
  const kinds = new Map(facts.instances.map((instance) => [instance.arn, kindOf(facts, instance)]));
  const of = (...some: readonly Kind[]) => [...kinds].flatMap(([arn, kind]) => (some.includes(kind) ? [arn] : []));
  const fresh = of('fresh');
  const connected = new Set(facts.instances.filter((one) => one.agentConnected).map((one) => one.arn));
  const wanted = wantedRevision(deployment);
  const counted = withCount(facts, of('current').length > 0, now);
  const startAtMs = nextStartAt(counted);
  const isHeld = startAtMs > now && fresh.length > 0;
  const common = {
    start: wanted === undefined || isHeld ? [] : fresh.filter((arn) => connected.has(arn)),
    ...(isHeld && { wakeAt: startAtMs }),
    ...(wanted === undefined ? {} : { revisionArn: wanted }),
    failures: arnsOf(facts.failures),
  };
  const impaired = of('impaired');
  const inFlight = fresh.length + of('starting', 'draining').length + impaired.length;
  if (inFlight > 0) {
    const drain = { drain: impaired };
    const begun = started(facts, counted, now);
    return { ...common, ...drain, ...changed(deployment, begun), why: `${inFlight} of its instances are on their way` };
  }
  return { ...common, ...nextBatch(facts, counted, of('outdated'), now) };
}

/** Nothing is on its way: it bakes, drains the next batch, or is done. */
function nextBatch(
  facts: DaemonFacts,
  counted: DaemonDeploymentRow,
  outdated: readonly string[],
  now: number,
): Pick<DaemonStep, 'drain' | 'deployment' | 'stableRevisionArn' | 'isGone' | 'wakeAt' | 'why'> {
  const { daemon, deployment } = facts;
  const begun = started(facts, counted, now);
  const bakeUntil = bakeEnd(begun, now);
  if (bakeUntil !== undefined && bakeUntil > now) {
    const baking = begun.bakeFromMs === undefined ? { ...begun, bakeFromMs: now } : begun;
    return { drain: [], ...changed(deployment, baking), wakeAt: bakeUntil, why: 'its deployment bakes' };
  }
  if (outdated.length > 0) {
    const drain = outdated.slice(0, batchSize(facts.instances.length, daemon.configuration.drainPercent));
    const { bakeFromMs: _baked, ...rest } = begun;
    const stepped = isEnded(begun) ? begun : { ...rest, isStepped: true as const };
    return { drain, ...changed(deployment, stepped), why: `${outdated.length} of its instances are to be replaced` };
  }
  if (daemon.status === 'DELETE_IN_PROGRESS') return { drain: [], isGone: true, why: 'none of its tasks is left' };
  if (isEnded(begun)) return { drain: [], ...changed(deployment, begun), why: 'each of its instances runs its task' };
  if (hasOnlyFailed(facts, begun)) {
    return { drain: [], ...changed(deployment, begun), why: 'no instance has run its task yet' };
  }
  const status = begun.rollback ? ('ROLLBACK_SUCCESSFUL' as const) : ('SUCCESSFUL' as const);
  const done: DaemonDeploymentRow = { ...begun, status, finishedAtMs: now };
  const stable = begun.rollback ? undefined : begun.targetRevisionArn;
  return {
    drain: [],
    deployment: done,
    ...(stable !== undefined && { stableRevisionArn: stable }),
    why: 'each of its instances runs its task: its deployment is done',
  };
}

const LONGEST_WAIT_MS = 60_000;

/** No circuit breaker is there once a deployment has ended: each failure costs an instance, so the next try waits twice as long. */
function nextStartAt({ late }: DaemonDeploymentRow): number {
  return late ? late.lastAtMs + Math.min(LONGEST_WAIT_MS, 1000 * 2 ** Math.min(late.failures - 1, 10)) : 0;
}

/** Every instance that it was tried on is gone: the next one tells. */
function hasOnlyFailed({ instances }: DaemonFacts, { failureCount, rollback }: DaemonDeploymentRow): boolean {
  return instances.length === 0 && (rollback?.failureCount ?? failureCount) > 0;
}

function kindOf({ daemon, deployment, critical, tasks }: DaemonFacts, instance: DaemonInstance): Kind {
  const task = tasks.get(instance.arn);
  const wanted = wantedRevision(deployment);
  const isOwn = daemon.capacityProviders.includes(instance.provider ?? '');
  const isDeleted = daemon.status === 'DELETE_IN_PROGRESS';
  if (instance.isDraining) return isOwn || task ? 'draining' : 'other';
  if (task?.state === 'failed' && critical.has(task.revisionArn)) return 'impaired';
  if (!isOwn || isDeleted) return task && task.state !== 'failed' ? 'outdated' : 'other';
  if (wanted === undefined) return 'other';
  if (!task) return instance.registeredAtMs >= deployment.createdAtMs ? 'fresh' : 'outdated';
  return task.revisionArn === wanted ? KINDS[task.state] : 'outdated';
}

const KINDS: Readonly<Record<DaemonTask['state'], Kind>> = {
  starting: 'starting',
  running: 'current',
  failed: 'without',
};

/** At least one instance at a time. */
export function batchSize(instances: number, drainPercent: number): number {
  return Math.max(1, Math.floor((instances * drainPercent) / 100));
}

/** When it has baked, after a batch; undefined where it need not: a rollback does not wait. */
function bakeEnd(deployment: DaemonDeploymentRow, now: number): number | undefined {
  const bakeMs = deployment.configuration.bakeTimeInMinutes * 60_000;
  if (isEnded(deployment) || !deployment.isStepped || deployment.rollback || bakeMs === 0) return undefined;
  return (deployment.bakeFromMs ?? now) + bakeMs;
}

/** How many failures fail it depends on how many instances there are. */
function started({ instances }: DaemonFacts, deployment: DaemonDeploymentRow, now: number): DaemonDeploymentRow {
  if (deployment.status !== 'PENDING') return deployment;
  return { ...deployment, status: 'IN_PROGRESS', startedAtMs: now, threshold: breakerThreshold(instances.length) };
}

function changed(
  before: DaemonDeploymentRow,
  after: DaemonDeploymentRow,
): { readonly deployment?: DaemonDeploymentRow } {
  return before === after ? {} : { deployment: after };
}

function arnsOf(failures: DaemonFacts['failures']): string[] {
  return failures.map(({ arn }) => arn);
}

/** With the failures that are counted now. */
function withCount({ deployment, failures }: DaemonFacts, isRunning: boolean, now: number): DaemonDeploymentRow {
  const { late, ...others } = deployment;
  if (late && isRunning && failures.length === 0) return others;
  if (failures.length === 0) return deployment;
  if (isEnded(deployment)) {
    return { ...deployment, late: { failures: (late?.failures ?? 0) + failures.length, lastAtMs: now } };
  }
  const { rollback } = deployment;
  const again = rollback ? failures.filter((one) => one.revisionArn === rollback.revisionArn).length : 0;
  return {
    ...deployment,
    failureCount: deployment.failureCount + failures.length - again,
    ...(rollback && { rollback: { ...rollback, failureCount: rollback.failureCount + again } }),
  };
}

const BREAKER = 'The daemon deployment circuit breaker was triggered.';
const ALARMS = 'A CloudWatch alarm of the daemon deployment was triggered.';

/** What becomes of a deployment that has failed now; undefined where it has not. */
function failedDeployment(
  facts: DaemonFacts,
  now: number,
): Pick<Required<DaemonStep>, 'deployment' | 'why'> | undefined {
  const counted = started(facts, withCount(facts, false, now), now);
  const { rollback, threshold } = counted;
  const ended = { stoppedAtMs: now, finishedAtMs: now };
  if (rollback) {
    if (rollback.failureCount < threshold) return undefined;
    const statusReason = `${rollback.reason} The rollback failed.`;
    return {
      deployment: { ...counted, ...ended, status: 'ROLLBACK_FAILED', statusReason },
      why: 'its rollback failed',
    };
  }
  const failure = failureOf(counted);
  if (!failure) return undefined;
  const reason = failure === 'breaker' ? BREAKER : ALARMS;
  const { bakeFromMs: _baked, ...rest } = counted;
  const target = rollbackTarget(facts.daemon, counted);
  if (target === undefined) {
    const statusReason = `${reason} There is no daemon revision to roll back to.`;
    return {
      deployment: { ...rest, ...ended, status: 'STOPPED', failure, statusReason },
      why: 'its deployment failed',
    };
  }
  const rollingBack: DaemonDeploymentRow = {
    ...rest,
    status: 'ROLLBACK_IN_PROGRESS',
    failure,
    statusReason: reason,
    rollback: { reason, startedAtMs: now, revisionArn: target, failureCount: 0 },
  };
  return { deployment: rollingBack, why: 'its deployment failed: it goes back to the revision before' };
}

function failureOf({
  failureCount,
  threshold,
  alarms,
  targetRevisionArn,
}: DaemonDeploymentRow): 'breaker' | 'alarms' | undefined {
  if (targetRevisionArn === undefined) return undefined;
  if (failureCount >= threshold) return 'breaker';
  return alarms && alarms.triggered.length > 0 ? 'alarms' : undefined;
}

function rollbackTarget(
  { stableRevisionArn }: DaemonRow,
  { targetRevisionArn }: DaemonDeploymentRow,
): string | undefined {
  return stableRevisionArn === targetRevisionArn ? undefined : stableRevisionArn;
}

/** Whether an instance that awaits its daemons need not wait for this one: a task that is not critical only has to be there. */
export function isServed(facts: DaemonFacts, instance: DaemonInstance): boolean {
  const wanted = wantedRevision(facts.deployment);
  const isOwn = facts.daemon.capacityProviders.includes(instance.provider ?? '');
  if (!isOwn || wanted === undefined) return true;
  const task = facts.tasks.get(instance.arn);
  return task?.revisionArn === wanted && (task.state === 'running' || !facts.critical.has(wanted));
}
