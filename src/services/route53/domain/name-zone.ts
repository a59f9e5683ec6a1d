import type { NameRecord, NameRouting, NameZone } from '../../../network/dns/names.ts';
import { balancerOf, type HostedZoneRow, type RecordSet, type SetRouting } from '../tables.ts';
import { plainName } from './dns-name.ts';
import { nameRouting } from './place-routing.ts';

/** What is known of health when a zone is published. */
export interface ZoneHealth {
  /** Ids of health checks that are unhealthy. */
  readonly checks: ReadonlySet<string>;
  /** Names of load balancers without healthy targets. */
  readonly balancers: ReadonlySet<string>;
}

function policyOf(routing: SetRouting): NameRouting {
  const { setIdentifier: _, ...policy } = routing;
  if (policy.policy === 'weighted' || policy.policy === 'failover' || policy.policy === 'multivalue') return policy;
  return nameRouting(policy);
}

/** What Route 53 answers for aliases to load balancers. */
const ALIAS_TTL_SECONDS = 60;

/** A hosted zone as the DNS server serves it. Pure. */
export function nameZone(zone: HostedZoneRow, sets: readonly RecordSet[], health: ZoneHealth): NameZone {
  return {
    zoneId: zone.zoneId,
    origin: plainName(zone.name),
    visibility: zone.isPrivate ? { vpcIds: zone.vpcs.map((vpc) => vpc.vpcId) } : 'public',
    records: sets.map((set) => nameRecord(set, health)),
  };
}

function nameRecord(set: RecordSet, health: ZoneHealth): NameRecord {
  const balancer = balancerOf(set);
  const isIll =
    (set.healthCheckId !== undefined && health.checks.has(set.healthCheckId)) ||
    (balancer !== undefined && health.balancers.has(balancer));
  return {
    name: plainName(set.name),
    type: set.type,
    ttlSeconds: set.ttlSeconds ?? ALIAS_TTL_SECONDS,
    values: set.values,
    ...(set.alias && { aliasOf: plainName(set.alias.dnsName).replace(/^dualstack\./, '') }),
    ...(set.alias?.evaluateTargetHealth && balancer === undefined && { followsHealth: true }),
    ...(set.routing && { routing: policyOf(set.routing) }),
    ...(isIll && { healthy: false }),
  };
}
