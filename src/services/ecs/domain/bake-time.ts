import type { DeploymentRow, ServiceRow } from '../tables.ts';

/** How long a deployment is watched after it has scaled out. A rollback brings back what has proved itself: it is not. */
export function bakeTimeOf(service: ServiceRow, primary: DeploymentRow): number {
  if (primary.isRollback || primary.lifecycle?.stage === 'CLEAN_UP') return 0;
  const own = (service.deploymentConfiguration.bakeTimeInMinutes ?? 0) * 60_000;
  return Math.max(own, primary.alarms?.bakeMs ?? 0);
}

export function bakeEndOf(service: ServiceRow, primary: DeploymentRow): number | undefined {
  return primary.bakeFromMs === undefined ? undefined : primary.bakeFromMs + bakeTimeOf(service, primary);
}
