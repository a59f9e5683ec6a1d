import type { ServiceName } from '../../../api/clients.ts';
import { isRemoved, isSecret, SENSITIVE_DATA_REMOVED } from './secrets.ts';
import { wordedDate } from './times.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

/** How one service's input and output are written. */
interface Form {
  readonly name: (member: string) => string;
  readonly date: (date: Date) => Json;
  readonly list: (member: string, items: readonly Json[]) => readonly [member: string, value: Json];
}

interface Size {
  characters: number;
}

/** What one field of an event may hold, as AWS documents it. */
const MOST_CHARACTERS = 100 * 1024;
const DEEPEST = 32;

/**
 * A call's input or output as an event shows it: members in lower camel case, dates in CloudTrail's words, blobs and
 * secrets left out; null for nothing. What is over 100 KB is left out whole and says so.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function parametersOf(service: ServiceName, value: object | undefined, field: string): JsonObject | null {
  if (value === undefined) return null;
  const size = { characters: 0 };
  const members = objectOf(value, formOf(service), size, 0);
  if (size.characters > MOST_CHARACTERS) {
    return { omitted: true, originalSize: size.characters, reason: `${field} exceeded the maximum size` };
  }
  return Object.keys(members).length === 0 ? null : members;
}

function formOf(service: ServiceName): Form {
  if (service === 'ec2') return EC2;
  if (service === 's3') return S3;
  return OWN_CASE.has(service) ? AS_NAMED : LOWER_CAMEL;
}

/** Their models are in lower camel case already; their maps have keys of the user's own, which must stay as they are. */
const OWN_CASE: ReadonlySet<string> = new Set(['ecs', 'ecr', 'logs']);

const AS_NAMED: Form = { name: (member) => member, date: wordedDate, list: (member, items) => [member, items] };

const LOWER_CAMEL: Form = { ...AS_NAMED, name: lowerFirst };

/** S3 writes what stands in its XML as it stands there, and header fields by their names. */
const S3: Form = { ...AS_NAMED, name: (member) => (Object.hasOwn(S3_NAMES, member) && S3_NAMES[member]) || member };

const S3_NAMES: Readonly<Record<string, string>> = {
  ACL: 'x-amz-acl',
  Bucket: 'bucketName',
  Key: 'key',
  ObjectOwnership: 'x-amz-object-ownership',
  Policy: 'bucketPolicy',
};

/** EC2 writes lists as its XML does: a set with items; some under a name of their own, bare values under an item name. */
const EC2: Form = {
  name: (member) => (member === 'Return' ? '_return' : lowerFirst(member)),
  date: (date) => date.getTime(),
  list(member, items) {
    const [set = member, item] = (Object.hasOwn(EC2_SETS, member) && EC2_SETS[member]) || [];
    const named = items.map((one) => (item !== undefined && typeof one === 'string' ? { [item]: one } : one));
    return [set, items.length === 0 ? {} : { items: named }];
  },
};

const EC2_SETS: Readonly<Record<string, readonly [set: string, item?: string]>> = {
  allocationIds: ['allocationIdsSet', 'allocationId'],
  filters: ['filterSet'],
  groupIds: ['securityGroupIdSet', 'groupId'],
  groupNames: ['securityGroupSet', 'groupName'],
  groups: ['groupSet'],
  instanceIds: ['instancesSet', 'instanceId'],
  instances: ['instancesSet'],
  internetGatewayIds: ['internetGatewayIdSet', 'internetGatewayId'],
  natGatewayIds: ['natGatewayIdSet', 'natGatewayId'],
  networkInterfaceIds: ['networkInterfaceIdSet', 'networkInterfaceId'],
  publicIps: ['publicIpsSet', 'publicIp'],
  resources: ['resourcesSet', 'resourceId'],
  routeTableIds: ['routeTableIdSet', 'routeTableId'],
  securityGroupIds: ['groupSet', 'groupId'],
  subnetIds: ['subnetSet', 'subnetId'],
  tagSpecifications: ['tagSpecificationSet'],
  tags: ['tagSet'],
  userIdGroupPairs: ['groups'],
  values: ['valueSet', 'value'],
  vpcIds: ['vpcSet', 'vpcId'],
};

function objectOf(value: object, form: Form, size: Size, depth: number): JsonObject {
  const members: Record<string, Json> = {};
  for (const [member, each] of Object.entries(value)) {
    if (each === undefined || each === null || isSecret(member)) continue;
    const name = form.name(member);
    size.characters += name.length + 4;
    if (isRemoved(member)) {
      members[name] = SENSITIVE_DATA_REMOVED;
      continue;
    }
    const json = jsonOf(each, form, size, depth + 1);
    if (json === undefined) continue;
    const [key, shown] = Array.isArray(json) ? form.list(name, json) : ([name, json] as const);
    // An own member, whatever it is called: `__proto__` may be a label's key.
    if (key === '__proto__') Object.defineProperty(members, key, { value: shown, enumerable: true });
    else members[key] = shown;
  }
  return members;
}

/** Undefined for what cannot be shown: blobs, streams, functions. */
function jsonOf(value: unknown, form: Form, size: Size, depth: number): Json | undefined {
  switch (typeof value) {
    case 'string':
      size.characters += value.length + 2;
      return value;
    case 'number':
    case 'boolean':
      size.characters += 6;
      return value;
    case 'bigint':
      return value.toString();
    case 'object':
      return depth > DEEPEST ? undefined : compoundOf(value, form, size, depth);
    default:
      return undefined;
  }
}

function compoundOf(value: object | null, form: Form, size: Size, depth: number): Json | undefined {
  if (value === null) return null;
  if (value instanceof Date) {
    size.characters += 28;
    return Number.isNaN(value.getTime()) ? undefined : form.date(value);
  }
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const each of value) {
      const json = jsonOf(each, form, size, depth + 1);
      if (json !== undefined) items.push(json);
    }
    return items;
  }
  if (ArrayBuffer.isView(value) || 'pipe' in value || 'getReader' in value || Symbol.asyncIterator in value) {
    return undefined;
  }
  return objectOf(value, form, size, depth);
}

function lowerFirst(member: string): string {
  return member.charAt(0).toLowerCase() + member.slice(1);
}
