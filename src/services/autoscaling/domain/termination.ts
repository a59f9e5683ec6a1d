import { onDemandShare, type LaunchSource } from './launch-source.ts';
import { capacityOf } from './members.ts';
import { fullestZones } from './zone-balance.ts';
import type { GroupRow, MemberRow } from '../tables.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html */
export const TERMINATION_POLICIES = [
  'AllocationStrategy',
  'ClosestToNextInstanceHour',
  'Default',
  'NewestInstance',
  'OldestInstance',
  'OldestLaunchConfiguration',
  'OldestLaunchTemplate',
] as const;

const HOUR_MS = 3_600_000;

interface Choice {
  readonly group: GroupRow;
  readonly launch: LaunchSource;
  /** All that count. */
  readonly counted: readonly MemberRow[];
  readonly candidates: readonly MemberRow[];
  readonly now: number;
}

/** Which one goes: of the fullest zone, of the market of which there are too many, then as the policies say. */
export function chooseVictim(choice: Choice): MemberRow | undefined {
  const { group, candidates } = choice;
  const zones = fullestZones(group.places, choice.counted, candidates);
  let left = ofSurplusMarket(
    choice,
    candidates.filter(({ zone }) => zones.includes(zone)),
  );
  for (const policy of group.terminationPolicies) {
    if (left.length > 1) left = narrow(policy, left, choice.now);
  }
  // AWS picks at random: by the launch's id it is the same when it is asked again.
  return left.toSorted((a, b) => (a.launchId < b.launchId ? -1 : 1))[0];
}

function ofSurplusMarket({ group, launch, counted }: Choice, of: readonly MemberRow[]): readonly MemberRow[] {
  if (launch.kind !== 'mixed') return of;
  const onDemand = capacityOf(counted.filter(({ market }) => market === 'on-demand'));
  const surplus = onDemand > onDemandShare(launch, group.desired) ? 'on-demand' : 'spot';
  const those = of.filter(({ market }) => market === surplus);
  return those.length > 0 ? those : of;
}

function narrow(policy: string, of: readonly MemberRow[], now: number): readonly MemberRow[] {
  switch (policy) {
    case 'OldestInstance':
      return least(of, (one) => one.createdAtMs);
    case 'NewestInstance':
      return least(of, (one) => -one.createdAtMs);
    case 'OldestLaunchConfiguration':
      return oldestConfiguration(of);
    case 'OldestLaunchTemplate':
      return oldestTemplate(of);
    case 'ClosestToNextInstanceHour':
      return least(of, (one) => untilNextHour(one, now));
    case 'Default':
      return least(oldestTemplate(oldestConfiguration(of)), (one) => untilNextHour(one, now));
    default:
      return of;
  }
}

/** Those of a launch configuration go before those of a template. */
function oldestConfiguration(of: readonly MemberRow[]): readonly MemberRow[] {
  const configured = of.filter((one) => one.configurationName !== undefined);
  if (configured.length === 0) return of;
  const oldest = least(configured, (one) => one.createdAtMs)[0]?.configurationName;
  return configured.filter((one) => one.configurationName === oldest);
}

/** Those of another template than the newest instance's first, then those of the lowest version. */
function oldestTemplate(of: readonly MemberRow[]): readonly MemberRow[] {
  const templated = of.filter((one) => one.template !== undefined);
  if (templated.length === 0) return of;
  const oldest = least(templated, (one) => one.createdAtMs)[0]?.template?.id;
  return least(
    templated.filter((one) => one.template?.id === oldest),
    (one) => Number(one.template?.version),
  );
}

function untilNextHour({ createdAtMs }: MemberRow, now: number): number {
  return HOUR_MS - ((now - createdAtMs) % HOUR_MS);
}

function least(of: readonly MemberRow[], value: (one: MemberRow) => number): readonly MemberRow[] {
  const smallest = Math.min(...of.map(value));
  return of.filter((one) => value(one) === smallest);
}
