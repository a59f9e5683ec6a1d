import type { GroupRow, HookRow, MemberRow, Place, RefreshRow } from '../tables.ts';
import * as cause from './cause.ts';
import { nextMarket, type LaunchSource, type Market } from './launch-source.ts';
import { counts } from './members.ts';
import { runs } from './processes.ts';
import { planRefresh } from './refresh-plan.ts';
import { chooseVictim } from './termination.ts';
import { isUneven, nextPlace } from './zone-balance.ts';

/** All that is known of a group. */
export interface GroupFacts {
  readonly group: GroupRow;
  readonly members: readonly MemberRow[];
  readonly hooks: readonly HookRow[];
  /** The one that goes on. */
  readonly refresh?: RefreshRow;
}

export interface Launch {
  readonly place: Place;
  readonly market: Market;
  readonly cause: string;
  readonly isExtra?: true;
}

export interface Removal {
  readonly member: MemberRow;
  readonly cause: string;
}

export interface CapacityPlan {
  readonly launches: readonly Launch[];
  readonly removals: readonly Removal[];
  readonly refresh?: RefreshRow;
  /** What has been told in the causes; nothing is left to tell. */
  readonly isTold: boolean;
}

/** What new instances are launched from: a refresh may want something else than the group. */
export function launchSource({ group, refresh }: Pick<GroupFacts, 'group' | 'refresh'>): LaunchSource {
  return (refresh?.status !== 'RollbackInProgress' && refresh?.wanted) || group.launch;
}

/** What brings the group to its desired capacity. Pure; the same facts always give the same plan. */
export function planCapacity(facts: GroupFacts, now: number): CapacityPlan {
  const { group, members } = facts;
  if (group.deleting) return { launches: [], removals: deletion(facts, now), isTold: true };
  const sick = unhealthyOnes(facts, now);
  const healthy = members.filter((one) => !sick.some(({ member }) => member === one));
  const refreshed =
    facts.refresh && runs(group, 'InstanceRefresh')
      ? planRefresh({ group, members: healthy, refresh: facts.refresh }, now)
      : undefined;
  const mayRemove = runs(group, 'Terminate');
  const replaced = mayRemove ? (refreshed?.removals ?? []) : [];
  const removals = [...sick, ...replaced.map((member) => ({ member, cause: cause.refreshedOut(now) }))];
  const counted = members.filter((one) => counts(one) && !removals.some(({ member }) => member === one));
  const target = group.desired + extrasOf(facts, counted, refreshed?.extras ?? 0);
  const isReplacing = removals.length > 0 || refreshed !== undefined;
  const rest = { removals, isTold: true, ...(refreshed && { refresh: refreshed.next }) };
  if (counted.length < target) {
    const launches = runs(group, 'Launch') ? planLaunches(facts, counted, target, now) : [];
    return { ...rest, launches, isTold: launches.length > 0 };
  }
  if (counted.length > target && mayRemove) {
    return { ...rest, launches: [], removals: [...removals, ...planRemovals(facts, counted, target, now)] };
  }
  const extra = isReplacing ? undefined : rebalancing(facts, counted, now);
  return { ...rest, launches: extra ? [extra] : [] };
}

/** Force deletion asks neither protection nor hooks. */
function deletion({ members }: GroupFacts, now: number): readonly Removal[] {
  return members
    .filter((one) => one.instanceId !== undefined && !one.state.startsWith('Terminating'))
    .map((member) => ({ member, cause: cause.groupDeleted(now) }));
}

function unhealthyOnes({ group, members }: GroupFacts, now: number): readonly Removal[] {
  if (!runs(group, 'ReplaceUnhealthy') || !runs(group, 'Terminate')) return [];
  return members
    .filter((one) => one.state === 'InService' && one.health === 'Unhealthy')
    .map((member) => ({ member, cause: cause.unhealthy(now, member.unhealthyBy ?? 'user') }));
}

/** Extra instances stay until they are in service: then others go for them. */
function extrasOf({ refresh }: GroupFacts, counted: readonly MemberRow[], ofRefresh: number): number {
  if (refresh) return ofRefresh;
  return counted.filter((one) => one.isExtra && one.state !== 'InService').length;
}

function planLaunches(
  facts: GroupFacts,
  counted: readonly MemberRow[],
  target: number,
  now: number,
): readonly Launch[] {
  const { group } = facts;
  const places = group.places.filter(({ zone }) => (group.holds[zone]?.untilMs ?? 0) <= now);
  const there: { zone: string; subnetId?: string; market: Market }[] = counted.map(({ zone, subnetId, market }) => ({
    zone,
    market,
    ...(subnetId !== undefined && { subnetId }),
  }));
  const why = [...group.changes, launchCause(facts, counted.length, target, now)].join('  ');
  const launches: Launch[] = [];
  const source = launchSource(facts);
  while (there.length < target) {
    const place = nextPlace(places, there);
    if (!place) break;
    const market = nextMarket(source, there.filter((one) => one.market === 'on-demand').length, target);
    launches.push({ place, market, cause: why });
    there.push({ ...place, market });
  }
  return launches;
}

function launchCause(facts: GroupFacts, from: number, target: number, now: number): string {
  if (facts.group.changes.length === 0) {
    if (facts.refresh) return cause.refreshedIn(now);
    const isReplacing = facts.members.some(
      (one) => (one.state === 'InService' || one.state.startsWith('Terminating')) && one.health === 'Unhealthy',
    );
    if (isReplacing) return cause.replacing(now);
  }
  return cause.growing(now, from, target);
}

function planRemovals(
  facts: GroupFacts,
  counted: readonly MemberRow[],
  target: number,
  now: number,
): readonly Removal[] {
  const { group } = facts;
  const launch = launchSource(facts);
  const why = [...group.changes, cause.shrinking(now, counted.length, target)].join('  ');
  const removals: Removal[] = [];
  let left = counted;
  while (left.length > target) {
    const candidates = left.filter(mayGo);
    const member = chooseVictim({ group, launch, counted: left, candidates, now });
    if (!member) break;
    removals.push({ member, cause: `${why}  ${cause.selected(now, member.instanceId ?? '')}` });
    left = left.filter((one) => one !== member);
  }
  return removals;
}

/** One whose launch EC2 has not answered yet cannot be chosen. */
function mayGo(member: MemberRow): boolean {
  return member.instanceId !== undefined && !member.isProtected;
}

/** One more where there are too few, so that one can go where there are too many. */
function rebalancing(facts: GroupFacts, counted: readonly MemberRow[], now: number): Launch | undefined {
  const { group } = facts;
  if (!['AZRebalance', 'Launch', 'Terminate'].every((process) => runs(group, process as 'Launch'))) return undefined;
  if (counted.length === 0 || counted.some((one) => one.state !== 'InService')) return undefined;
  if (facts.members.some((one) => one.state.startsWith('Terminating'))) return undefined;
  if (Object.values(group.holds).some(({ untilMs }) => untilMs > now)) return undefined;
  if (!isUneven(group.places, counted, counted.filter(mayGo))) return undefined;
  const place = nextPlace(group.places, counted);
  if (!place) return undefined;
  const onDemand = counted.filter(({ market }) => market === 'on-demand').length;
  const market = nextMarket(launchSource(facts), onDemand, counted.length + 1);
  return { place, market, cause: cause.rebalancing(now, place.zone), isExtra: true };
}
