import type { InstanceRefresh, RefreshPreferences as PreferencesInput } from '@aws-sdk/client-auto-scaling';
import { isWeighted } from '../domain/launch-source.ts';
import { counts } from '../domain/members.ts';
import type { LaunchSource } from '../domain/launch-source.ts';
import type { RefreshPreferences } from '../domain/refresh-preferences.ts';
import { leftOf, percentageOf, rolledBack } from '../domain/refresh-plan.ts';
import {
  contended,
  invalid,
  irreversibleRefresh,
  noActiveRefresh,
  notSupported,
  refreshInProgress,
} from '../errors.ts';
import { launchFrom } from '../launch-input.ts';
import { groupOf, groupResource, liveGroup, membersOf, openRefresh, pageOf, tokenOf } from '../lookup.ts';
import { checkLaunch } from '../warm-pool-input.ts';
import { operation } from '../operation.ts';
import { groupKey, refreshes, type GroupRow, type MemberRow, type RefreshRow } from '../tables.ts';
import { launchView } from '../views.ts';
import { matchesSource } from '../source-match.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html */
export const StartInstanceRefresh = operation('StartInstanceRefresh', {
  resources: groupResource,
  handle: async (ctx, input) => {
    if (input.Strategy !== undefined && input.Strategy !== 'Rolling')
      throw notSupported(`The strategy ${input.Strategy}`);
    const wanted = input.DesiredConfiguration && (await launchFrom(ctx, input.DesiredConfiguration));
    const group = await ctx.read((tx) => liveGroup(tx, ctx, input.AutoScalingGroupName));
    const preferences = preferencesFrom(input.Preferences ?? {}, group);
    if (preferences.rollsBack) checkReversible(wanted);
    const source = wanted ?? group.launch;
    if (isWeighted(source) || isWeighted(group.launch)) {
      throw notSupported('An instance refresh of a group with weighted instances');
    }
    if (group.warmPool) await checkLaunch(ctx, source);
    const own = await ctx.read((tx) => membersOf(tx, group));
    const matching = preferences.skipsMatching ? await matchesSource(ctx, source, own) : () => false;
    const { account, region } = ctx;
    const id = ctx.ids.uuid();
    await ctx.write(async (tx) => {
      const current = await liveGroup(tx, ctx, input.AutoScalingGroupName);
      const isSame = current.id === group.id && JSON.stringify(current.launch) === JSON.stringify(group.launch);
      // A pool that has come meanwhile was not checked with what the refresh brings.
      if (!isSame || (current.warmPool && !group.warmPool)) throw contended(group.name);
      if (await openRefresh(tx, group)) throw refreshInProgress();
      const all = await membersOf(tx, group);
      const replaced = all.filter((one) => (counts(one) || one.state === 'Standby') && !matching(one));
      await tx.put<RefreshRow>(refreshes, {
        account,
        region,
        groupName: group.name,
        id,
        startMs: ctx.now,
        status: 'Pending',
        preferences,
        ...(wanted && { wanted }),
        replaces: replaced.map(({ launchId }) => launchId),
        total: replaced.length,
        before: all.map(({ launchId }) => launchId),
      });
    });
    return { InstanceRefreshId: id };
  },
});

function preferencesFrom(input: PreferencesInput, group: GroupRow): RefreshPreferences {
  if (input.AlarmSpecification?.Alarms?.length) throw notSupported('AlarmSpecification');
  const { maintenance } = group;
  const min = input.MinHealthyPercentage ?? maintenance?.minPercentage ?? 90;
  const max = input.MaxHealthyPercentage ?? maintenance?.maxPercentage ?? 100;
  if (min < 0 || min > 100) throw invalid('MinHealthyPercentage must be between 0 and 100.');
  if (max < 100 || max > 200) throw invalid('MaxHealthyPercentage must be between 100 and 200.');
  if (max - min > 100)
    throw invalid('The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100.');
  const checkpoints = input.CheckpointPercentages ?? [];
  if (checkpoints.some((one, index) => one < 1 || one > 100 || one <= (checkpoints[index - 1] ?? 0))) {
    throw invalid('CheckpointPercentages must be unique, in ascending order, and between 1 and 100.');
  }
  return {
    minPercentage: min,
    // With all to be kept, one more has to come first.
    maxPercentage: min === 100 && max === 100 ? 110 : max,
    warmupS: input.InstanceWarmup ?? group.defaultWarmupS ?? group.graceS,
    skipsMatching: input.SkipMatching ?? false,
    rollsBack: input.AutoRollback ?? false,
    checkpoints,
    checkpointDelayS: input.CheckpointDelay ?? 3600,
    bakeS: input.BakeTime ?? 0,
    whenProtected: input.ScaleInProtectedInstances ?? 'Wait',
    whenStandby: input.StandbyInstances ?? 'Wait',
  };
}

