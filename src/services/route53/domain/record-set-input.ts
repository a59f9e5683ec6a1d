import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { invalidInput, notSupported } from '../errors.ts';
import type { RecordSet, RecordType } from '../tables.ts';
import type { RecordChange } from './change-batch.ts';
import { canonicalName } from './dns-name.ts';
import { isRecordType } from './record-values.ts';
import { routingOf } from './record-routing.ts';

const MAX_TTL = 2_147_483_647;
const MAX_CHECK_ID = 64;

/** @throws InvalidInput for what is malformed or not supported; what depends on the zone is checked by applyBatch */
export function recordChange(change: Change): RecordChange {
  const input = change.ResourceRecordSet ?? { Name: undefined, Type: undefined };
  const action = change.Action;
  if (action !== 'CREATE' && action !== 'UPSERT' && action !== 'DELETE') {
    throw invalidInput(`Invalid request: Action must be one of CREATE, UPSERT, DELETE, but was ${action}`);
  }
  const routing = routingOf(action, input);
  checkOneKind(action, input);
  const healthCheckId = input.HealthCheckId;
  if (healthCheckId !== undefined && healthCheckId.length > MAX_CHECK_ID) {
    throw invalidInput(`Invalid request: HealthCheckId must have at most ${MAX_CHECK_ID} characters`);
  }
  return {
    action,
    set: {
      name: canonicalName(input.Name ?? ''),
      type: recordType(input.Type),
      ...(input.AliasTarget ? aliasMembers(input.AliasTarget) : valueMembers(input)),
      ...(routing && { routing }),
      ...(healthCheckId === undefined ? {} : { healthCheckId }),
    },
  };
}

export function recordType(type: string | undefined): RecordType {
  if (type === undefined || !isRecordType(type)) throw notSupported(`record type ${type}`);
  return type;
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
      `Type=${input.Type}, SetIdentifier=${input.SetIdentifier ?? null}]`,
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
