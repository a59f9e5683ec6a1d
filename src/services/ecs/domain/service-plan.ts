import type { Plan } from '../../../reconcile/reconciler.ts';
import type { DeploymentRow, ServiceRow } from '../tables.ts';
import { bakeTimeOf } from './bake-time.ts';
import { failureOf, hasAlarms } from './deployment-failure.ts';
import { changes, noted, nothing } from './service-action.ts';
import type { ServiceAction, ServiceStep } from './service-action.ts';
import { hasLeft, lookAt } from './service-facts.ts';
import type { ServiceFacts, ServiceObserved } from './service-facts.ts';
import { scalingReason, stopsOf } from './service-stops.ts';
import { EVERY_MS, wakesOf, whyOf } from './service-wakes.ts';
import { dueHooks, isCleaningUp, isShifting, shiftWakes, trafficStepOf, whyShifting } from './traffic-plan.ts';
import { isApplied } from './traffic-shift.ts';
import { movesInto, movesToBalance } from './zones.ts';

export type { ServiceAction, ServiceStep } from './service-action.ts';
export type { ServiceObserved } from './service-facts.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
export const BLOCKED_EVENT =
  'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
  'Update the minimumHealthyPercent or maximumPercent value and try again.';

/**
 * One step of ECS's rolling update, from rows alone: between ceil(desired * minimumHealthyPercent) healthy tasks and
 * floor(desired * maximumPercent) tasks at all times; old tasks leave as new ones become healthy; what is unhealthy is
 * replaced, by a new task first where there is room; launches that keep failing wait longer and longer; what is steady
 * is spread evenly over its zones.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export function planService(observed: ServiceObserved, now: number): Plan<ServiceAction> {
  const { service } = observed;
  if (service.status === 'INACTIVE') return { actions: [], why: 'it is deleted' };
  const primary = service.deployments[0];
  const facts = primary && lookAt(observed, primary, now);
  if (service.status === 'DRAINING') return planDraining(observed);
  if (!facts) return { actions: [], why: 'it has no deployment' };
  const shifting = isShifting(facts);
  const step = shifting ? trafficStepOf(facts, observed.tasks, now) : stepOf(facts, now);
  const alarms = alarmsToCheck(facts);
  const actions: ServiceAction[] = [
    ...(changes(step, service) ? [step] : []),
    ...(facts.joined.length > 0 ? [{ type: 'check-targets' as const, service, tasks: facts.joined }] : []),
    ...(alarms ? [{ type: 'check-alarms' as const, service }] : []),
    ...(shifting && !step.failure ? dueHooks(facts, now) : []),
    // Last: a rule that cannot be changed holds nothing else up. A failure decides first where the traffic goes.
    ...(service.traffic && !step.failure && !isApplied(service.traffic)
      ? [{ type: 'shift-traffic' as const, service }]
      : []),
  ];
  const wakes = [
    ...wakesOf(facts, step, now),
    ...(shifting ? shiftWakes(facts, observed.tasks, now) : []),
    ...(alarms ? [now + EVERY_MS.alarms] : []),
  ];
  return {
    actions,
    why: shifting ? whyShifting(facts, step) : whyOf(facts, step),
    ...(wakes.length > 0 ? { wakeAt: Math.min(...wakes) } : {}),
  };
}

function stepOf(facts: ServiceFacts, now: number): ServiceStep {
  const { service, primary, failures, inProgress } = facts;
  const stops = stopsOf(facts);
  const { missing } = facts;
  const room = Math.max(0, facts.limits.most - (facts.live.length - stops.sick.length));
  const fits = Math.min(missing, room);
  // What cleans up has done all that could fail.
  const failure = inProgress && !isCleaningUp(primary) ? failureOf(facts) : undefined;
  const stopping = [...stops.sick, ...stops.surplus];
  const idle = stopping.length === 0 && fits === 0 && failures.length === 0 && facts.newlySick.length === 0;
  const quiet = facts.isSettled && idle && failure === undefined;
  const moves = quiet && primary.rolloutState === 'COMPLETED' ? movesOf(facts, now) : 0;
  const start = facts.launchAt <= now && failures.length === 0 && failure === undefined ? fits + moves : 0;
  const isBalanced = quiet && service.isRebalancing === true && moves === 0;
  const blocked =
    inProgress && !facts.isSettled && idle && facts.healthy.size === facts.sound.length && facts.spared.size === 0;
  const steady = quiet && moves === 0;
  const rollout = failure ? ('failed' as const) : quiet && inProgress ? completionOf(facts, now) : undefined;
  const rebalance = moves > 0 ? 'started' : isBalanced ? 'completed' : stops.isRebalance ? 'stopped' : undefined;
  return {
    ...noted(facts),
    stops: stopping,
    start,
    replaced: moves > 0 ? 0 : Math.min(start, facts.sick.filter(({ task }) => task.deploymentId === primary.id).length),
    blocked: blocked && !isSaid(service, primary),
    ...(service.schedulingStrategy === 'DAEMON' && { desiredCount: service.desiredCount }),
    ...(missing === 0 && service.unplaced && { isPlaced: true as const }),
    steady,
    saysSteady: steady && (!service.steady || isSteadyDue(service, now)),
    ...(rebalance && { rebalance }),
    ...(rollout && { rollout }),
    ...(failure && { failure }),
  };
}

/** A deployment that has scaled out is watched for its bake time, and complete after that. */
function completionOf({ service, primary }: ServiceFacts, now: number): 'baking' | 'completed' | undefined {
  if (hasAlarms(service) && !primary.alarms) return undefined;
  const bakeMs = bakeTimeOf(service, primary);
  if (bakeMs === 0) return 'completed';
  if (primary.bakeFromMs === undefined) return 'baking';
  return primary.bakeFromMs + bakeMs <= now ? 'completed' : undefined;
}

