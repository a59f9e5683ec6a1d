import type { GroupRow, MemberRow, MemberState } from '../tables.ts';

const COUNTED: readonly MemberState[] = ['Pending', 'Pending:Wait', 'Pending:Proceed', 'InService'];

/** Whether it counts towards the desired capacity. */
export function counts({ state }: Pick<MemberRow, 'state'>): boolean {
  return COUNTED.includes(state);
}

/** How much of the desired capacity it is. */
export const weightOf = ({ weight = 1 }: Pick<MemberRow, 'weight'>): number => weight;

/** How much of the desired capacity is there, or on its way. */
export function capacityOf(members: readonly MemberRow[]): number {
  return members.filter(counts).reduce((all, one) => all + weightOf(one), 0);
}

/** It is to be terminated, in service or in the warm pool. */
export function isEnding({ state }: Pick<MemberRow, 'state'>): boolean {
  return state.startsWith('Terminating') || state.startsWith('Warmed:Terminating');
}

/** It is the warm pool's, and not the group's. */
export function isWarmed({ state }: Pick<MemberRow, 'state'>): boolean {
  return state.startsWith('Warmed:');
}

/** In the warm pool, or on its way into it. */
export function isPooled(member: Pick<MemberRow, 'state'>): boolean {
  return isWarmed(member) && !isEnding(member);
}

/** It waits in the warm pool, and can be drawn from it. */
export function isReady({ state }: Pick<MemberRow, 'state'>): boolean {
  return state === 'Warmed:Stopped' || state === 'Warmed:Running';
}

export function isLeaving(member: Pick<MemberRow, 'state'>): boolean {
  return isEnding(member) || member.state === 'Detaching';
}

/** Still counted, and new: its share of the load does not show yet. */
export function isWarming(member: MemberRow, warmupMs: number, now: number): boolean {
  return counts(member) && (member.inServiceAtMs === undefined || now < member.inServiceAtMs + warmupMs);
}

export function warmupMsOf(group: GroupRow, own?: number): number {
  return (own ?? group.defaultWarmupS ?? group.defaultCooldownS) * 1000;
}
