import type { Stored } from '../../../store/store.ts';
import type { DeploymentRow, ServiceRow, TaskRow } from '../tables.ts';
import { daemonCount } from './daemon.ts';
import type { DaemonObserved } from './daemon.ts';
import { nextLaunchAt } from './failure-throttle.ts';
import { isProtected } from './scale-in.ts';
import { graceEndsAt, isChecked, isHealthy, sicknessOf } from './service-health.ts';
import type { CheckedContainers, Sickness } from './service-health.ts';
import { nextPlacementAt } from './unplaced.ts';

export interface ServiceObserved {
  readonly service: Stored<ServiceRow>;
  readonly tasks: readonly TaskRow[];
  readonly checkedContainers: CheckedContainers;
  /** Of a DAEMON service. */
  readonly daemon?: DaemonObserved;
  /** Of a service on instances whose tasks may move: the zones where its next tasks would be placed, in that order. */
  readonly room?: readonly string[];
}

/** What a plan is made from: a service and its tasks, sorted by what they are now. */
export interface ServiceFacts {
  readonly service: Stored<ServiceRow>;
  readonly primary: DeploymentRow;
  readonly inProgress: boolean;
  readonly limits: { readonly least: number; readonly most: number };
  /** Those that are wanted to run. */
  readonly live: readonly TaskRow[];
  readonly sick: readonly Sickness[];
  readonly newlySick: readonly Sickness[];
  /** Live and not sick. */
  readonly sound: readonly TaskRow[];
  readonly healthy: ReadonlySet<string>;
  /** The sound ones of the primary deployment, and of the others. */
  readonly newer: readonly TaskRow[];
  readonly older: readonly TaskRow[];
  readonly spared: ReadonlySet<string>;
  readonly room: readonly string[];
  /** Of the primary deployment: stopped by themselves, and not counted yet. */
  readonly failures: readonly TaskRow[];
  readonly failed: number;
  readonly recovered: readonly string[];
  /** When the next one has turned healthy for good. */
  readonly recoversAt: number | undefined;
  readonly launchAt: number;
  /** How many tasks the primary deployment lacks. */
  readonly missing: number;
  /** Just what is wanted, all of it healthy. */
  readonly isSettled: boolean;
  /** Those that their target groups may know. */
  readonly joined: readonly TaskRow[];
  readonly registered: readonly string[];
  readonly deregistered: readonly string[];
  /** When the next grace period ends. */
  readonly graceEndsAt: number | undefined;
  readonly protectedUntil: number | undefined;
}

const SERVED_MS = 60_000;

export function lookAt(observed: ServiceObserved, primary: DeploymentRow, now: number): ServiceFacts {
  const { tasks, checkedContainers, daemon, room = [] } = observed;
  const service = daemon ? { ...observed.service, desiredCount: daemonCount(tasks, daemon) } : observed.service;
  const live = tasks.filter((task) => task.desiredStatus === 'RUNNING');
  const sick = live.flatMap((task) => sicknessOf(task, service, checkedContainers, now) ?? []);
  const isSick = new Set(sick.map(({ task }) => task.arn));
  const sound = live.filter((task) => !isSick.has(task.arn));
  const healthy = new Set(sound.filter((task) => isHealthy(task, checkedContainers)).map((task) => task.arn));
  const isLeaving = (task: TaskRow) => isDrained(task, primary) || daemon?.strays.has(task.arn) === true;
  const isOwn = (task: TaskRow) => task.deploymentId === primary.id && !isLeaving(task);
  const newer = sound.filter(isOwn);
  const older = sound.filter((task) => !isOwn(task));
  const failures = tasks.filter((task) => isOwn(task) && isFailure(task));
  const newlySick = sick.filter(({ task }) => !task.countedAsFailure);
  const failed = failures.length + newlySick.filter(({ task }) => isOwn(task)).length;
  const graces = live.map((task) => graceEndsAt(task, service, now)).filter((at) => at > now);
  const spared = sound.filter((task) => isProtected(task, now));
  return {
    service,
    primary,
    inProgress: primary.rolloutState === 'IN_PROGRESS',
    limits: limitsOf(service),
    live,
    sick,
    newlySick,
    sound,
    healthy,
    newer,
    older,
    spared: new Set(spared.map((task) => task.arn)),
    room,
    failures,
    failed,
    ...recoveryOf(primary, newer, healthy, { failed, checkedContainers, now }),
    launchAt: Math.max(nextLaunchAt(primary), nextPlacementAt(service)),
    // A deployment that has failed launches nothing any more.
    missing: primary.rolloutState === 'FAILED' ? 0 : Math.max(0, service.desiredCount - newer.length),
    isSettled:
      newer.length === service.desiredCount &&
      older.length === 0 &&
      sick.length === 0 &&
      newer.every((task) => healthy.has(task.arn)),
    joined: live.filter((task) => task.targets.length > 0 && ['ACTIVATING', 'RUNNING'].includes(task.lastStatus)),
    ...saidOf(tasks),
    graceEndsAt: graces.length > 0 ? Math.min(...graces) : undefined,
    protectedUntil: spared.length > 0 ? Math.min(...spared.map((task) => task.protectedUntilMs ?? now)) : undefined,
  };
}

