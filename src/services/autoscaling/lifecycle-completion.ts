import type { Stored, WriteTx } from '../../store/store.ts';
import { noteActivity } from './activity.ts';
import { writeRemoval } from './capacity-change.ts';
import { hookAbandoned } from './domain/cause.ts';
import { abandonedLaunch } from './domain/member-step.ts';
import { membersOf } from './lookup.ts';
import type { AutoscalingContext } from './operation.ts';
import { members, type GroupRow, type HookRow, type HookWait, type MemberRow } from './tables.ts';

/** An instance, and the hook's action that it waits for. */
export interface Waiting {
  readonly member: Stored<MemberRow>;
  readonly wait: HookWait;
}

type Result = 'CONTINUE' | 'ABANDON';

/** A hook's action ends with this result, for one instance. */
export async function completeAction(
  tx: WriteTx,
  ctx: AutoscalingContext,
  group: GroupRow,
  { member, wait }: Waiting,
  result: Result,
): Promise<void> {
  const left = member.waiting.filter((one) => one !== wait);
  if (result === 'CONTINUE') {
    // Through with the last one: the reconciler goes on.
    await tx.put<MemberRow>(members, { ...member, waiting: left });
    return;
  }
  if (isOnItsWayOut(member)) {
    // Nothing else is waited for, and it goes on all the same.
    await tx.put<MemberRow>(members, { ...member, waiting: [] });
    return;
  }
  const step = abandonedLaunch(member, ctx.now, wait.token);
  if (step.activity) await noteActivity(tx, member, step.activity);
  await writeRemoval(tx, { group }, { member: step.member ?? member, cause: hookAbandoned(ctx.now) }, ctx);
}

/** It waits before its end, or before it returns to the warm pool, and not before it is in service. */
const isOnItsWayOut = ({ state, isReused }: MemberRow): boolean =>
  state.endsWith('Terminating:Wait') || isReused === true;

/**
 * Completes every action of a hook that is waited for: ABANDON for a launch, and CONTINUE for a termination. The hook's
 * own transition may be another one by now.
 */
export async function completeHook(
  tx: WriteTx,
  ctx: AutoscalingContext,
  group: GroupRow,
  hook: HookRow,
): Promise<void> {
  for (const member of await membersOf(tx, group)) {
    const wait = member.waiting.find((one) => one.hook === hook.name);
    if (!wait) continue;
    await completeAction(tx, ctx, group, { member, wait }, isOnItsWayOut(member) ? 'CONTINUE' : 'ABANDON');
  }
}
