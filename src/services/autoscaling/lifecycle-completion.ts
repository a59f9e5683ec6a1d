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
  if (member.state.endsWith('Terminating:Wait') || member.isReused) {
    // Nothing else is waited for, and it goes on all the same.
    await tx.put<MemberRow>(members, { ...member, waiting: [] });
    return;
  }
  const step = abandonedLaunch(member, ctx.now, wait.token);
  if (step.activity) await noteActivity(tx, member, step.activity);
  await writeRemoval(tx, { group }, { member: step.member ?? member, cause: hookAbandoned(ctx.now) }, ctx);
}

/** Completes every action of a hook that is waited for. */
export async function completeHook(
  tx: WriteTx,
  ctx: AutoscalingContext,
  group: GroupRow,
  hook: HookRow,
): Promise<void> {
  const result = hook.transition === 'launching' ? 'ABANDON' : 'CONTINUE';
  for (const member of await membersOf(tx, group)) {
    const wait = member.waiting.find((one) => one.hook === hook.name);
    if (wait) await completeAction(tx, ctx, group, { member, wait }, result);
  }
}
