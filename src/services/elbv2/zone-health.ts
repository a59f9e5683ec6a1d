import type { ServiceEnvironment } from '../../api/service.ts';
import { planeTargets } from './domain/application-routes.ts';
import { failedZones, keepsToZones, zonesOfAddresses } from './domain/zones.ts';
import { applicationsOf } from './application-targets.ts';
import { groupsOfLoadBalancer } from './lookup.ts';
import type { Elbv2Ports } from './operation.ts';
import { targetGroups, targets, type LoadBalancerRow } from './tables.ts';

/**
 * The Availability Zones whose addresses the load balancer's name does not answer now: where a group that keeps to
 * zones has too few healthy targets. None when that is so in every zone.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health.html
 */
export async function unhealthyZones(
  env: Pick<ServiceEnvironment<Elbv2Ports>, 'store' | 'ports'>,
  row: LoadBalancerRow,
): Promise<ReadonlySet<string>> {
  const zones = [...new Set(zonesOfAddresses(row).values())];
  if (zones.length < 2) return new Set();
  const groups = await env.store.read(async (tx) => {
    const arns = await groupsOfLoadBalancer(tx, row.arn);
    const rows = await Promise.all(arns.map((arn) => tx.get(targetGroups, arn)));
    const zonal = rows.filter((group) => group !== undefined && keepsToZones(group, row));
    return Promise.all(
      zonal
        .flatMap((group) => group ?? [])
        .map(async (group) => {
          const registered = await tx.list(targets, { where: ['targetGroup', group.arn] });
          const applications = await applicationsOf(tx, registered);
          return { group, targets: registered.flatMap((target) => planeTargets(target, applications)) };
        }),
    );
  });
  if (groups.length === 0) return new Set();
  return failedZones(zones, groups, await env.ports.plane.health(row.vpcId));
}
