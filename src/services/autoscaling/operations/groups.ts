import type { CreateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { created, updated } from '../domain/cause.ts';
import { groupConditions } from '../conditions.ts';
import { contended, groupExists, groupHasInstances, invalid, refreshBringsConfiguration } from '../errors.ts';
import { checkSupported, placesFrom, settingsFrom, sizesFrom, targetGroupsFrom } from '../group-input.ts';
import { removeGroup } from '../group-removal.ts';
import { readFacts } from '../facts.ts';
import { launchFrom } from '../launch-input.ts';
import {
  checkName,
  defaultRole,
  findGroup,
  groupOf,
  groupResource,
  groupsIn,
  liveGroup,
  membersOf,
  openRefresh,
  pageOf,
  tokenOf,
} from '../lookup.ts';
import { operation } from '../operation.ts';
import { groupKey, groups, hooks, type GroupRow, type HookRow } from '../tables.ts';
import { tagsFrom } from '../tagging.ts';
import { groupView } from '../views.ts';
import { checkLaunch } from '../warm-pool-input.ts';
import { matchesGroup } from '../group-filters.ts';
import { checkHookCount, hookFrom } from './lifecycle-hooks.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html */
export const CreateAutoScalingGroup = operation('CreateAutoScalingGroup', {
  resources: groupResource,
  conditions: groupConditions,
  also: async (input, scope, tx) =>
    input.Tags?.length
      ? [{ action: 'autoscaling:CreateOrUpdateTags', resources: await groupResource(input, scope, tx) }]
      : [],
  handle: async (ctx, input) => {
    const name = checkName(input.AutoScalingGroupName, 'autoScalingGroupName');
    checkSupported(input);
    const sizes = sizesFrom(input);
    const settings = settingsFrom(input);
    const launch = await launchFrom(ctx, input);
    if (!launch) {
      throw invalid(
        'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
      );
    }
    const places = await placesFrom(ctx, input);
    if (!places) throw invalid('At least one Availability Zone or VPC Subnet is required.');
    const targetGroups = await targetGroupsFrom(ctx, input);
    const { account, region, now } = ctx;
    const row: GroupRow = {
      account,
      region,
      name,
      id: ctx.ids.uuid(),
      createdAtMs: now,
      ...sizes,
      ...settings,
      ...places,
      launch,
      targetGroups,
      tags: tagsFrom(input.Tags ?? [], name),
      suspended: [],
      metrics: [],
      roleArn: input.ServiceLinkedRoleARN ?? defaultRole(ctx),
      changes: sizes.desired > 0 ? [created(now, sizes.desired)] : [],
      holds: {},
    };
    const wanted = hooksOf(input, row);
    await ctx.write(async (tx) => {
      if (await findGroup(tx, ctx, name)) throw groupExists(name);
      for (const hook of wanted) await tx.put(hooks, hook);
      await tx.put(groups, row);
    });
    return {};
  },
});

function hooksOf(input: CreateAutoScalingGroupType, group: GroupRow): readonly HookRow[] {
  const { LifecycleHookSpecificationList: list = [] } = input;
  checkHookCount(list.length);
  return list.map((one) => hookFrom(group, one));
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html */
export const UpdateAutoScalingGroup = operation('UpdateAutoScalingGroup', {
  resources: groupResource,
  conditions: groupConditions,
  handle: async (ctx, input) => {
    checkSupported(input);
    const launch = await launchFrom(ctx, input);
    const places = await placesFrom(ctx, input);
    const { warmPool } = await ctx.read((tx) => liveGroup(tx, ctx, input.AutoScalingGroupName));
    if (launch && warmPool) await checkLaunch(ctx, launch);
    await ctx.write(async (tx) => {
      const before = await liveGroup(tx, ctx, input.AutoScalingGroupName);
      if (launch && before.warmPool && !warmPool) throw contended(before.name);
      if (launch && (await openRefresh(tx, before))?.wanted) throw refreshBringsConfiguration();
      const { defaultWarmupS: _, maintenance: __, ...kept } = before;
      const sizes = sizesFrom(input, before);
      const change = updated(ctx.now, sizes, before.desired);
      await tx.put<GroupRow>(groups, {
        ...kept,
        ...settingsFrom(input, before),
        ...sizes,
        ...places,
        ...(launch && { launch }),
        ...(input.ServiceLinkedRoleARN !== undefined && { roleArn: input.ServiceLinkedRoleARN }),
        ...(sizes.desired !== before.desired && { changes: [...before.changes, change] }),
        ...(launch && { holds: {} }),
      });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html */
export const DeleteAutoScalingGroup = operation('DeleteAutoScalingGroup', {
  resources: groupResource,
  conditions: (input) => ({ 'autoscaling:forcedelete': String(input.ForceDelete ?? false) }),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const group = await groupOf(tx, ctx, input.AutoScalingGroupName);
      const own = await membersOf(tx, group);
      if (own.length > 0 && input.ForceDelete !== true) throw groupHasInstances();
      if (own.length > 0) {
        await tx.put<GroupRow>(groups, { ...group, min: 0, desired: 0, deleting: true });
        return;
      }
      const facts = await readFacts(tx, groupKey(group));
      if (facts) await removeGroup(tx, facts);
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html */
export const DescribeAutoScalingGroups = operation('DescribeAutoScalingGroups', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { AutoScalingGroupNames: names = [], Filters: filters = [] } = input;
    const nameOf = (text: string) => /autoScalingGroupName\/(.+)$/.exec(text)?.[1] ?? text;
    const wanted = names.map(nameOf);
    const rows = (await groupsIn(ctx)).filter(
      (row) => (wanted.length === 0 || wanted.includes(row.name)) && matchesGroup(row, filters),
    );
    const page = pageOf(rows, ({ name }) => name, input);
    const views = await ctx.read((tx) =>
      Promise.all(
        page.items.map(async (row) => groupView(row, await membersOf(tx, row), input.IncludeInstances ?? true)),
      ),
    );
    return { AutoScalingGroups: views, ...tokenOf(page) };
  },
});
