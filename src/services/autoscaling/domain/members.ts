import type { GroupRow, MemberRow, MemberState } from '../tables.ts';

const COUNTED: readonly MemberState[] = ['Pending', 'Pending:Wait', 'Pending:Proceed', 'InService'];

/** Whether it counts towards the desired capacity. */
export function counts({ state }: Pick<MemberRow, 'state'>): boolean {
  return COUNTED.includes(state);
}

export function isLeaving({ state }: Pick<MemberRow, 'state'>): boolean {
  return state.startsWith('Terminating') || state === 'Detaching';
}

/** Still counted, and new: its share of the load does not show yet. */
export function isWarming(member: MemberRow, warmupMs: number, now: number): boolean {
  return counts(member) && (member.inServiceAtMs === undefined || now < member.inServiceAtMs + warmupMs);
}

export function warmupMsOf(group: GroupRow, own?: number): number {
  return (own ?? group.defaultWarmupS ?? group.defaultCooldownS) * 1000;
}
