import type { Target, TargetGroupState, TargetHealth } from '../../../loadbalancer/load-balancer.ts';
import type { LoadBalancerRow, TargetGroupRow } from '../tables.ts';
import { attributeValue, loadBalancerAttributes, targetGroupAttributes } from './attributes.ts';

const CROSS_ZONE = 'load_balancing.cross_zone.enabled';
const MINIMUM = 'minimum_healthy_targets';

/**
 * Whether each address of the load balancer sends to targets of its own Availability Zone only.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-cross-zone.html
 */
export function keepsToZones(
  group: Pick<TargetGroupRow, 'protocol' | 'attributes' | 'targetType'>,
  loadBalancer: Pick<LoadBalancerRow, 'type' | 'attributes'>,
): boolean {
  const own = attributeValue(targetGroupAttributes(group), group.attributes, CROSS_ZONE);
  if (own === 'true' || own === 'false') return own === 'false';
  return attributeValue(loadBalancerAttributes(loadBalancer), loadBalancer.attributes, CROSS_ZONE) === 'false';
}

/** The zones that a load balancer has an address in, by the address. */
export function zonesOfAddresses({ subnets, addresses }: Pick<LoadBalancerRow, 'subnets' | 'addresses'>) {
  const zoneOf = (subnetId: string) => subnets.find((it) => it.subnetId === subnetId)?.zoneName ?? 'all';
  return new Map(addresses.map(({ privateIp, subnetId }) => [privateIp, zoneOf(subnetId)]));
}

/** What a group's attributes demand before something else happens; `off` demands nothing. */
export function minimumOf(
  group: Pick<TargetGroupRow, 'protocol' | 'attributes' | 'targetType'>,
  action: 'dns_failover' | 'unhealthy_state_routing',
): NonNullable<TargetGroupState['zoneMinimum']> {
  const number = (what: 'count' | 'percentage') => {
    const key = `target_group_health.${action}.${MINIMUM}.${what}`;
    const value = attributeValue(targetGroupAttributes(group), group.attributes, key);
    return value === 'off' ? undefined : Number(value);
  };
  const [count, percent] = [number('count'), number('percentage')];
  return { ...(count === undefined ? {} : { count }), ...(percent === undefined ? {} : { percent }) };
}

export interface ZonalGroup {
  readonly group: TargetGroupRow;
  readonly targets: readonly Target[];
}

/** The zones where some group has too few healthy targets; none of them when all are so. */
export function failedZones(
  zones: readonly string[],
  groups: readonly ZonalGroup[],
  health: readonly TargetHealth[],
): ReadonlySet<string> {
  const failed = zones.filter((zone) => groups.some((group) => !hasEnough(group, zone, health)));
  return new Set(failed.length === zones.length ? [] : failed);
}

function hasEnough({ group, targets }: ZonalGroup, zone: string, health: readonly TargetHealth[]): boolean {
  const { count = 0, percent = 0 } = minimumOf(group, 'dns_failover');
  const registered = targets.filter(({ draining, zone: own = 'all' }) => !draining && (own === zone || own === 'all'));
  const healthy = registered.filter((target) =>
    health.some(
      (it) => it.targetGroupId === group.id && it.ip === target.ip && it.port === target.port && it.state === 'healthy',
    ),
  );
  return healthy.length >= Math.max(count, Math.ceil((registered.length * percent) / 100));
}
