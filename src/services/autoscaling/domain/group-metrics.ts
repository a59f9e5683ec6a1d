import type { GroupRow, MemberRow } from '../tables.ts';
import { capacityOf, isEnding, isReady, isWarmed, weightOf } from './members.ts';
import { poolSize } from './warm-pool.ts';

type Measured = Pick<GroupRow, 'min' | 'max' | 'desired' | 'warmPool'>;

const isOwn = (one: MemberRow) => !isWarmed(one);
const weighed = (all: readonly MemberRow[]) => all.reduce((sum, one) => sum + weightOf(one), 0);
const inState = (all: readonly MemberRow[], start: string) => all.filter(({ state }) => state.startsWith(start));

const VALUES: Readonly<Record<string, (group: Measured, members: readonly MemberRow[]) => number>> = {
  GroupMinSize: ({ min }) => min,
  GroupMaxSize: ({ max }) => max,
  GroupDesiredCapacity: ({ desired }) => desired,
  GroupInServiceInstances: (_group, all) => all.filter(({ state }) => state === 'InService').length,
  GroupPendingInstances: (_group, all) => inState(all, 'Pending').length,
  GroupStandbyInstances: (_group, all) => inState(all, 'Standby').length,
  GroupTerminatingInstances: (_group, all) => inState(all, 'Terminating').length,
  GroupTotalInstances: (_group, all) => all.filter(isOwn).length,
  GroupInServiceCapacity: (_group, all) => weighed(inState(all, 'InService')),
  GroupPendingCapacity: (_group, all) => capacityOf(all.filter((one) => one.state !== 'InService')),
  GroupStandbyCapacity: (_group, all) => weighed(inState(all, 'Standby')),
  GroupTerminatingCapacity: (_group, all) => weighed(inState(all, 'Terminating')),
  GroupTotalCapacity: (_group, all) => weighed(all.filter(isOwn)),
  WarmPoolMinSize: ({ warmPool }) => warmPool?.minSize ?? 0,
  WarmPoolDesiredCapacity: (group) => poolSize(group),
  WarmPoolPendingCapacity: (_group, all) => inState(all, 'Warmed:Pending').length,
  WarmPoolTerminatingCapacity: (_group, all) => all.filter((one) => isWarmed(one) && isEnding(one)).length,
  WarmPoolWarmedCapacity: (_group, all) => all.filter(isReady).length,
  WarmPoolTotalCapacity: (_group, all) => all.filter(isWarmed).length,
  GroupAndWarmPoolDesiredCapacity: (group) => group.desired + poolSize(group),
  GroupAndWarmPoolTotalCapacity: (_group, all) => weighed(all),
};

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html */
export const GROUP_METRICS: readonly string[] = Object.keys(VALUES);

export function measure(name: string, group: Measured, members: readonly MemberRow[]): number {
  return VALUES[name]?.(group, members) ?? 0;
}
