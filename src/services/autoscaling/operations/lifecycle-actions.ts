import type { ReadTx } from '../../../store/store.ts';
import { constraint, invalid, noLifecycleAction } from '../errors.ts';
import { completeAction, type Waiting } from '../lifecycle-completion.ts';
import { groupResource, liveGroup, membersOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { members, type GroupRow, type MemberRow } from '../tables.ts';

interface Meant {
  readonly LifecycleHookName?: string | undefined;
  readonly LifecycleActionToken?: string | undefined;
  readonly InstanceId?: string | undefined;
}

/** The action that is meant, by its token or by the instance. */
async function waitingFor(tx: ReadTx, group: GroupRow, input: Meant): Promise<Waiting> {
  const { LifecycleHookName: hook = '', LifecycleActionToken: token, InstanceId: id } = input;
  if (token === undefined && id === undefined) throw invalid('InstanceId or LifecycleActionToken must be specified.');
  for (const member of await membersOf(tx, group)) {
    if (id !== undefined && member.instanceId !== id) continue;
    const wait = member.waiting.find((one) => one.hook === hook && (token === undefined || one.token === token));
    if (wait) return { member, wait };
  }
  throw noLifecycleAction(token === undefined ? `instance ID ${id}` : `token ${token}`);
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html */
export const CompleteLifecycleAction = operation('CompleteLifecycleAction', {
  resources: groupResource,
  handle: async (ctx, input) => {
    const { LifecycleActionResult: result } = input;
    if (result !== 'CONTINUE' && result !== 'ABANDON') {
      throw constraint(result, 'lifecycleActionResult', 'satisfy regular expression pattern: CONTINUE|ABANDON');
    }
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, input.AutoScalingGroupName);
      await completeAction(tx, ctx, group, await waitingFor(tx, group, input), result);
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html */
export const RecordLifecycleActionHeartbeat = operation('RecordLifecycleActionHeartbeat', {
  resources: groupResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, input.AutoScalingGroupName);
      const { member, wait } = await waitingFor(tx, group, input);
      const untilMs = Math.min(wait.lastMs, ctx.now + wait.heartbeatMs);
      const waiting = member.waiting.map((one) => (one === wait ? { ...one, untilMs } : one));
      await tx.put<MemberRow>(members, { ...member, waiting });
    });
    return {};
  },
});
