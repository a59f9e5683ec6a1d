import type { DiscoverInstancesCommandInput } from '@aws-sdk/client-servicediscovery';
import { invalidInput } from '../errors.ts';
import type { InstanceRow, ServiceRow } from '../tables.ts';

type Query = Pick<DiscoverInstancesCommandInput, 'HealthStatus' | 'QueryParameters' | 'OptionalParameters'>;

/** Which instances a client finds. https://docs.aws.amazon.com/cloud-map/latest/api/API_DiscoverInstances.html */
export function discover(service: ServiceRow, all: readonly InstanceRow[], query: Query): readonly InstanceRow[] {
  const matching = all.filter((instance) => hasAll(instance, query.QueryParameters));
  const optional = query.OptionalParameters ? matching.filter((row) => hasAll(row, query.OptionalParameters)) : [];
  const found = optional.length > 0 ? optional : matching;
  return service.customHealth ? byHealth(found, query.HealthStatus) : found;
}

function hasAll({ attributes }: InstanceRow, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => attributes[key] === value);
}

function byHealth(rows: readonly InstanceRow[], status: Query['HealthStatus'] = 'HEALTHY_OR_ELSE_ALL') {
  const healthy = rows.filter((row) => row.health === 'HEALTHY');
  switch (status) {
    case 'ALL':
      return rows;
    case 'HEALTHY':
      return healthy;
    case 'UNHEALTHY':
      return rows.filter((row) => row.health === 'UNHEALTHY');
    case 'HEALTHY_OR_ELSE_ALL':
      return healthy.length > 0 ? healthy : rows;
    default:
      throw invalidInput(`HealthStatus is not valid: ${String(status)}`);
  }
}
