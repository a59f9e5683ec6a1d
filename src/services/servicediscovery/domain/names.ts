import { invalidInput } from '../errors.ts';

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html */
const HTTP_NAMESPACE = /^[!-~]{1,1024}$/;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const DNS_NAMESPACE = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*\\.?$`, 'i');
const SERVICE = new RegExp(`^(?=.{1,127}$)${LABEL}(?:\\.${LABEL})*$`, 'i');
const INSTANCE = /^[0-9a-zA-Z_/:.@-]{1,64}$/;
const DNS_INSTANCE = new RegExp(`^${LABEL}$`, 'i');
const MAX_DESCRIPTION = 1024;

export function checkHttpNamespace(name = ''): string {
  if (!HTTP_NAMESPACE.test(name)) throw invalidInput(`The namespace name '${name}' is not valid.`);
  return name;
}

/** Lower case, without a final dot. */
export function checkDnsNamespace(name = ''): string {
  if (!DNS_NAMESPACE.test(name)) throw invalidInput(`The namespace name '${name}' is not a valid DNS name.`);
  return name.toLowerCase().replace(/\.$/, '');
}

export function checkServiceName(name = ''): string {
  if (!SERVICE.test(name)) throw invalidInput(`The service name '${name}' is not valid.`);
  return name;
}

/** @param isLabel it becomes part of a DNS name, as with SRV records */
export function checkInstanceId(id = '', isLabel = false): string {
  if (!INSTANCE.test(id)) throw invalidInput(`The instance ID '${id}' is not valid.`);
  if (isLabel && !DNS_INSTANCE.test(id)) {
    throw invalidInput(`The instance ID '${id}' of a service with SRV records must be a valid DNS label.`);
  }
  return id;
}

export function checkDescription(description: string | undefined): string | undefined {
  if (description !== undefined && description.length > MAX_DESCRIPTION) {
    throw invalidInput(`Description can have at most ${MAX_DESCRIPTION} characters.`);
  }
  return description;
}

const MAX_TTL = 2_147_483_647;

export function checkTtl(ttl: number | undefined): number {
  if (ttl === undefined || !Number.isInteger(ttl) || ttl < 0 || ttl > MAX_TTL) {
    throw invalidInput(`TTL must be between 0 and ${MAX_TTL}.`);
  }
  return ttl;
}
