import type { GroupRow, MemberRow, RefreshRow } from '../tables.ts';
import { counts, isWarming } from './members.ts';

export interface RefreshStep {
  /** How many more than are desired are there meanwhile. */
  readonly extras: number;
  readonly removals: readonly MemberRow[];
  /** The row as it is to be written, where something of it changes. */
  readonly next: RefreshRow;
}

interface Facts {
  readonly group: GroupRow;
  readonly members: readonly MemberRow[];
  readonly refresh: RefreshRow;
}

const PROTECTED_WAIT_MS = 3_600_000;

/** Those that are still to be replaced. */
export function leftOf({ members, refresh }: Pick<Facts, 'members' | 'refresh'>): readonly MemberRow[] {
  return members.filter((one) => refresh.replaces.includes(one.launchId) && (counts(one) || one.state === 'Standby'));
}

export function percentageOf(total: number, left: number): number {
  return total === 0 ? 100 : Math.floor(((total - left) * 100) / total);
}

/** One pass of a rolling replacement: https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html */
export function planRefresh(facts: Facts, now: number): RefreshStep {
  const { group, members, refresh } = facts;
  const { preferences } = refresh;
  if (refresh.status === 'Cancelling') return still(ended(facts, 'Cancelled', now));
  const left = leftOf(facts).filter((one) => !isIgnored(one, refresh));
  const counted = members.filter(counts);
  const warm = counted.filter(
    (one) => one.state === 'InService' && one.health === 'Healthy' && !isWarming(one, preferences.warmupS * 1000, now),
  );
  const isSettled = counted.length >= group.desired && warm.length === counted.length;
  const begun = started(refresh);
  if (left.length === 0) return isSettled ? still(baked(facts, begun, now)) : still(begun);
  const blocked = left.filter((one) => waitsFor(one, refresh));
  if (blocked.length === left.length) {
    const isOver = now > refresh.startMs + PROTECTED_WAIT_MS;
    if (!isOver) return still(begun);
    const why = 'Instances to replace are protected or in Standby.';
    const isReversible = preferences.rollsBack && refresh.status !== 'RollbackInProgress';
    if (isReversible) return still(rolledBack(refresh, members, why, now));
    const status = refresh.status === 'RollbackInProgress' ? 'RollbackFailed' : 'Failed';
    return still(ended(facts, status, now, why));
  }
  const checkpoint = checkpointOf(facts, left.length, now);
  if (checkpoint && now < checkpoint.sinceMs + preferences.checkpointDelayS * 1000) {
    return still({ ...begun, checkpoint });
  }
  const next = checkpoint ? { ...begun, checkpoint } : begun;
  const removable = left.filter((one) => !waitsFor(one, refresh));
  const allowed = checkpointRoom(next, left.length);
  const surplus = surplusOf(group, preferences.maxPercentage);
  const extras = Math.min(surplus, removable.filter(counts).length, allowed);
  const most = Math.min(
    allowed,
    removalsNow(group, refresh, { warm: warm.length, surplus, isSettled, extras, counted: counted.length }),
  );
  return { extras, removals: inOrder(removable).slice(0, most), next };
}

/** From here on the instances that it has brought are replaced by what the group says. */
export function rolledBack(
  refresh: RefreshRow,
  members: readonly MemberRow[],
  reason: string,
  now: number,
): RefreshRow {
  const { checkpoint: _, bakingSinceMs: __, ...rest } = refresh;
  const replaced = members.filter((one) => counts(one) && !refresh.before.includes(one.launchId));
  return {
    ...rest,
    status: 'RollbackInProgress',
    replaces: replaced.map(({ launchId }) => launchId),
    total: replaced.length,
    preferences: { ...refresh.preferences, checkpoints: [] },
    rollback: { reason, startMs: now, total: refresh.total, left: leftOf({ members, refresh }).length },
  };
}

const still = (next: RefreshRow): RefreshStep => ({ extras: 0, removals: [], next });

function started(refresh: RefreshRow): RefreshRow {
  return refresh.status === 'Pending' ? { ...refresh, status: 'InProgress' } : refresh;
}

/** Standby instances that the refresh takes no notice of, and protected ones. */
function isIgnored(member: MemberRow, { preferences }: RefreshRow): boolean {
  if (member.state === 'Standby') return preferences.whenStandby === 'Ignore';
  return member.isProtected && preferences.whenProtected === 'Ignore';
}

function waitsFor(member: MemberRow, { preferences }: RefreshRow): boolean {
  if (member.state === 'Standby') return preferences.whenStandby === 'Wait';
  return member.isProtected && preferences.whenProtected === 'Wait';
}

function surplusOf({ desired }: GroupRow, maxPercentage: number): number {
  return maxPercentage <= 100 ? 0 : Math.max(1, Math.floor((desired * maxPercentage) / 100) - desired);
}

interface Counts {
  readonly warm: number;
  readonly counted: number;
  readonly surplus: number;
  readonly extras: number;
  readonly isSettled: boolean;
}

/** How many healthy ones may go now. Where none may and none can be added, one goes all the same. */
function removalsNow({ desired }: GroupRow, { preferences }: RefreshRow, of: Counts): number {
  const least = Math.min(desired, Math.ceil((desired * preferences.minPercentage) / 100 - 1e-9));
  const room = of.warm - least;
  if (of.surplus > 0) return of.counted >= desired + Math.min(1, of.extras) ? Math.max(0, room) : 0;
  return of.isSettled ? Math.max(1, room) : Math.max(0, Math.min(room, of.counted - least));
}

/** Those that are not in service first: they are missed least. */
function inOrder(of: readonly MemberRow[]): readonly MemberRow[] {
  const rank = (one: MemberRow) => (one.state === 'InService' ? 1 : 0);
  return of.toSorted(
    (a, b) => rank(a) - rank(b) || a.createdAtMs - b.createdAtMs || (a.launchId < b.launchId ? -1 : 1),
  );
}

/** The checkpoint that has been reached and not been waited for, if any; 100 is the end and no checkpoint. */
function checkpointOf({ refresh }: Facts, left: number, now: number): RefreshRow['checkpoint'] {
  const done = percentageOf(refresh.total, left);
  const reached = refresh.preferences.checkpoints.findLast((one) => one <= done && one < 100);
  if (reached === undefined) return undefined;
  return refresh.checkpoint?.percentage === reached ? refresh.checkpoint : { percentage: reached, sinceMs: now };
}

/** How many may be replaced before the next checkpoint is reached. */
function checkpointRoom({ preferences, total }: RefreshRow, left: number): number {
  const done = total - left;
  const next = preferences.checkpoints.find((one) => percentageOf(total, left) < one);
  return next === undefined ? left : Math.max(1, Math.ceil((total * next) / 100) - done);
}

function baked(facts: Facts, refresh: RefreshRow, now: number): RefreshRow {
  const { bakeS } = refresh.preferences;
  if (bakeS > 0 && refresh.status !== 'RollbackInProgress') {
    const since = refresh.bakingSinceMs ?? now;
    if (now < since + bakeS * 1000) return { ...refresh, status: 'Baking', bakingSinceMs: since };
  }
  return ended(facts, refresh.status === 'RollbackInProgress' ? 'RollbackSuccessful' : 'Successful', now);
}

function ended(facts: Facts, status: RefreshRow['status'], now: number, reason?: string): RefreshRow {
  const { refresh } = facts;
  return {
    ...refresh,
    status,
    endMs: now,
    left: leftOf(facts).length,
    ...(reason !== undefined && { reason }),
  };
}
