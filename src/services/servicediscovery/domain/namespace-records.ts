import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { InstanceRow, NamespaceRow, ServiceDns, ServiceDnsRecord, ServiceRow } from '../tables.ts';

/** All have the same weight: https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsConfig.html */
const WEIGHT = 1;
/** The hosted zone of load balancers in us-east-1: here the name alone leads to them. */
const LOAD_BALANCER_ZONE = 'Z35SXDOTRQ7X7K';
const PRIORITY_AND_WEIGHT = '1 1';
const VALUE_OF = { A: 'AWS_INSTANCE_IPV4', AAAA: 'AWS_INSTANCE_IPV6', CNAME: 'AWS_INSTANCE_CNAME' } as const;

/**
 * The record sets that a namespace's hosted zone should have besides its NS and SOA: for each service those of its
 * healthy instances. Pure.
 */
export function wantedRecords(
  namespace: Pick<NamespaceRow, 'name'>,
  services: readonly ServiceRow[],
  instances: readonly InstanceRow[],
): readonly ResourceRecordSet[] {
  return services.flatMap((service) =>
    recordsOf(
      namespace.name,
      service,
      instances.filter((instance) => instance.serviceArn === service.arn),
    ),
  );
}

function recordsOf(namespace: string, service: ServiceRow, all: readonly InstanceRow[]): ResourceRecordSet[] {
  const { dns } = service;
  if (!dns) return [];
  const name = `${service.name}.${namespace}.`.toLowerCase();
  const healthy = all.filter((instance) => instance.health !== 'UNHEALTHY');
  // Of weighted records all are taken for healthy where none is.
  const answering = dns.routingPolicy === 'WEIGHTED' && healthy.length === 0 ? all : healthy;
  return answering.flatMap((instance) =>
    dns.records.flatMap((record) => [
      ...instanceSet(name, dns, record, instance),
      ...(record.type === 'SRV' ? hostSets(name, record.ttlSeconds, instance) : []),
    ]),
  );
}

/** Each instance has a set of its own: Route 53 answers up to eight of them, or one of the weighted. */
function instanceSet(
  name: string,
  { routingPolicy }: ServiceDns,
  { type, ttlSeconds }: ServiceDnsRecord,
  instance: InstanceRow,
): ResourceRecordSet[] {
  const routing = {
    SetIdentifier: instance.id,
    ...(routingPolicy === 'WEIGHTED' ? { Weight: WEIGHT } : { MultiValueAnswer: true }),
  };
  const alias = instance.attributes['AWS_ALIAS_DNS_NAME'];
  if (alias !== undefined) return [{ Name: name, Type: type, ...routing, AliasTarget: aliasTarget(alias) }];
  const value = valueOf(name, type, instance);
  return value === undefined ? [] : [{ ...valueSet(name, type, ttlSeconds, value), ...routing }];
}

function valueOf(name: string, type: ServiceDnsRecord['type'], { id, attributes }: InstanceRow): string | undefined {
  if (type !== 'SRV') return attributes[VALUE_OF[type]];
  return `${PRIORITY_AND_WEIGHT} ${attributes['AWS_INSTANCE_PORT']} ${hostName(name, id)}`;
}

const hostName = (name: string, instanceId: string) => `${instanceId}.${name}`.toLowerCase();

/** What SRV records point to. */
function hostSets(name: string, ttlSeconds: number, { id, attributes }: InstanceRow): ResourceRecordSet[] {
  const ipv4 = attributes['AWS_INSTANCE_IPV4'];
  const ipv6 = attributes['AWS_INSTANCE_IPV6'];
  return [
    ...(ipv4 === undefined ? [] : [valueSet(hostName(name, id), 'A', ttlSeconds, ipv4)]),
    ...(ipv6 === undefined ? [] : [valueSet(hostName(name, id), 'AAAA', ttlSeconds, ipv6)]),
  ];
}

function valueSet(name: string, type: ServiceDnsRecord['type'], TTL: number, Value: string): ResourceRecordSet {
  return { Name: name, Type: type, TTL, ResourceRecords: [{ Value }] };
}

function aliasTarget(dnsName: string): NonNullable<ResourceRecordSet['AliasTarget']> {
  const DNSName = dnsName.toLowerCase().replace(/\.?$/, '.');
  return { HostedZoneId: LOAD_BALANCER_ZONE, DNSName, EvaluateTargetHealth: false };
}

/** What brings a zone from what it has to what it should have; its NS set stays, its SOA set gets the TTL. Pure. */
export function recordChanges(
  present: readonly ResourceRecordSet[],
  wanted: readonly ResourceRecordSet[],
  soaTtlSeconds?: number,
): readonly Change[] {
  const soa = present.find(({ Type }) => Type === 'SOA');
  const own = present.filter(({ Type }) => Type !== 'SOA' && Type !== 'NS');
  const all = soa && soaTtlSeconds !== undefined ? [...wanted, withTtl(soa, soaTtlSeconds)] : wanted;
  const before = new Map((soa ? [...own, soa] : own).map((set) => [keyOf(set), set]));
  const keys = new Set(all.map(keyOf));
  const deleted = own.filter((set) => !keys.has(keyOf(set)));
  const changed = all.filter((set) => fingerprint(before.get(keyOf(set))) !== fingerprint(set));
  return [
    ...deleted.map((set): Change => ({ Action: 'DELETE', ResourceRecordSet: set })),
    ...changed.map((set): Change => ({ Action: 'UPSERT', ResourceRecordSet: set })),
  ];
}

/** The TTL is in the record and, as its last number, in the value: both bound how long a missing name is kept. */
function withTtl(soa: ResourceRecordSet, ttlSeconds: number): ResourceRecordSet {
  const values = (soa.ResourceRecords ?? []).map(({ Value = '' }) => ({
    Value: Value.replace(/\d+$/, `${ttlSeconds}`),
  }));
  return { ...soa, TTL: ttlSeconds, ResourceRecords: values };
}

const keyOf = (set: ResourceRecordSet) => `${set.Name} ${set.Type} ${set.SetIdentifier ?? ''}`;

function fingerprint(set: ResourceRecordSet | undefined): string {
  const values = (set?.ResourceRecords ?? []).map(({ Value }) => Value ?? '').toSorted();
  return JSON.stringify([set?.TTL, values, set?.AliasTarget?.DNSName, set?.Weight, set?.MultiValueAnswer]);
}
