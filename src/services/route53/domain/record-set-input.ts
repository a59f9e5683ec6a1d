import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { invalidInput, notSupported } from '../errors.ts';
import { RECORD_TYPES, type RecordSet, type RecordType } from '../tables.ts';
import type { RecordChange } from './change-batch.ts';
import { canonicalName } from './dns-name.ts';

const MAX_TTL = 2_147_483_647;

/** What chooses among several record sets of one name and type: not built. */
const ROUTING = [
  'SetIdentifier',
  'Weight',
  'Region',
  'GeoLocation',
  'Failover',
  'MultiValueAnswer',
  'HealthCheckId',
  'TrafficPolicyInstanceId',
  'CidrRoutingConfig',
  'GeoProximityLocation',
] as const;

/** @throws InvalidInput for what is malformed or not supported; what depends on the zone is checked by applyBatch */
export function recordChange(change: Change): RecordChange {
  const input = change.ResourceRecordSet ?? { Name: undefined, Type: undefined };
  const action = change.Action;
  if (action !== 'CREATE' && action !== 'UPSERT' && action !== 'DELETE') {
    throw invalidInput(`Invalid request: Action must be one of CREATE, UPSERT, DELETE, but was ${action}`);
  }
  const routing = ROUTING.find((member) => input[member] !== undefined);
  if (routing) throw notSupported(`ResourceRecordSet.${routing}`);
  checkOneKind(action, input);
  return {
    action,
    set: {
      name: canonicalName(input.Name ?? ''),
      type: recordType(input.Type),
      ...(input.AliasTarget ? aliasMembers(input.AliasTarget) : valueMembers(input)),
    },
  };
}

export function recordType(type: string | undefined): RecordType {
  const known = RECORD_TYPES.find((each) => each === type);
  if (!known) throw notSupported(`record type ${type}`);
  return known;
}

function checkOneKind(action: string, input: ResourceRecordSet): void {
  const hasTtl = input.TTL !== undefined;
  const hasValues = (input.ResourceRecords?.length ?? 0) > 0;
  const isAlias = input.AliasTarget !== undefined;
  if (isAlias ? !hasTtl && !hasValues : hasTtl && hasValues) return;
  const found = isAlias || (hasTtl && hasValues) ? 'more than one' : 'none';
  throw invalidInput(
    'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or ' +
      `TrafficPolicyInstanceId], but found ${found} in Change with [Action=${action}, Name=${input.Name}, ` +
      `Type=${input.Type}, SetIdentifier=null]`,
  );
}

function valueMembers(input: ResourceRecordSet): Pick<RecordSet, 'ttlSeconds' | 'values'> {
  const ttlSeconds = input.TTL ?? 0;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > MAX_TTL) {
    throw invalidInput(`Invalid request: TTL must be between 0 and ${MAX_TTL}, but was ${ttlSeconds}`);
  }
  return { ttlSeconds, values: (input.ResourceRecords ?? []).map((record) => record.Value ?? '') };
}

function aliasMembers(target: NonNullable<ResourceRecordSet['AliasTarget']>): Pick<RecordSet, 'values' | 'alias'> {
  return {
    values: [],
    alias: {
      hostedZoneId: (target.HostedZoneId ?? '').replace(/^\/?hostedzone\//, ''),
      dnsName: canonicalName(target.DNSName ?? ''),
      evaluateTargetHealth: target.EvaluateTargetHealth ?? false,
    },
  };
}
