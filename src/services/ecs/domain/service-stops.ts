import type { ServiceRow, TaskRow } from '../tables.ts';
import { surplusOf, tasksToStop } from './scale-in.ts';
import type { TaskStop } from './service-action.ts';
import type { ServiceFacts } from './service-facts.ts';
import type { Sickness } from './service-health.ts';

export interface Stops {
  readonly sick: readonly TaskStop[];
  readonly surplus: readonly TaskStop[];
  /** The surplus is of tasks that others in emptier zones stand in for. */
  readonly isRebalance: boolean;
}

/** Which tasks leave now. */
export function stopsOf(facts: ServiceFacts): Stops {
  const tooMany = surplus(facts);
  return {
    sick: sickToStop(facts).map((one) => ({ taskArn: one.task.arn, reason: one.reason })),
    surplus: scaledIn(facts.service, [...tooMany, ...replaceable(facts)]),
    isRebalance: facts.service.isRebalancing === true && tooMany.length > 0,
  };
}

/** Stops of tasks that are too many: one that is protected by then stays. */
export function scaledIn(service: ServiceRow, tasks: readonly TaskRow[]): TaskStop[] {
  const reason = scalingReason(service);
  return tasks.map((task) => ({ taskArn: task.arn, reason, sparesProtected: true }));
}

export function scalingReason(service: ServiceRow): string {
  return `Scaling activity initiated by (deployment ${service.deployments[0]?.id ?? ''})`;
}

/**
 * An unhealthy task of a completed deployment stays until its replacement is healthy; where there is no room for one, it
 * leaves first, one at a time. While a deployment is in progress, none is kept.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
function sickToStop(facts: ServiceFacts): readonly Sickness[] {
  const { primary, service, sick, newer, healthy } = facts;
  if (primary.rolloutState !== 'COMPLETED') return sick;
  const old = sick.filter(({ task }) => task.deploymentId !== primary.id);
  const own = sick.filter(({ task }) => task.deploymentId === primary.id);
  const well = newer.filter((task) => healthy.has(task.arn)).length;
  const replaced = Math.max(0, Math.min(own.length, well + own.length - service.desiredCount));
  const noRoom = facts.missing > 0 && facts.limits.most <= facts.live.length - old.length && well === newer.length;
  return [...old, ...own.slice(0, replaced === 0 && noRoom ? 1 : replaced)];
}

/** More tasks of the primary deployment than wanted. */
function surplus({ service, newer, healthy, spared }: ServiceFacts): TaskRow[] {
  // While tasks change their zones there are more of them, until all are healthy.
  if (service.isRebalancing && newer.some((task) => !healthy.has(task.arn))) return [];
  return surplusOf({ tasks: newer, spared, healthy, wanted: service.desiredCount });
}

/**
 * Old tasks that may leave now, unless they are protected. What is not healthy may always go; of the healthy ones, as
 * many as keep the minimum. A deployment that has failed takes no more of them.
 */
function replaceable({ primary, newer, older, healthy, spared, limits }: ServiceFacts): TaskRow[] {
  if (primary.rolloutState === 'FAILED') return [];
  const free = older.filter((task) => !spared.has(task.arn));
  const sick = free.filter((task) => !healthy.has(task.arn));
  const well = free.filter((task) => healthy.has(task.arn));
  const staying = [...newer, ...older.filter((task) => spared.has(task.arn))];
  const healthyStaying = staying.filter((task) => healthy.has(task.arn)).length;
  const count = Math.max(0, healthyStaying + well.length - limits.least);
  return [...sick, ...tasksToStop({ tasks: [...well, ...staying], candidates: well, healthy, count, first: 'oldest' })];
}