function alarmsToCheck({ service, primary, inProgress }: ServiceFacts): boolean {
  return (
    inProgress &&
    !isCleaningUp(primary) &&
    hasAlarms(service) &&
    !primary.alarms?.isIgnored &&
    !primary.alarms?.triggered.length
  );
}

/** How many tasks to start in emptier zones, before as many leave the fuller ones. */
function movesOf({ service, primary, newer, limits, launchAt, spared, room }: ServiceFacts, now: number): number {
  if (service.availabilityZoneRebalancing !== 'ENABLED' || launchAt > now) return 0;
  const movable = newer.filter((task) => !spared.has(task.arn));
  const isOnInstances = service.launchType === 'EC2';
  const moves = isOnInstances
    ? movesInto(room, newer, movable).length
    : movesToBalance(primary.network, newer, movable);
  return Math.max(0, Math.min(moves, limits.most - newer.length));
}

function isSteadyDue({ steadySaidAtMs }: ServiceRow, now: number): boolean {
  return steadySaidAtMs !== undefined && now >= steadySaidAtMs + EVERY_MS.steadyEvent;
}

function isSaid(service: ServiceRow, primary: DeploymentRow): boolean {
  return service.events.some((event) => event.atMs >= primary.createdAtMs && event.message.endsWith(BLOCKED_EVENT));
}

function planDraining({ service, tasks }: ServiceObserved): Plan<ServiceAction> {
  const live = tasks.filter((task) => task.desiredStatus === 'RUNNING');
  const left = tasks.filter((task) => task.lastStatus !== 'STOPPED');
  const reason = scalingReason(service);
  const step: ServiceStep = {
    ...nothing(service),
    stops: live.map((task) => ({ taskArn: task.arn, reason })),
    deregistered: tasks.filter(hasLeft).map((task) => task.arn),
    gone: left.length === 0,
  };
  if (live.length > 0) return { actions: [step], why: 'it is being deleted: its tasks stop' };
  if (step.gone) return { actions: [step], why: 'its last task has stopped' };
  return {
    actions: step.deregistered.length > 0 ? [step] : [],
    why: `it is being deleted: ${left.length} tasks are stopping`,
  };
}
