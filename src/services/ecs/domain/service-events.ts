import type { Ids } from '../../../kernel/ids.ts';
import type { ServiceEventRow, ServiceRow, TaskRow } from '../tables.ts';
import { FAILURE_WORDING } from './deployment-reasons.ts';
import { BLOCKED_EVENT } from './service-plan.ts';
import type { RefusedInstance } from './placement/reasons.ts';
import type { ServiceStep } from './service-plan.ts';
import { zoneList, zoneOfTask } from './zones.ts';

const EVENTS_KEPT = 100;

/** What a step has done to tasks: their rows. */
export interface StepTasks {
  readonly started: readonly TaskRow[];
  /** The service's tasks as they were planned from. */
  readonly known: readonly TaskRow[];
  /** Why no task could be launched. */
  readonly refusal?: string | undefined;
  /** Why some of them found no container instance. */
  readonly refused?: readonly RefusedInstance[] | undefined;
}

export function addEvents(service: ServiceRow, messages: readonly string[], ids: Ids, now: number): ServiceRow {
  if (messages.length === 0) return service;
  const added: ServiceEventRow[] = messages.map((message) => ({
    id: ids.uuid(),
    atMs: now,
    message: `(service ${service.name}) ${message}`,
  }));
  return { ...service, events: [...added.toReversed(), ...service.events].slice(0, EVENTS_KEPT) };
}

/**
 * What is said of a step, in ECS's words, the oldest first.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
 */
export function eventsOf(service: ServiceRow, after: ServiceRow, step: ServiceStep, tasks: StepTasks): string[] {
  const deployment = service.deployments[0]?.id ?? '';
  const wording = step.failure && FAILURE_WORDING[step.failure];
  const back = after.deployments[0]?.isRollback && after.deployments[0].id !== deployment;
  return [
    ...targetEvents(step.registered, tasks, (count, group) => `registered ${count} targets in ${group}.`),
    ...step.sick.map(({ event }) => event),
    ...balanceEvents(service, step, tasks),
    ...stopEvents(step, tasks),
    ...targetEvents(step.deregistered, tasks, (count, group) => `deregistered ${count} targets in ${group}.`),
    ...(step.deregistered.length > 0 ? [`has begun draining connections on ${step.deregistered.length} tasks.`] : []),
    ...startEvents(step, tasks),
    ...(tasks.refusal === undefined ? [] : [`failed to launch a task with (error ${tasks.refusal}).`]),
    ...unplacedEvent(after, tasks),
    ...impairedEvent(service, after),
    ...(step.rollout === 'completed' ? [`(deployment ${deployment}) deployment completed.`] : []),
    ...(wording ? [`(deployment ${deployment}) ${wording.event}`] : []),
    ...(wording && back ? [`rolling back to deployment ${service.lastCompleted?.deploymentId ?? ''}.`] : []),
    ...(step.blocked ? [BLOCKED_EVENT] : []),
    ...(step.saysSteady ? ['has reached a steady state.'] : []),
  ];
}

const name = (arn: string) => `(task ${arn.split('/').at(-1)})`;
const names = (arns: readonly string[]) => arns.map(name).join(' ');

function stopEvents(step: ServiceStep, { known }: StepTasks): string[] {
  if (step.stops.length === 0) return [];
  const arns = step.stops.map((stop) => stop.taskArn);
  if (step.rebalance !== 'stopped') return [`has stopped ${arns.length} running tasks: ${names(arns)}.`];
  const rows = known.filter((task) => arns.includes(task.arn));
  return byZone(rows).map(
    ([zone, stopped]) => `has stopped ${stopped.length} running tasks in ${zone} to AZ rebalance: ${names(stopped)}.`,
  );
}

function startEvents(step: ServiceStep, { started }: StepTasks): string[] {
  if (started.length === 0) return [];
  if (step.rebalance === 'started') {
    return byZone(started).map(
      ([zone, arns]) => `has started ${arns.length} tasks in ${zone} to AZ Rebalance: ${names(arns)}.`,
    );
  }
  const replaced = step.replaced > 0 ? ` Amazon ECS replaced ${step.replaced} tasks due to an unhealthy status.` : '';
  return [`has started ${started.length} tasks: ${names(started.map((task) => task.arn))}.${replaced}`];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing-event-messages-list.html */
function balanceEvents(service: ServiceRow, step: ServiceStep, { known, started }: StepTasks): string[] {
  const isNew = new Set(started.map((task) => task.arn));
  const live = known.filter((task) => task.desiredStatus === 'RUNNING' && !isNew.has(task.arn));
  const goals = started.flatMap((task) => task.availabilityZone ?? []);
  const zones = () => zoneList(service.network, live, goals);
  if (step.rebalance === 'started' && !service.isRebalancing) {
    return [`is not AZ balanced with ${zones()}. AZ Rebalancing in progress.`];
  }
  return step.rebalance === 'completed' ? [`is AZ balanced with ${zones()}.`] : [];
}

function byZone(tasks: readonly TaskRow[]): [string, string[]][] {
  const zones = new Map<string, string[]>();
  for (const task of tasks) {
    const zone = zoneOfTask(task.network, task);
    zones.set(zone, [...(zones.get(zone) ?? []), task.arn]);
  }
  return [...zones];
}

function targetEvents(
  arns: readonly string[],
  { known }: StepTasks,
  say: (count: number, group: string) => string,
): string[] {
  const counts = new Map<string, number>();
  for (const task of known.filter((one) => arns.includes(one.arn))) {
    for (const { targetGroupArn } of task.targets) counts.set(targetGroupArn, (counts.get(targetGroupArn) ?? 0) + 1);
  }
  return [...counts].map(([group, count]) => say(count, `(target-group ${group})`));
}

/** Said at the try that its row says it was said at. */
function unplacedEvent({ unplaced }: ServiceRow, { refused }: StepTasks): string[] {
  return refused && unplaced && unplaced.saidAtMs === unplaced.triedAtMs ? [unplaced.reason] : [];
}

const IMPAIRED_AFTER = 3;

/** Said once for each time that the throttle sets in. */
function impairedEvent(before: ServiceRow, after: ServiceRow): string[] {
  const [primary] = before.deployments;
  const same = after.deployments.find((one) => one.id === primary?.id);
  if ((primary?.startFailures ?? 0) >= IMPAIRED_AFTER || (same?.startFailures ?? 0) < IMPAIRED_AFTER) return [];
  return [
    'is unable to consistently start tasks successfully. ' +
      'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
  ];
}
