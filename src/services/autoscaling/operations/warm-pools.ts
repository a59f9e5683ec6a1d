import type { ReadTx } from '../../../store/store.ts';
import type { LaunchSource } from '../domain/launch-source.ts';
import { isWarmed } from '../domain/members.ts';
import { contended, invalid, warmPoolIsDeleted } from '../errors.ts';
import { groupOf, groupResource, liveGroup, membersOf, openRefresh, pageOf, tokenOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { groups, members, type GroupRow, type MemberRow } from '../tables.ts';
import { checkLaunch, poolFrom } from '../warm-pool-input.ts';
import { instanceView, warmPoolView } from '../views.ts';

/** What a group's instances are launched from, or may be before long: an open refresh brings its own, and may go back. */
async function launchSources(tx: ReadTx, group: GroupRow): Promise<readonly LaunchSource[]> {
  const { wanted } = (await openRefresh(tx, group)) ?? {};
  return wanted ? [group.launch, wanted] : [group.launch];
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html */
export const PutWarmPool = operation('PutWarmPool', {
  resources: groupResource,
  handle: async (ctx, input) => {
    const sources = await ctx.read(async (tx) =>
      launchSources(tx, await liveGroup(tx, ctx, input.AutoScalingGroupName)),
    );
    for (const source of sources) await checkLaunch(ctx, source);
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, input.AutoScalingGroupName);
      if (group.warmPool?.deleting) throw warmPoolIsDeleted(group.name);
      const isChecked = JSON.stringify(await launchSources(tx, group)) === JSON.stringify(sources);
      if (!isChecked) throw contended(group.name);
      await tx.put<GroupRow>(groups, { ...group, warmPool: poolFrom(input, group.warmPool) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeWarmPool.html */
export const DescribeWarmPool = operation('DescribeWarmPool', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { pool, own } = await ctx.read(async (tx) => {
      const group = await groupOf(tx, ctx, input.AutoScalingGroupName);
      return { pool: group.warmPool, own: await membersOf(tx, group) };
    });
    const idOf = ({ instanceId = '' }: MemberRow) => instanceId;
    const pooled = own.filter((one) => isWarmed(one) && one.instanceId !== undefined);
    const page = pageOf(
      pooled.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)),
      idOf,
      input,
      { most: 50 },
    );
    return {
      ...(pool && { WarmPoolConfiguration: warmPoolView(pool) }),
      Instances: page.items.map(instanceView),
      ...tokenOf(page),
    };
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteWarmPool.html */
export const DeleteWarmPool = operation('DeleteWarmPool', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, ForceDelete: isForced = false }) => {
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const { warmPool: pool, ...rest } = group;
      if (!pool) throw invalid(`No warm pool found for AutoScalingGroup ${group.name}`);
      const pooled = (await membersOf(tx, group)).filter(isWarmed);
      // Its instances end all the same: there is no pool that they could wait in.
      if (isForced) for (const one of pooled) await tx.put<MemberRow>(members, { ...one, waiting: [] });
      const isOver = isForced || pooled.length === 0;
      await tx.put<GroupRow>(groups, isOver ? rest : { ...group, warmPool: { ...pool, deleting: true } });
    });
    return {};
  },
});
