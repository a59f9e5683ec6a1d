import type { GroupRow, MemberRow } from '../tables.ts';
import type { GroupFacts, Launch } from './capacity-plan.ts';
import * as cause from './cause.ts';
import { launchWeight } from './launch-source.ts';
import { capacityOf, weightOf } from './members.ts';
import { runs } from './processes.ts';
import { nextPlace } from './zone-balance.ts';

/** Of instances whose Spot capacity EC2 is about to take away, in a group with CapacityRebalance. */
export interface RiskStep {
  /** Those that go now. */
  readonly removals: readonly MemberRow[];
  /** Those that stay until others are in service for them. */
  readonly waiting: readonly MemberRow[];
  /** How much more than is desired is there meanwhile. */
  readonly extras: number;
}

const NONE: RiskStep = { removals: [], waiting: [], extras: 0 };

/**
 * How long a replacement has to come into service: of EC2's two minutes, draining and the hooks of the one that goes
 * need the rest.
 */
const PATIENCE_MS = 60_000;

/**
 * A replacement comes first, by up to 10 percent of the maximum size above it, or one instance; then the other goes.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html
 */
export function planRisk({ group, refresh }: GroupFacts, counted: readonly MemberRow[], now: number): RiskStep {
  // An instance refresh replaces instances at a pace of its own.
  if (!group.recorded.CapacityRebalance || refresh || !runs(group, 'Launch') || !runs(group, 'Terminate')) return NONE;
  const serving = counted.filter((one) => one.state === 'InService' && one.health === 'Healthy');
  let surplus = capacityOf(serving) - group.desired;
  const removals: MemberRow[] = [];
  const waiting: MemberRow[] = [];
  for (const { member, noticedAtMs } of atRisk(serving)) {
    const goes = weightOf(member) <= surplus || now >= noticedAtMs + PATIENCE_MS;
    (goes ? removals : waiting).push(member);
    if (goes) surplus -= weightOf(member);
  }
  return { removals, waiting, extras: Math.min(capacityOf(waiting), roomOf(group)) };
}

/** The longest noticed first. */
function atRisk(serving: readonly MemberRow[]) {
  return serving
    .flatMap((member) => (member.noticedAtMs === undefined ? [] : [{ member, noticedAtMs: member.noticedAtMs }]))
    .toSorted((a, b) => a.noticedAtMs - b.noticedAtMs || (a.member.launchId < b.member.launchId ? -1 : 1));
}

function roomOf({ desired, max, launch }: GroupRow): number {
  return max + Math.max(launchWeight(launch), Math.floor(max / 10)) - desired;
}

/**
 * What is launched for those that wait, on capacity of their kind, spread as if they had gone already.
 * @param there what counts, and what is launched besides
 * @param missing how much of the extra capacity is not there yet
 */
export function planReplacements(
  { group }: Pick<GroupFacts, 'group'>,
  { waiting }: RiskStep,
  there: readonly Pick<MemberRow, 'zone' | 'subnetId'>[],
  missing: number,
  now: number,
): readonly Launch[] {
  const places = group.places.filter(({ zone }) => (group.holds[zone]?.untilMs ?? 0) <= now);
  const staying = there.filter((one) => !waiting.some((other) => other === one));
  const launches: Launch[] = [];
  for (let launched = 0; launched < missing; launched += launchWeight(group.launch)) {
    const place = nextPlace(places, [...staying, ...launches.map((one) => one.place)]);
    const [first] = waiting;
    if (!place || !first) break;
    launches.push({ place, market: first.market, cause: cause.replacingAtRisk(now) });
  }
  return launches;
}
