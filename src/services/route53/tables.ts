import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';
import type { NameRecord } from '../../network/dns/names.ts';
import { reversedName } from './domain/dns-name.ts';

/** Route 53 is global: rows belong to an account, and the region of a call is ignored. */
export interface HostedZoneRow {
  readonly account: string;
  /** `Z...`, without its path. */
  readonly zoneId: string;
  /** Lower case, escaped, with a final dot. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string;
  readonly isPrivate: boolean;
  /** Who sees a private zone; none for a public one. */
  readonly vpcs: readonly ZoneVpc[];
  /** Without a final dot. */
  readonly nameServers: readonly string[];
  readonly recordSetCount: number;
  readonly tags: Tags;
  /** Of a zone that another service has made, and that only this service changes. */
  readonly linkedService?: { readonly principal: string; readonly description: string };
}

export interface ZoneVpc {
  readonly region: string;
  readonly vpcId: string;
}

export type RecordType = NameRecord['type'];

export interface RecordSet {
  /** Lower case, escaped, with a final dot. */
  readonly name: string;
  readonly type: RecordType;
  /** Not for aliases. */
  readonly ttlSeconds?: number;
  readonly values: readonly string[];
  readonly alias?: AliasTarget;
  /** How it shares the answers for its name and type with the other sets of both. */
  readonly routing?: SetRouting;
  readonly healthCheckId?: string;
}

export type SetRouting = SetPolicy & { readonly setIdentifier: string };

export type SetPolicy =
  | { readonly policy: 'weighted'; readonly weight: number }
  | { readonly policy: 'failover'; readonly role: 'PRIMARY' | 'SECONDARY' }
  | { readonly policy: 'multivalue' }
  | PlacePolicy;

/** Policies that ask where the client is. */
export type PlacePolicy =
  | { readonly policy: 'latency'; readonly region: string }
  /** A continent, or a country (`*` is everywhere) or a part of it. */
  | {
      readonly policy: 'geolocation';
      readonly continent: string;
      readonly country?: never;
      readonly subdivision?: never;
    }
  | {
      readonly policy: 'geolocation';
      readonly country: string;
      readonly subdivision?: string;
      readonly continent?: never;
    }
  /** A Region, or degrees as they were given. */
  | {
      readonly policy: 'geoproximity';
      readonly bias: number;
      readonly region: string;
      readonly latitude?: never;
      readonly longitude?: never;
    }
  | {
      readonly policy: 'geoproximity';
      readonly bias: number;
      readonly latitude: string;
      readonly longitude: string;
      readonly region?: never;
    };

export interface AliasTarget {
  readonly hostedZoneId: string;
  /** Lower case, with a final dot. */
  readonly dnsName: string;
  readonly evaluateTargetHealth: boolean;
}

export interface RecordSetRow extends RecordSet {
  readonly account: string;
  readonly zoneId: string;
}

export interface ChangeRow {
  readonly account: string;
  /** Begins with the time, so that the oldest come first. */
  readonly changeId: string;
  readonly submittedAtMs: number;
  readonly comment?: string;
}

export const zoneKey = (zone: { readonly account: string; readonly zoneId: string }) =>
  `${zone.account}/${zone.zoneId}`;

/** The key prefix of every record set of one name. A blank sorts before all that stands in names. */
export const nameKey = (zone: { readonly account: string; readonly zoneId: string }, name: string) =>
  `${zoneKey(zone)}/${reversedName(name)} `;

/** In ascending order of key, record sets stand as ListResourceRecordSets answers them. */
export const recordSetKey = (row: RecordSetId & { account: string; zoneId: string }) =>
  `${nameKey(row, row.name)}${row.type}${row.routing ? `/${row.routing.setIdentifier}` : ''}`;

/** What tells a record set from the others of its zone. */
export interface RecordSetId {
  readonly name: string;
  readonly type: string;
  readonly routing?: { readonly setIdentifier: string } | undefined;
}

export const hostedZones = table<HostedZoneRow>('route53.hosted-zones', zoneKey, {
  account: (row) => row.account,
  zone: (row) => row.zoneId,
});

export const recordSets = table<RecordSetRow>('route53.record-sets', recordSetKey, {
  account: (row) => row.account,
  zone: (row) => zoneKey(row),
  check: (row) => row.healthCheckId && `${row.account}/${row.healthCheckId}`,
  /** Aliases that are as healthy as the load balancer they lead to. */
  balanced: (row) => (balancerOf(row) === undefined ? undefined : BALANCED),
});

export const BALANCED = 'yes';

/** The name of the load balancer whose health a record set takes, without a final dot. */
export function balancerOf({ alias }: RecordSet): string | undefined {
  if (!alias?.evaluateTargetHealth) return undefined;
  const name = alias.dnsName.replace(/\.$/, '').replace(/^dualstack\./, '');
  return /\.elb\.[^.]+(\.[^.]+)*$/.test(name) ? name : undefined;
}

export const zoneChanges = table<ChangeRow>('route53.changes', (row) => `${row.account}/${row.changeId}`);
