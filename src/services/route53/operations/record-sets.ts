import type { ListResourceRecordSetsRequest } from '@aws-sdk/client-route-53';
import type { ReadTx, Stored, WriteTx } from '../../../store/store.ts';
import { applyBatch, sameSet, setKey, type RecordChange } from '../domain/change-batch.ts';
import { canonicalName } from '../domain/dns-name.ts';
import { recordChange, recordType } from '../domain/record-set-input.ts';
import { invalidChangeBatch, invalidInput, limitsExceeded } from '../errors.ts';
import { checkKey, healthChecks } from '../health-tables.ts';
import { ZONE_LIMITS } from '../limits.ts';
import { hostedZoneOf, refuseLinked } from '../lookup.ts';
import { recordConditions } from '../authorization.ts';
import { operation, zoneArn } from '../operation.ts';
import { hostedZones, nameKey, recordSetKey, recordSets, zoneKey } from '../tables.ts';
import type { HostedZoneRow, RecordSet, RecordSetRow } from '../tables.ts';
import { changeView, recordSetView } from '../views.ts';
import { noteChange } from '../zone-change.ts';

const MAX_CHANGES = 1000;
const MAX_ITEMS = 300;

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html: all or nothing. */
export const ChangeResourceRecordSets = operation('ChangeResourceRecordSets', {
  resources: (input) => [zoneArn(input.HostedZoneId)],
  conditions: ({ ChangeBatch }) => recordConditions(ChangeBatch?.Changes ?? []),
  handle: async (ctx, input) => {
    const batch = input.ChangeBatch?.Changes ?? [];
    const change = await ctx.write(async (tx) => {
      const zone = await hostedZoneOf(tx, ctx.account, input.HostedZoneId);
      refuseLinked(zone, ctx.principal);
      if (batch.length === 0) throw invalidInput('Invalid request: Changes must have at least one change');
      if (batch.length > MAX_CHANGES) throw invalidChangeBatch([`Number of records limit of ${MAX_CHANGES} exceeded.`]);
      const changes = batch.map(recordChange);
      const before = await touchedSets(tx, zone, changes);
      const result = applyBatch(zone, before, changes);
      if ('problems' in result) throw invalidChangeBatch(result.problems);
      await refuseUnknownChecks(tx, ctx.account, changes);
      if (zone.recordSetCount + result.sets.size - before.size > ZONE_LIMITS.MAX_RRSETS_BY_ZONE) {
        throw limitsExceeded('record sets');
      }
      await writeSets(tx, zone, before, result.sets);
      return noteChange(tx, ctx, input.ChangeBatch?.Comment);
    });
    return { ChangeInfo: changeView(change, 'PENDING') };
  },
});

/** @throws InvalidChangeBatch for a set whose health check is not there */
async function refuseUnknownChecks(tx: ReadTx, account: string, changes: readonly RecordChange[]): Promise<void> {
  for (const { action, set } of changes) {
    const checkId = set.healthCheckId;
    if (action === 'DELETE' || checkId === undefined) continue;
    if (!(await tx.get(healthChecks, checkKey({ account, checkId })))) {
      throw invalidChangeBatch([`No health check exists with the specified ID: ${checkId}`]);
    }
  }
}

/** Every record set of the names that the changes speak of: their own and the targets of their aliases. */
async function touchedSets(
  tx: ReadTx,
  zone: HostedZoneRow,
  changes: readonly RecordChange[],
): Promise<ReadonlyMap<string, Stored<RecordSetRow>>> {
  const names = new Set(changes.flatMap(({ set }) => (set.alias ? [set.name, set.alias.dnsName] : [set.name])));
  const sets = new Map<string, Stored<RecordSetRow>>();
  for (const name of names) {
    for (const row of await tx.list(recordSets, { prefix: nameKey(zone, name) })) sets.set(setKey(row), row);
  }
  return sets;
}

async function writeSets(
  tx: WriteTx,
  zone: Stored<HostedZoneRow>,
  before: ReadonlyMap<string, Stored<RecordSetRow>>,
  after: ReadonlyMap<string, RecordSet>,
): Promise<void> {
  for (const [key, row] of before) if (!after.has(key)) await tx.delete(recordSets, recordSetKey(row));
  for (const [key, set] of after) {
    const present = before.get(key);
    if (present && sameSet(present, set)) continue;
    const row = { account: zone.account, zoneId: zone.zoneId, ...set };
    await tx.put(recordSets, present ? { ...row, revision: present.revision } : row);
  }
  const recordSetCount = zone.recordSetCount + after.size - before.size;
  if (recordSetCount !== zone.recordSetCount) await tx.put(hostedZones, { ...zone, recordSetCount });
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html */
export const ListResourceRecordSets = operation('ListResourceRecordSets', {
  resources: (input) => [zoneArn(input.HostedZoneId)],
  readOnly: true,
  handle: async (ctx, input) => {
    const limit = Math.min(input.MaxItems ?? MAX_ITEMS, MAX_ITEMS);
    if (limit < 1) throw invalidInput('Invalid request: MaxItems must be at least 1');
    if (input.StartRecordType !== undefined && input.StartRecordName === undefined) {
      throw invalidInput('Invalid request: StartRecordType needs a StartRecordName');
    }
    if (input.StartRecordIdentifier !== undefined && input.StartRecordType === undefined) {
      throw invalidInput('Invalid request: StartRecordIdentifier needs a StartRecordType');
    }
    const rows = await ctx.read(async (tx) => {
      const zone = await hostedZoneOf(tx, ctx.account, input.HostedZoneId);
      return listFrom(tx, zone, input, limit + 1);
    });
    const next = rows[limit];
    return {
      ResourceRecordSets: rows.slice(0, limit).map(recordSetView),
      IsTruncated: next !== undefined,
      ...(next && {
        NextRecordName: next.name,
        NextRecordType: next.type,
        ...(next.routing && { NextRecordIdentifier: next.routing.setIdentifier }),
      }),
      MaxItems: limit,
    };
  },
});

async function listFrom(
  tx: ReadTx,
  zone: HostedZoneRow,
  input: ListResourceRecordSetsRequest,
  limit: number,
): Promise<readonly RecordSetRow[]> {
  const prefix = `${zoneKey(zone)}/`;
  const { StartRecordName: startName, StartRecordType: startType, StartRecordIdentifier: setIdentifier } = input;
  if (startName === undefined) return tx.list(recordSets, { prefix, limit });
  const name = canonicalName(startName);
  // The blank-ended key of a name sorts before every record set of it.
  if (startType === undefined) return tx.list(recordSets, { prefix, after: nameKey(zone, name), limit });
  const start = recordSetKey({
    account: zone.account,
    zoneId: zone.zoneId,
    name,
    type: recordType(startType),
    ...(setIdentifier === undefined ? {} : { routing: { setIdentifier } }),
  });
  const first = await tx.get(recordSets, start);
  const rest = await tx.list(recordSets, { prefix, after: start, limit: first ? limit - 1 : limit });
  return first ? [first, ...rest] : rest;
}
