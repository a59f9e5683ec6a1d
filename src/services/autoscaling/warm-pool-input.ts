import type { PutWarmPoolType } from '@aws-sdk/client-auto-scaling';
import { isWeighted, type LaunchSource } from './domain/launch-source.ts';
import type { WarmPool } from './domain/warm-pool.ts';
import { constraint, invalid, notSupported } from './errors.ts';
import type { AutoscalingContext } from './operation.ts';
import { configurations, groupKey } from './tables.ts';

/** The pool that is asked for; what is left out stays as it was. */
export function poolFrom(input: PutWarmPoolType, before: WarmPool | undefined): WarmPool {
  const { MinSize: minSize = before?.minSize ?? 0, PoolState: state = before?.state ?? 'Stopped' } = input;
  const maxPrepared = input.MaxGroupPreparedCapacity ?? before?.maxPrepared ?? -1;
  if (minSize < 0) throw constraint(minSize, 'minSize', 'have value greater than or equal to 0');
  if (maxPrepared < -1) {
    throw constraint(maxPrepared, 'maxGroupPreparedCapacity', 'have value greater than or equal to -1');
  }
  if (maxPrepared >= 0 && maxPrepared < minSize) {
    throw invalid('MaxGroupPreparedCapacity must be greater than or equal to MinSize.');
  }
  if (state === 'Hibernated') throw notSupported('The warm pool state Hibernated');
  if (state !== 'Stopped' && state !== 'Running') {
    throw constraint(state, 'poolState', 'satisfy enum value set: [Stopped, Running, Hibernated]');
  }
  return {
    minSize,
    state,
    // -1 takes it away again.
    ...(maxPrepared >= 0 && { maxPrepared }),
    reuses: input.InstanceReusePolicy?.ReuseOnScaleIn ?? before?.reuses ?? false,
  };
}

/** What a warm pool takes no instances of. */
export async function checkLaunch(ctx: AutoscalingContext, launch: LaunchSource): Promise<void> {
  if (isWeighted(launch)) throw notSupported('A warm pool of a group with weighted instances');
  if (await launchesSpot(ctx, launch))
    throw invalid('You cannot add a warm pool to a group that launches Spot Instances.');
}

async function launchesSpot(ctx: AutoscalingContext, launch: LaunchSource): Promise<boolean> {
  if (launch.kind === 'mixed') return launch.distribution.onDemandPercentage < 100;
  if (launch.kind === 'configuration') {
    const { account, region } = ctx;
    const row = await ctx.read((tx) => tx.get(configurations, groupKey({ account, region, name: launch.name })));
    return row !== undefined && 'SpotPrice' in row.input;
  }
  const { id, version } = launch.template;
  const { LaunchTemplateVersions: [found] = [] } = await ctx.call('ec2', 'DescribeLaunchTemplateVersions', {
    LaunchTemplateId: id,
    Versions: [version],
  });
  return found?.LaunchTemplateData?.InstanceMarketOptions?.MarketType === 'spot';
}
