import type { LifecycleHook, LifecycleHookSpecification } from '@aws-sdk/client-auto-scaling';
import type { Scope } from '../../../kernel/arn.ts';
import { completeHook } from '../lifecycle-completion.ts';
import { checkName, groupOf, groupResource, liveGroup } from '../lookup.ts';
import { constraint, invalid, noSuchHook, notSupported, tooMany } from '../errors.ts';
import { operation } from '../operation.ts';
import { groupKey, hooks, namedKey, type HookRow } from '../tables.ts';

const TRANSITIONS: ReadonlyMap<string, HookRow['transition']> = new Map([
  ['autoscaling:EC2_INSTANCE_LAUNCHING', 'launching'],
  ['autoscaling:EC2_INSTANCE_TERMINATING', 'terminating'],
]);
const MOST_HOOKS = 50;
const MAX_S = 172_800;

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html */
export const PutLifecycleHook = operation('PutLifecycleHook', {
  resources: groupResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, input.AutoScalingGroupName);
      const all = await tx.list(hooks, { where: ['group', groupKey(group)] });
      const before = all.find((one) => one.name === input.LifecycleHookName);
      if (!before) checkHookCount(all.length + 1);
      const row = hookFrom(group, input, before);
      await tx.put(hooks, { ...row, ...(before && { revision: before.revision }) });
    });
    return {};
  },
});

export function checkHookCount(count: number): void {
  if (count > MOST_HOOKS) throw tooMany(`A group can have ${MOST_HOOKS} lifecycle hooks at most.`);
}

type Wanted = { [K in keyof LifecycleHookSpecification]?: LifecycleHookSpecification[K] | undefined };

/** The hook that is asked for; what is left out stays as it was. */
export function hookFrom(group: Scope & { readonly name: string }, input: Wanted, before?: HookRow): HookRow {
  if (input.NotificationTargetARN) {
    throw notSupported(`The notification target ${input.NotificationTargetARN} (SNS and SQS)`);
  }
  const { LifecycleTransition: text, HeartbeatTimeout: heartbeatS = before?.heartbeatS ?? 3600 } = input;
  const transition = text === undefined ? before?.transition : TRANSITIONS.get(text);
  if (transition === undefined) {
    throw invalid(
      'Valid requests must contain a LifecycleTransition of autoscaling:EC2_INSTANCE_LAUNCHING or autoscaling:EC2_INSTANCE_TERMINATING.',
    );
  }
  const { DefaultResult: result = before?.defaultResult ?? 'ABANDON' } = input;
  if (result !== 'CONTINUE' && result !== 'ABANDON') {
    throw constraint(result, 'defaultResult', 'satisfy enum value set: [CONTINUE, ABANDON]');
  }
  if (heartbeatS < 30 || heartbeatS > 7200) {
    throw constraint(heartbeatS, 'heartbeatTimeout', 'be between 30 and 7200');
  }
  const metadata = input.NotificationMetadata ?? before?.metadata;
  return {
    account: group.account,
    region: group.region,
    groupName: group.name,
    name: checkName(input.LifecycleHookName, 'lifecycleHookName'),
    transition,
    heartbeatS,
    defaultResult: result,
    ...(metadata !== undefined && { metadata }),
  };
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLifecycleHooks.html */
export const DescribeLifecycleHooks = operation('DescribeLifecycleHooks', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, { AutoScalingGroupName: name, LifecycleHookNames: names = [] }) => {
    const rows = await ctx.read(async (tx) => {
      const group = await groupOf(tx, ctx, name);
      return tx.list(hooks, { where: ['group', groupKey(group)] });
    });
    const missing = names.find((one) => !rows.some((row) => row.name === one));
    if (missing !== undefined) throw noSuchHook(missing);
    return { LifecycleHooks: rows.filter((row) => names.length === 0 || names.includes(row.name)).map(hookView) };
  },
});

function hookView(row: HookRow): LifecycleHook {
  return {
    LifecycleHookName: row.name,
    AutoScalingGroupName: row.groupName,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${row.transition.toUpperCase()}`,
    ...(row.metadata !== undefined && { NotificationMetadata: row.metadata }),
    HeartbeatTimeout: row.heartbeatS,
    GlobalTimeout: Math.min(MAX_S, row.heartbeatS * 100),
    DefaultResult: row.defaultResult,
  };
}

/**
 * Instances that wait for it go on, or back from their launch.
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLifecycleHook.html
 */
export const DeleteLifecycleHook = operation('DeleteLifecycleHook', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: groupName, LifecycleHookName: name = '' }) => {
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, groupName);
      const key = namedKey({ account: ctx.account, region: ctx.region, groupName: group.name, name });
      const hook = await tx.get(hooks, key);
      if (!hook) throw noSuchHook(name);
      await completeHook(tx, ctx, group, hook);
      await tx.delete(hooks, key);
    });
    return {};
  },
});
