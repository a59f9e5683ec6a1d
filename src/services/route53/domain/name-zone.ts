import type { NameRecord, NameZone } from '../../../network/dns/names.ts';
import type { HostedZoneRow, RecordSet } from '../tables.ts';
import { plainName } from './dns-name.ts';

/** What Route 53 answers for aliases to load balancers. */
const ALIAS_TTL_SECONDS = 60;

/** A hosted zone as the DNS server serves it. Pure. */
export function nameZone(zone: HostedZoneRow, sets: readonly RecordSet[]): NameZone {
  return {
    zoneId: zone.zoneId,
    origin: plainName(zone.name),
    visibility: zone.isPrivate ? { vpcIds: zone.vpcs.map((vpc) => vpc.vpcId) } : 'public',
    records: sets.flatMap((set) => nameRecord(set) ?? []),
  };
}

/** Undefined for SPF, a type that DNS has retired (RFC 7208) and no client asks for. */
function nameRecord(set: RecordSet): NameRecord | undefined {
  if (set.type === 'SPF') return undefined;
  return {
    name: plainName(set.name),
    type: set.type,
    ttlSeconds: set.ttlSeconds ?? ALIAS_TTL_SECONDS,
    values: set.values,
    ...(set.alias && { aliasOf: plainName(set.alias.dnsName).replace(/^dualstack\./, '') }),
  };
}
