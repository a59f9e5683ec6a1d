import type { DeploymentFailure, ServiceRow } from '../tables.ts';
import { breakerThreshold } from './failure-throttle.ts';
import type { ServiceFacts } from './service-facts.ts';

/** Why the primary deployment fails now, if it does. */
export function failureOf({ service, primary, failed, recovered }: ServiceFacts): DeploymentFailure | undefined {
  if (primary.stopRequest === 'ROLLBACK') return 'rollback-requested';
  if (primary.stopRequest === 'ABORT') return 'abort-requested';
  if (primary.alarms && primary.alarms.triggered.length > 0) return 'alarms';
  const { deploymentCircuitBreaker: breaker } = service.deploymentConfiguration;
  if (!breaker?.enable) return undefined;
  const before = forgets(service, recovered) ? 0 : primary.failedTasks;
  return before + failed >= breakerThreshold(service.desiredCount, breaker) ? 'breaker' : undefined;
}

/** Whether a task that has become healthy lets the failures before it be forgotten. */
export function forgets(service: ServiceRow, recovered: readonly string[]): boolean {
  return recovered.length > 0 && service.deploymentConfiguration.deploymentCircuitBreaker?.resetOnHealthyTask !== false;
}

export function hasAlarms({ deploymentConfiguration: { alarms } }: ServiceRow): boolean {
  return alarms?.enable === true && (alarms.alarmNames?.length ?? 0) > 0;
}
