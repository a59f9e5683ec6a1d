import type { HealthCheckRow, HealthStatusRow } from '../health-tables.ts';

/** A check that stands for others may stand for one that stands for others: so deep, and no deeper. */
const MAX_DEPTH = 8;

/**
 * The ids of the checks that are unhealthy. Pure.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 */
export function unhealthyChecks(
  checks: readonly HealthCheckRow[],
  statuses: readonly HealthStatusRow[],
): ReadonlySet<string> {
  const byId = new Map(checks.map((row) => [row.checkId, row]));
  const found = new Map(statuses.map((row) => [row.checkId, row.healthy]));
  const isHealthy = (row: HealthCheckRow, depth: number): boolean => {
    const { calculated, disabled, inverted } = row.config;
    const own = disabled || (calculated ? enough(calculated, depth) : (found.get(row.checkId) ?? true));
    return own !== inverted;
  };
  const enough = (calculated: NonNullable<HealthCheckRow['config']['calculated']>, depth: number): boolean => {
    if (depth >= MAX_DEPTH) return true;
    const children = calculated.children.flatMap((id) => byId.get(id) ?? []);
    return children.filter((child) => isHealthy(child, depth + 1)).length >= calculated.threshold;
  };
  return new Set(checks.filter((row) => !isHealthy(row, 0)).map((row) => row.checkId));
}
