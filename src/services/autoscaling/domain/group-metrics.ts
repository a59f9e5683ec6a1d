import type { GroupRow, MemberRow } from '../tables.ts';
import { counts } from './members.ts';

type Measured = Pick<GroupRow, 'min' | 'max' | 'desired'>;

const VALUES: Readonly<Record<string, (group: Measured, members: readonly MemberRow[]) => number>> = {
  GroupMinSize: ({ min }) => min,
  GroupMaxSize: ({ max }) => max,
  GroupDesiredCapacity: ({ desired }) => desired,
  GroupInServiceInstances: (_group, all) => all.filter(({ state }) => state === 'InService').length,
  GroupPendingInstances: (_group, all) => all.filter(({ state }) => state.startsWith('Pending')).length,
  GroupStandbyInstances: (_group, all) => all.filter(({ state }) => state === 'Standby').length,
  GroupTerminatingInstances: (_group, all) => all.filter(({ state }) => state.startsWith('Terminating')).length,
  GroupTotalInstances: (_group, all) => all.length,
  GroupInServiceCapacity: (_group, all) => all.filter(({ state }) => state === 'InService').length,
  GroupPendingCapacity: (_group, all) => all.filter((one) => counts(one) && one.state !== 'InService').length,
  GroupStandbyCapacity: (_group, all) => all.filter(({ state }) => state === 'Standby').length,
  GroupTerminatingCapacity: (_group, all) => all.filter(({ state }) => state.startsWith('Terminating')).length,
  GroupTotalCapacity: (_group, all) => all.length,
};

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html */
export const GROUP_METRICS: readonly string[] = Object.keys(VALUES);

export function measure(name: string, group: Measured, members: readonly MemberRow[]): number {
  return VALUES[name]?.(group, members) ?? 0;
}
