import type { DnsConfig, DnsRecord } from '@aws-sdk/client-servicediscovery';
import { invalidInput } from '../errors.ts';
import type { ServiceDns, ServiceDnsRecord } from '../tables.ts';
import { checkTtl } from './names.ts';

const TYPES = ['A', 'AAAA', 'CNAME', 'SRV'] as const;
const COMBINATIONS = ['A', 'AAAA', 'A,AAAA', 'SRV', 'CNAME'];

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsConfig.html @throws InvalidInput */
export function serviceDns(config: DnsConfig): ServiceDns {
  const records = dnsRecords(config.DnsRecords ?? []);
  const routingPolicy = config.RoutingPolicy ?? 'MULTIVALUE';
  if (routingPolicy !== 'MULTIVALUE' && routingPolicy !== 'WEIGHTED') {
    throw invalidInput(`RoutingPolicy must be one of MULTIVALUE, WEIGHTED, but was ${String(routingPolicy)}`);
  }
  if (records.some(({ type }) => type === 'CNAME') && routingPolicy !== 'WEIGHTED') {
    throw invalidInput('RoutingPolicy must be WEIGHTED for a service with CNAME records.');
  }
  return { routingPolicy, records };
}

/** The TTLs may change, and a type may go: what is left out is deleted. None may come. @throws InvalidInput */
export function changedRecords(before: ServiceDns, changed: readonly DnsRecord[]): ServiceDns {
  const records = dnsRecords(changed);
  const added = records.find(({ type }) => !before.records.some((record) => record.type === type));
  if (added) throw invalidInput(`${added.type} records can't be added to a service.`);
  return { ...before, records };
}

function dnsRecords(records: readonly DnsRecord[]): readonly ServiceDnsRecord[] {
  const checked = records.map(({ Type, TTL }) => {
    const type = TYPES.find((each) => each === Type);
    if (!type) throw invalidInput(`DnsRecord Type must be one of ${TYPES.join(', ')}, but was ${String(Type)}`);
    return { type, ttlSeconds: checkTtl(TTL) };
  });
  if (!COMBINATIONS.includes(typesOf(checked))) {
    throw invalidInput('DnsRecords must be one of: A; AAAA; A and AAAA; SRV; CNAME.');
  }
  return checked;
}

function typesOf(records: readonly ServiceDnsRecord[]): string {
  return records
    .map(({ type }) => type)
    .toSorted()
    .join(',');
}
