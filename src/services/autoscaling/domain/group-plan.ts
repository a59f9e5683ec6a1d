import type { GroupRow, MemberRow, Place } from '../tables.ts';
import type { CapacityPlan, GroupFacts, Launch, Removal } from './capacity-plan.ts';
import * as cause from './cause.ts';
import { isWeighted, launchWeight, nextMarket, type LaunchSource } from './launch-source.ts';
import { capacityOf, counts, isEnding, weightOf } from './members.ts';
import { runs } from './processes.ts';
import { planRefresh } from './refresh-plan.ts';
import { planReplacements, planRisk } from './risk-plan.ts';
import { chooseVictim } from './termination.ts';
import { withWarmPool } from './warm-pool-plan.ts';
import { isUneven, nextPlace } from './zone-balance.ts';

/** What new instances are launched from: a refresh may want something else than the group. */
export function launchSource({ group, refresh }: Pick<GroupFacts, 'group' | 'refresh'>): LaunchSource {
  return (refresh?.status !== 'RollbackInProgress' && refresh?.wanted) || group.launch;
}

const NO_POOL = { starts: [], returns: [] } as const;

/** What brings the group to its desired capacity. Pure; the same facts always give the same plan. */
export function planCapacity(facts: GroupFacts, now: number): CapacityPlan {
  if (facts.group.deleting) return { ...NO_POOL, launches: [], removals: deletion(facts, now), isTold: true };
  return withWarmPool(facts, planOwn(facts, now), now);
}

/** As if there were no warm pool. */
function planOwn(facts: GroupFacts, now: number): CapacityPlan {
  const { group, members } = facts;
  const sick = unhealthyOnes(facts, now);
  const healthy = members.filter((one) => !sick.some(({ member }) => member === one));
  const refreshed =
    facts.refresh && runs(group, 'InstanceRefresh')
      ? planRefresh({ group, members: healthy, refresh: facts.refresh }, now)
      : undefined;
  const mayRemove = runs(group, 'Terminate');
  const replaced = mayRemove ? (refreshed?.removals ?? []) : [];
  const risk = planRisk(facts, healthy.filter(counts), now);
  const removals = [
    ...sick,
    ...replaced.map((member) => ({ member, cause: cause.refreshedOut(now) })),
    ...risk.removals.map((member) => ({ member, cause: cause.atRisk(now) })),
  ];
  const counted = members.filter((one) => counts(one) && !removals.some(({ member }) => member === one));
  const target = group.desired + extrasOf(facts, counted, refreshed?.extras ?? 0);
  const all = target + risk.extras;
  const isReplacing = removals.length > 0 || refreshed !== undefined || risk.waiting.length > 0;
  const there = capacityOf(counted);
  const replacements = (besides: readonly Place[] = []) =>
    planReplacements(facts, risk, [...counted, ...besides], all - Math.max(there, target), now);
  const rest = { ...NO_POOL, removals, isTold: true, ...(refreshed && { refresh: refreshed.next }) };
  if (there < target) {
    const launches = runs(group, 'Launch') ? planLaunches(facts, counted, target, now) : [];
    const besides = replacements(launches.map(({ place }) => place));
    return { ...rest, launches: [...launches, ...besides], isTold: launches.length > 0 };
  }
  if (there > all && mayRemove && hasWeights(group, counted)) {
    return { ...rest, launches: [], removals: [...removals, ...planRemovals(facts, counted, all, now)] };
  }
  const extra = isReplacing ? undefined : rebalancing(facts, counted, now);
  return { ...rest, launches: extra ? [extra] : replacements() };
}

/** What an instance weighs is known once EC2 has said which type it got: until then none is too many. */
function hasWeights({ launch }: GroupRow, counted: readonly MemberRow[]): boolean {
  return !isWeighted(launch) || counted.every((one) => one.instanceId !== undefined);
}

/** Force deletion asks neither protection nor hooks. */
function deletion({ members }: GroupFacts, now: number): readonly Removal[] {
  return members
    .filter((one) => one.instanceId !== undefined && !isEnding(one))
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
  return capacityOf(counted.filter((one) => one.isExtra && one.state !== 'InService'));
}

function planLaunches(
  facts: GroupFacts,
  counted: readonly MemberRow[],
  target: number,
  now: number,
): readonly Launch[] {
  const { group } = facts;
  const places = group.places.filter(({ zone }) => (group.holds[zone]?.untilMs ?? 0) <= now);
  const there: Pick<MemberRow, 'zone' | 'subnetId'>[] = [...counted];
  const why = [...group.changes, launchCause(facts, capacityOf(counted), target, now)].join('  ');
  const launches: Launch[] = [];
  const source = launchSource(facts);
  const weight = launchWeight(source);
  let onDemand = onDemandOf(counted);
  for (let capacity = capacityOf(counted); capacity < target; capacity += weight) {
    const place = nextPlace(places, there);
    if (!place) break;
    const market = nextMarket(source, onDemand, target);
    launches.push({ place, market, cause: why });
    there.push(place);
    if (market === 'on-demand') onDemand += weight;
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
  const why = [...group.changes, cause.shrinking(now, capacityOf(counted), target)].join('  ');
  const removals: Removal[] = [];
  let left = counted;
  for (let surplus = capacityOf(left) - target; surplus > 0; surplus = capacityOf(left) - target) {
    // What is left is never less than is desired.
    const candidates = left.filter((one) => mayGo(one) && weightOf(one) <= surplus);
    const member = chooseVictim({ group, launch, counted: left, candidates, now });
    if (!member) break;
    removals.push({ member, cause: `${why}  ${cause.selected(now, member.instanceId ?? '')}`, isScaleIn: true });
    left = left.filter((one) => one !== member);
  }
  return removals;
}

/** One whose launch EC2 has not answered yet cannot be chosen. */
function mayGo(member: MemberRow): boolean {
  return member.instanceId !== undefined && !member.isProtected;
}

function onDemandOf(counted: readonly MemberRow[]): number {
  return capacityOf(counted.filter(({ market }) => market === 'on-demand'));
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
  const source = launchSource(facts);
  const market = nextMarket(source, onDemandOf(counted), capacityOf(counted) + launchWeight(source));
  return { place, market, cause: cause.rebalancing(now, place.zone), isExtra: true };
}
