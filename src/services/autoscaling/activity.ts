import type { WriteTx } from '../../store/store.ts';
import { description, type ActivityKind } from './domain/cause.ts';
import { activities, activityKey, type ActivityRow, type GroupRow, type MemberRow, type Place } from './tables.ts';

interface Begun {
  readonly kind: ActivityKind;
  readonly id: string;
  readonly cause: string;
  readonly now: number;
  readonly where: Pick<Place, 'zone' | 'subnetId'>;
  readonly instanceId?: string;
  /** It is over as soon as it begins. */
  readonly isDone?: true;
}

const LAUNCHES: readonly ActivityKind[] = ['launch', 'warm', 'draw'];

export function newActivity(group: GroupRow, { kind, id, cause, now, where, instanceId, isDone }: Begun): ActivityRow {
  return {
    account: group.account,
    region: group.region,
    groupName: group.name,
    groupId: group.id,
    id,
    description: description(kind, instanceId),
    cause,
    startMs: now,
    status: isDone ? 'Successful' : LAUNCHES.includes(kind) ? 'PreInService' : 'InProgress',
    progress: isDone ? 100 : LAUNCHES.includes(kind) ? 30 : 0,
    ...(isDone && { endMs: now }),
    details: JSON.stringify({
      ...(where.subnetId !== undefined && { 'Subnet ID': where.subnetId }),
      'Availability Zone': where.zone,
    }),
  };
}

/** Writes a change of the member's activity, where it has one. */
export async function noteActivity(
  tx: WriteTx,
  member: Pick<MemberRow, 'activityKey'>,
  change: Partial<ActivityRow>,
): Promise<void> {
  const row = member.activityKey === undefined ? undefined : await tx.get(activities, member.activityKey);
  if (!row || row.endMs !== undefined) return;
  const next = { ...row, ...change };
  if (JSON.stringify(next) !== JSON.stringify(row)) await tx.put(activities, next);
}

/** Begins an activity of a member; one that went on is over. Answers the member with it. */
export async function beginActivity(
  tx: WriteTx,
  group: GroupRow,
  member: MemberRow,
  begun: Omit<Begun, 'where'>,
): Promise<MemberRow> {
  await noteActivity(tx, member, { status: 'Cancelled', progress: 100, endMs: begun.now });
  const where = { zone: member.zone, ...(member.subnetId !== undefined && { subnetId: member.subnetId }) };
  const row = await tx.put(activities, newActivity(group, { ...begun, where }));
  return { ...member, activityKey: activityKey(row) };
}