/** Its instance is emptied: it is replaced as a task of an older deployment is, unless traffic is being shifted. */
function isDrained(task: TaskRow, { lifecycle, rolloutState }: DeploymentRow): boolean {
  return task.isDraining === true && (lifecycle === undefined || rolloutState === 'COMPLETED');
}

export function limitsOf(service: Pick<ServiceRow, 'desiredCount' | 'deploymentConfiguration'>): {
  least: number;
  most: number;
} {
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = service.deploymentConfiguration;
  return {
    least: Math.ceil((service.desiredCount * minimumHealthyPercent) / 100),
    most: Math.floor((service.desiredCount * maximumPercent) / 100),
  };
}

/** It stopped by itself, before it had served for a while, and no step has counted it. */
function isFailure(task: TaskRow): boolean {
  const { startedAtMs, stoppingAtMs, stopCode } = task;
  if (task.desiredStatus !== 'STOPPED' || task.countedAsFailure) return false;
  if (stopCode !== 'TaskFailedToStart' && stopCode !== 'EssentialContainerExited') return false;
  // What ran for a while did not fail to start, so its replacement need not wait.
  return !(startedAtMs !== undefined && stoppingAtMs !== undefined && stoppingAtMs - startedAtMs >= SERVED_MS);
}

/**
 * Tasks that have turned healthy, while failures are counted, and when the next one has. A task whose only proof is that
 * it runs proves nothing until it has run for a while: a crash loop runs now and then, too.
 */
function recoveryOf(
  primary: DeploymentRow,
  newer: readonly TaskRow[],
  healthy: ReadonlySet<string>,
  seen: { readonly failed: number; readonly checkedContainers: CheckedContainers; readonly now: number },
): Pick<ServiceFacts, 'recovered' | 'recoversAt'> {
  const { failed, checkedContainers, now } = seen;
  if (primary.failedTasks + failed === 0 || primary.rolloutState !== 'IN_PROGRESS') {
    return { recovered: [], recoversAt: undefined };
  }
  const provenAt = (task: TaskRow) =>
    isChecked(task, checkedContainers) ? now : (task.startedAtMs ?? now) + SERVED_MS;
  const unproven = newer.filter((task) => healthy.has(task.arn) && !task.wasHealthy);
  const later = unproven.map(provenAt).filter((at) => at > now);
  return {
    recovered: unproven.filter((task) => provenAt(task) <= now).map((task) => task.arn),
    recoversAt: later.length > 0 ? Math.min(...later) : undefined,
  };
}

function saidOf(tasks: readonly TaskRow[]): Pick<ServiceFacts, 'registered' | 'deregistered'> {
  const balanced = tasks.filter((task) => task.targets.length > 0);
  const joined = balanced.filter((task) => task.lastStatus === 'RUNNING' && task.targetsSaid === undefined);
  return { registered: joined.map((task) => task.arn), deregistered: balanced.filter(hasLeft).map((task) => task.arn) };
}

/** It has left its target groups, and no event has said so yet. */
export function hasLeft(task: TaskRow): boolean {
  return task.targetsSaid === 'registered' && task.desiredStatus === 'STOPPED' && task.lastStatus !== 'RUNNING';
}
