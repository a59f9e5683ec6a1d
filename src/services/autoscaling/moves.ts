import type { Stored, WriteTx } from '../../store/store.ts';
import { beginActivity } from './activity.ts';
import { byUser } from './domain/cause.ts';
import { noSuchInstance } from './errors.ts';
import { requireMember } from './lookup.ts';
import type { AutoscalingContext } from './operation.ts';
import { activities, members, type ActivityRow, type GroupRow, type MemberRow } from './tables.ts';

interface Move {
  readonly kind: 'detach' | 'standby' | 'return';
  /** The desired capacity before and after. */
  readonly from: number;
  readonly to: number;
  /** What becomes of each instance. */
  readonly next: Pick<MemberRow, 'state' | 'returns'>;
}

/** Moves instances as a user asks, each with an activity of its own. */
export async function moveMembers(
  tx: WriteTx,
  ctx: AutoscalingContext,
  group: GroupRow,
  chosen: readonly Stored<MemberRow>[],
  { kind, from, to, next }: Move,
): Promise<readonly ActivityRow[]> {
  for (const member of chosen) {
    const { instanceId = '' } = member;
    const cause = byUser(ctx.now, kind, { instanceId, from, to });
    const activity = { kind, id: ctx.ids.uuid(), cause, now: ctx.now, instanceId };
    const begun = await beginActivity(tx, group, member, activity);
    await tx.put<MemberRow>(members, { ...begun, ...next });
  }
  return Promise.all(chosen.map(({ instanceId = '' }) => activityOf(tx, ctx, instanceId)));
}

/** The activity of an instance that goes on. */
export async function activityOf(tx: WriteTx, ctx: AutoscalingContext, id: string): Promise<ActivityRow> {
  const { activityKey = '' } = await requireMember(tx, ctx, id);
  const row = await tx.get(activities, activityKey);
  if (!row) throw noSuchInstance(id);
  return row;
}