/** A rollback needs a configuration to go back from, and one that stays what it is. */
function checkReversible(wanted: LaunchSource | undefined): void {
  if (!wanted) throw irreversibleRefresh('A rollback needs an instance refresh with a desired configuration.');
  if (wanted.kind !== 'configuration' && wanted.template.version.startsWith('$')) {
    throw irreversibleRefresh('A rollback is not possible with the launch template versions $Latest and $Default.');
  }
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CancelInstanceRefresh.html */
export const CancelInstanceRefresh = operation('CancelInstanceRefresh', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name }) => {
    const row = await ctx.write(async (tx) => {
      const open = await openRefresh(tx, await liveGroup(tx, ctx, name));
      if (!open || open.status === 'Cancelling') throw noActiveRefresh();
      return tx.put<RefreshRow>(refreshes, { ...open, status: 'Cancelling', reason: 'Cancelled by user.' });
    });
    return { InstanceRefreshId: row.id };
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RollbackInstanceRefresh.html */
export const RollbackInstanceRefresh = operation('RollbackInstanceRefresh', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name }) => {
    const row = await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const open = await openRefresh(tx, group);
      if (!open || open.status === 'Cancelling') throw noActiveRefresh();
      if (open.status === 'RollbackInProgress') return open;
      checkReversible(open.wanted);
      checkReversible(group.launch);
      const members = await membersOf(tx, group);
      return tx.put<RefreshRow>(refreshes, rolledBack(open, members, 'Rolled back by user.', ctx.now));
    });
    return { InstanceRefreshId: row.id };
  },
});

/** The latest first. */
export const DescribeInstanceRefreshes = operation('DescribeInstanceRefreshes', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { AutoScalingGroupName: name, InstanceRefreshIds: ids = [] } = input;
    const { rows, members } = await ctx.read(async (tx) => {
      const group = await groupOf(tx, ctx, name);
      return {
        rows: await tx.list(refreshes, { where: ['group', groupKey(group)] }),
        members: await membersOf(tx, group),
      };
    });
    const wanted = rows.filter(({ id }) => ids.length === 0 || ids.includes(id)).toReversed();
    const page = pageOf(wanted, refreshes.key, input, { descending: true });
    return { InstanceRefreshes: page.items.map((row) => refreshView(row, members)), ...tokenOf(page) };
  },
});

function refreshView(row: RefreshRow, members: readonly MemberRow[]): InstanceRefresh {
  const left = row.left ?? leftOf({ members, refresh: row }).length;
  const { rollback } = row;
  return {
    InstanceRefreshId: row.id,
    AutoScalingGroupName: row.groupName,
    Strategy: 'Rolling',
    Status: row.status,
    ...(row.reason !== undefined && { StatusReason: row.reason }),
    StartTime: new Date(row.startMs),
    ...(row.endMs !== undefined && { EndTime: new Date(row.endMs) }),
    PercentageComplete: percentageOf(row.total, left),
    InstancesToUpdate: left,
    ...(row.wanted && { DesiredConfiguration: launchView(row.wanted) }),
    ...(rollback && {
      RollbackDetails: {
        RollbackReason: rollback.reason,
        RollbackStartTime: new Date(rollback.startMs),
        PercentageCompleteOnRollback: percentageOf(rollback.total, rollback.left),
        InstancesToUpdateOnRollback: rollback.left,
      },
    }),
    Preferences: preferencesView(row.preferences),
  };
}

function preferencesView(of: RefreshPreferences): PreferencesInput {
  return {
    MinHealthyPercentage: of.minPercentage,
    MaxHealthyPercentage: of.maxPercentage,
    InstanceWarmup: of.warmupS,
    SkipMatching: of.skipsMatching,
    AutoRollback: of.rollsBack,
    ScaleInProtectedInstances: of.whenProtected,
    StandbyInstances: of.whenStandby,
    ...(of.bakeS > 0 && { BakeTime: of.bakeS }),
    ...(of.checkpoints.length > 0 && {
      CheckpointPercentages: [...of.checkpoints],
      CheckpointDelay: of.checkpointDelayS,
    }),
  };
}
