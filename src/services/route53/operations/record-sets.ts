import type { ReadTx, Stored, WriteTx } from '../../../store/store.ts';
import { applyBatch, sameSet, setKey, type RecordChange } from '../domain/change-batch.ts';
import { canonicalName } from '../domain/dns-name.ts';
import { recordChange, recordType } from '../domain/record-set-input.ts';
import { invalidChangeBatch, invalidInput } from '../errors.ts';
import { hostedZoneOf } from '../lookup.ts';
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
      if (batch.length === 0) throw invalidInput('Invalid request: Changes must have at least one change');
      if (batch.length > MAX_CHANGES) throw invalidChangeBatch([`Number of records limit of ${MAX_CHANGES} exceeded.`]);
      const changes = batch.map(recordChange);
      const before = await touchedSets(tx, zone, changes);
      const result = applyBatch(zone, before, changes);
      if ('problems' in result) throw invalidChangeBatch(result.problems);
      await writeSets(tx, zone, before, result.sets);
      return noteChange(tx, ctx, input.ChangeBatch?.Comment);
    });
    return { ChangeInfo: changeView(change, 'PENDING') };
  },
});

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
    const rows = await ctx.read(async (tx) => {
      const zone = await hostedZoneOf(tx, ctx.account, input.HostedZoneId);
      return listFrom(tx, zone, input.StartRecordName, input.StartRecordType, limit + 1);
    });
    const next = rows[limit];
    return {
      ResourceRecordSets: rows.slice(0, limit).map(recordSetView),
      IsTruncated: next !== undefined,
      ...(next && { NextRecordName: next.name, NextRecordType: next.type }),
      MaxItems: limit,
    };
  },
});

async function listFrom(
  tx: ReadTx,
  zone: HostedZoneRow,
  startName: string | undefined,
  startType: string | undefined,
  limit: number,
): Promise<readonly RecordSetRow[]> {
  const prefix = `${zoneKey(zone)}/`;
  if (startName === undefined) return tx.list(recordSets, { prefix, limit });
  const name = canonicalName(startName);
  // The blank-ended key of a name sorts before every record set of it.
  if (startType === undefined) return tx.list(recordSets, { prefix, after: nameKey(zone, name), limit });
  const start = recordSetKey({ account: zone.account, zoneId: zone.zoneId, name, type: recordType(startType) });
  const first = await tx.get(recordSets, start);
  const rest = await tx.list(recordSets, { prefix, after: start, limit: first ? limit - 1 : limit });
  return first ? [first, ...rest] : rest;
}
