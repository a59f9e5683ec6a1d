import type { UnplacedRow } from '../container-instance-tables.ts';
import type { ServiceFacts } from './service-facts.ts';
import type { ServiceStep } from './service-action.ts';
import { bakeEndOf } from './bake-time.ts';

/** How often what nobody reports is asked for, in ms. */
export const EVERY_MS = { targets: 5000, targetsWhileWaiting: 500, alarms: 5000, steadyEvent: 6 * 3_600_000 };

/** When a plan may change though no row does; in ms since the epoch. */
export function wakesOf(facts: ServiceFacts, step: ServiceStep, now: number): number[] {
  const { service, joined, launchAt, protectedUntil, graceEndsAt, recoversAt } = facts;
  const bakeEnd = bakeEndOf(service, facts.primary);
  const targets = step.steady ? EVERY_MS.targets : EVERY_MS.targetsWhileWaiting;
  return [
    ...(launchAt > now ? [launchAt] : []),
    ...(protectedUntil === undefined ? [] : [protectedUntil]),
    ...(joined.length > 0 ? [now + targets] : []),
    ...(graceEndsAt === undefined ? [] : [graceEndsAt]),
    ...(recoversAt === undefined ? [] : [recoversAt]),
    ...(facts.inProgress && bakeEnd !== undefined && bakeEnd > now ? [bakeEnd] : []),
    ...(step.steady && service.steadySaidAtMs !== undefined ? [service.steadySaidAtMs + EVERY_MS.steadyEvent] : []),
  ].filter((at) => at > now);
}

/** One sentence for an operator. */
export function whyOf({ service, missing, launchAt }: ServiceFacts, step: ServiceStep): string {
  if (step.failure === 'breaker') return 'too many tasks of the deployment failed';
  if (step.failure === 'alarms') return 'an alarm of the deployment went off';
  if (step.failure) return 'the deployment is stopped, as it was asked for';
  if (step.rebalance === 'started') return `${step.start} tasks change their availability zone`;
  if (step.steady) return 'it has reached a steady state';
  if (service.unplaced && missing > 0) return whyUnplaced(service.unplaced, missing);
  if (step.start > 0) return `${step.start} tasks are missing`;
  if (missing > 0 && launchAt > 0) return 'its tasks keep failing: the next launch waits';
  if (step.blocked) return 'its percentages let no task start and none stop';
  if (step.stops.length > 0) return `${step.stops.length} tasks are unhealthy or no longer wanted`;
  return service.isRebalancing ? 'its tasks change their availability zones' : 'its tasks are not healthy yet';
}

/** Each instance with every reason. */
function whyUnplaced({ instances }: UnplacedRow, missing: number): string {
  const reasons = instances.map(({ arn, reasons: all }) => `${arn.split('/').at(-1)}: ${all.join('; ')}`);
  const each = reasons.length > 0 ? reasons.join('. ') : 'there is none in the cluster';
  return `${missing} tasks find no container instance. ${each}`;
}
