import type { Failure } from '@aws-sdk/client-ecs';
import type { Refusal, RefusalReason } from './filters.ts';

/** An instance that a task cannot go to, and every reason. */
export interface RefusedInstance {
  readonly id: string;
  readonly refusals: readonly Refusal[];
}

const TROUBLESHOOTING = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.';
const UNPLACED = 'was unable to place a task because no container instance met all of its requirements.';
/** RunTask says it too, as an InvalidParameterException. */
export const NO_INSTANCES = 'No Container Instances were found in your cluster.';
const NO_INSTANCES_OF_PROVIDER = 'No Container Instances were found in your capacity provider.';
const UNASKED: readonly RefusalReason[] = ['DRAINING', 'REGISTERING', 'CAPACITY PROVIDER'];

const WORDING: Partial<Record<RefusalReason, string>> = {
  'RESOURCE:CPU': 'has insufficient CPU units available',
  'RESOURCE:MEMORY': 'has insufficient memory available',
  'RESOURCE:PORTS': 'is already using a port required by your task',
  ATTRIBUTE: 'is missing an attribute required by your task',
};

/**
 * Why a service could not place a task, as its event says it after `(service NAME) `. Instances that drain, await their daemons, or are
 * of another capacity provider than the one that is asked, are as if they were not there.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
 */
export function placementEvent(refused: readonly RefusedInstance[], capacityProvider?: string): string {
  const closest = closestOf(askedOf(refused));
  const reason = closest?.refusals[0]?.reason;
  if (!closest || !reason) {
    const none = capacityProvider === undefined ? NO_INSTANCES : NO_INSTANCES_OF_PROVIDER;
    return `${UNPLACED} Reason: ${none} ${TROUBLESHOOTING}`;
  }
  const wording = WORDING[reason] ?? `encountered error "${reason}"`;
  return `${UNPLACED} The closest matching (container-instance ${shortId(closest.id)}) ${wording}. ${TROUBLESHOOTING}`;
}

/** The failures of RunTask: the first reason of each instance, which its ID names by an ARN. */
export function placementFailures(refused: readonly RefusedInstance[]): Failure[] {
  return askedOf(refused).map(({ id, refusals }) => ({ arn: id, reason: refusals[0]?.reason }));
}

/** What stands least in the way: the fewest reasons, then the first instance. */
export function closestOf(refused: readonly RefusedInstance[]): RefusedInstance | undefined {
  let closest = refused[0];
  for (const one of refused) if (one.refusals.length < (closest?.refusals.length ?? 0)) closest = one;
  return closest;
}

/** Instances that could be asked at all. */
function askedOf(refused: readonly RefusedInstance[]): RefusedInstance[] {
  return refused.filter(({ refusals }) => refusals.every(({ reason }) => !UNASKED.includes(reason)));
}

const shortId = (id: string) => id.split('/').at(-1) ?? id;
