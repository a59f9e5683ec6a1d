import { isIPv4, isIPv6 } from 'node:net';
import { invalidInput, notSupported } from '../errors.ts';
import type { ServiceDns, ServiceRow } from '../tables.ts';

export type Attributes = Readonly<Record<string, string>>;

const MAX_ATTRIBUTES = 30;
const KEY = /^[!-~]{1,255}$/;
const VALUE = /^([!-~]([ \t!-~]*[!-~])?)?$/;
const MAX_VALUE = 1024;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const HOST_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*\\.?$`, 'i');

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_RegisterInstance.html @throws InvalidInput */
export function checkAttributes(service: Pick<ServiceRow, 'dns' | 'customHealth'>, attributes: Attributes): Attributes {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) throw invalidInput(`An instance can have at most ${MAX_ATTRIBUTES} attributes.`);
  for (const [key, value] of entries) {
    if (!KEY.test(key)) throw invalidInput(`The attribute key '${key}' is not valid.`);
    if (value.length > MAX_VALUE || !VALUE.test(value)) {
      throw invalidInput(`The value of attribute '${key}' is not valid.`);
    }
  }
  if (attributes['AWS_EC2_INSTANCE_ID'] !== undefined) throw notSupported('The attribute AWS_EC2_INSTANCE_ID');
  checkAddresses(attributes);
  const health = attributes['AWS_INIT_HEALTH_STATUS'];
  if (health !== undefined && health !== 'HEALTHY' && health !== 'UNHEALTHY') {
    throw invalidInput(`AWS_INIT_HEALTH_STATUS must be HEALTHY or UNHEALTHY, but was ${health}`);
  }
  if (health !== undefined && !service.customHealth) {
    throw invalidInput('AWS_INIT_HEALTH_STATUS can only be given for a service with HealthCheckCustomConfig.');
  }
  if (service.dns) checkRecords(service.dns, attributes);
  return attributes;
}

function checkAddresses(attributes: Attributes): void {
  const { AWS_INSTANCE_IPV4: ipv4, AWS_INSTANCE_IPV6: ipv6, AWS_INSTANCE_PORT: port } = attributes;
  if (ipv4 !== undefined && !isIPv4(ipv4)) throw invalidInput(`AWS_INSTANCE_IPV4 is not an IPv4 address: ${ipv4}`);
  if (ipv6 !== undefined && !isIPv6(ipv6)) throw invalidInput(`AWS_INSTANCE_IPV6 is not an IPv6 address: ${ipv6}`);
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw invalidInput(`AWS_INSTANCE_PORT is not a port: ${port}`);
  }
}

function checkRecords(dns: ServiceDns, attributes: Attributes): void {
  const alias = attributes['AWS_ALIAS_DNS_NAME'];
  if (alias !== undefined) return checkAlias(dns, attributes, alias);
  const needs = (key: string, type: string) => {
    if (attributes[key] === undefined) {
      throw invalidInput(`${key} is required for a service with ${type} records.`);
    }
  };
  for (const { type } of dns.records) {
    if (type === 'A') needs('AWS_INSTANCE_IPV4', 'A');
    if (type === 'AAAA') needs('AWS_INSTANCE_IPV6', 'AAAA');
    if (type === 'CNAME') needs('AWS_INSTANCE_CNAME', 'CNAME');
    if (type === 'SRV') {
      needs('AWS_INSTANCE_PORT', 'SRV');
      if (attributes['AWS_INSTANCE_IPV6'] === undefined) needs('AWS_INSTANCE_IPV4', 'SRV');
    }
  }
  const cname = attributes['AWS_INSTANCE_CNAME'];
  if (cname !== undefined && !HOST_NAME.test(cname)) {
    throw invalidInput(`AWS_INSTANCE_CNAME is not a domain name: ${cname}`);
  }
}

function checkAlias(dns: ServiceDns, attributes: Attributes, alias: string): void {
  if (!HOST_NAME.test(alias)) throw invalidInput(`AWS_ALIAS_DNS_NAME is not a domain name: ${alias}`);
  if (dns.routingPolicy !== 'WEIGHTED' || dns.records.some(({ type }) => type === 'SRV' || type === 'CNAME')) {
    throw invalidInput('AWS_ALIAS_DNS_NAME needs a service with A or AAAA records and the routing policy WEIGHTED.');
  }
  if (Object.keys(attributes).some((key) => key.startsWith('AWS_INSTANCE_'))) {
    throw invalidInput("AWS_ALIAS_DNS_NAME can't be given together with AWS_INSTANCE attributes.");
  }
}
