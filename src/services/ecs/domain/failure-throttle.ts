import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs';
import type { DeploymentRow } from '../tables.ts';

const FIRST_WAIT_MS = 1000;
/** Of tasks that ran before they failed: they cost no more than their start. */
const LONGEST_WAIT_MS = 60_000;
/** Of tasks that never ran: as long as ECS ever waits. */
const LONGEST_START_WAIT_MS = 27 * 60_000;

/**
 * After each failure in a row the next launch waits twice as long.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 */
export function nextLaunchAt({ failedTasks, startFailures = 0, lastFailureAtMs }: DeploymentRow): number {
  if (failedTasks === 0 || lastFailureAtMs === undefined) return 0;
  const longest = startFailures > 0 ? LONGEST_START_WAIT_MS : LONGEST_WAIT_MS;
  return lastFailureAtMs + Math.min(longest, FIRST_WAIT_MS * 2 ** Math.min(failedTasks - 1, 20));
}

/**
 * How many failed tasks fail a deployment: half the desired count, 3 at least and 200 at most, unless it is set otherwise.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function breakerThreshold(desiredCount: number, breaker?: DeploymentCircuitBreaker): number {
  const { type = 'BOUNDED_PERCENT', value = 50 } = breaker?.thresholdConfiguration ?? {};
  if (type === 'COUNT') return Math.max(1, value);
  const share = Math.ceil((desiredCount * value) / 100);
  return type === 'UNBOUNDED_PERCENT' ? Math.max(1, share) : Math.min(200, Math.max(3, share));
}
