import type { GroupRow, MemberRow, RefreshRow } from '../tables.ts';
import type { CapacityPlan, GroupFacts, Launch, Removal } from './capacity-plan.ts';
import * as cause from './cause.ts';
import { capacityOf, counts, isPooled, isReady } from './members.ts';
import { runs } from './processes.ts';
import { chooseVictim } from './termination.ts';
import { poolSize } from './warm-pool.ts';
import { nextPlace } from './zone-balance.ts';

/**
 * The plan of a group as its warm pool changes it: instances that are ready come in place of new ones, some that were to
 * be terminated return to the pool, and the pool itself is brought to its size.
 */
export function withWarmPool(facts: GroupFacts, own: CapacityPlan, now: number): CapacityPlan {
  const { group, members } = facts;
  const pooled = members.filter(isPooled);
  if (!group.warmPool && pooled.length === 0) return own;
  const mayEnd = runs(group, 'Terminate');
  const bad = mayEnd ? pooled.filter((one) => isSick(group, one) || isOld(facts.refresh, one)) : [];
  const { starts, launches } = drawn(
    own.launches,
    pooled.filter((one) => !bad.includes(one)),
    now,
  );
  const left = pooled.filter((one) => !bad.includes(one) && !starts.some(({ member }) => member === one));
  const size = poolSize(group);
  const returns = group.warmPool?.reuses
    ? own.removals.filter(mayReturn).slice(0, Math.max(0, size - left.length))
    : [];
  const there = left.length + returns.length;
  // What the group lacks still it takes from here later.
  const lacking = Math.max(0, group.desired - capacityOf(members) - starts.length - launches.length);
  const surplus = mayEnd ? surplusOf(facts, left, there - size - lacking, now) : [];
  return {
    ...own,
    starts,
    returns,
    launches: [
      ...launches,
      ...filling(facts, { own: launches, there: [...left, ...returns.map(({ member }) => member)], size }, now),
    ],
    removals: [
      ...own.removals.filter((one) => !returns.includes(one)),
      ...bad.map((member) => ({ member, cause: badCause(group, member, now) })),
      ...surplus,
    ],
  };
}

function isSick(group: GroupRow, member: MemberRow): boolean {
  return runs(group, 'ReplaceUnhealthy') && isReady(member) && member.health === 'Unhealthy';
}

/** A refresh, or its way back, replaces what was launched before it. */
function isOld(refresh: RefreshRow | undefined, { createdAtMs }: MemberRow): boolean {
  if (!refresh || refresh.status === 'Cancelling') return false;
  const { startMs, rollback } = refresh;
  return rollback ? createdAtMs >= startMs && createdAtMs < rollback.startMs : createdAtMs < startMs;
}

function badCause(group: GroupRow, member: MemberRow, now: number): string {
  return isSick(group, member) ? cause.unhealthy(now, member.unhealthyBy ?? 'user') : cause.refreshedOut(now);
}

/** Ready instances in place of launches: of the same zone first. Rebalancing wants one of its zone or a new one. */
function drawn(wanted: readonly Launch[], pooled: readonly MemberRow[], now: number) {
  let ready = pooled.filter((one) => isReady(one) && one.health === 'Healthy').toSorted(byAge);
  const starts: Removal[] = [];
  const launches: Launch[] = [];
  for (const launch of wanted) {
    const inZone = ready.find(({ zone }) => zone === launch.place.zone);
    const member = launch.market === 'spot' ? undefined : (inZone ?? (launch.isExtra ? undefined : ready[0]));
    if (!member) {
      launches.push(launch);
      continue;
    }
    ready = ready.filter((one) => one !== member);
    const why = `${launch.cause}  ${cause.drawn(now, member.instanceId ?? '')}`;
    starts.push({ member: launch.isExtra ? { ...member, isExtra: true } : member, cause: why });
  }
  return { starts, launches };
}

const byAge = (a: MemberRow, b: MemberRow) => a.createdAtMs - b.createdAtMs || (a.launchId < b.launchId ? -1 : 1);

function mayReturn({ member, isScaleIn }: Removal): boolean {
  return isScaleIn === true && member.state === 'InService' && member.market === 'on-demand';
}

interface Filling {
  /** The group's own launches. */
  readonly own: readonly Launch[];
  /** What the pool has. */
  readonly there: readonly MemberRow[];
  readonly size: number;
}

/** New instances for the pool, so that the group and its pool together are even over the zones. */
function filling(facts: GroupFacts, { own, there, size }: Filling, now: number): readonly Launch[] {
  const { group, members } = facts;
  if (!runs(group, 'Launch')) return [];
  const places = group.places.filter(({ zone }) => (group.holds[zone]?.untilMs ?? 0) <= now);
  const where: Pick<MemberRow, 'zone' | 'subnetId'>[] = [
    ...members.filter(counts),
    ...there,
    ...own.map(({ place }) => place),
  ];
  const launches: Launch[] = [];
  for (let count = there.length; count < size; count++) {
    const place = nextPlace(places, where);
    if (!place) break;
    launches.push({ place, market: 'on-demand', cause: cause.warming(now, count, count + 1), intoPool: true });
    where.push(place);
  }
  return launches;
}

/** Those that are not ready go first. */
function surplusOf(facts: GroupFacts, pooled: readonly MemberRow[], count: number, now: number): readonly Removal[] {
  const { group } = facts;
  const removals: Removal[] = [];
  let left = pooled.filter(({ instanceId }) => instanceId !== undefined);
  while (removals.length < count) {
    const unready = left.filter((one) => !isReady(one));
    const candidates = unready.length > 0 ? unready : left;
    const member = chooseVictim({ group, launch: group.launch, counted: left, candidates, now });
    if (!member) break;
    const from = pooled.length - removals.length;
    removals.push({ member, cause: cause.cooling(now, from, from - 1) });
    left = left.filter((one) => one !== member);
  }
  return removals;
}
