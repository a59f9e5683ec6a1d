import type { AwsVpcRow } from '../tables.ts';

interface Placed {
  readonly subnetId: string;
  /** Of its container instance, where it is on one. */
  readonly availabilityZone?: string;
}

/** The availability zone of a subnet; a subnet whose zone is not known counts as one of its own. */
export function zoneOf(network: AwsVpcRow, subnetId: string): string {
  return network.zones?.[subnetId] ?? subnetId;
}

/** The zone that a task is in: its instance's, or its subnet's. */
export function zoneOfTask(network: AwsVpcRow, { availabilityZone, subnetId }: Placed): string {
  return availabilityZone ?? zoneOf(network, subnetId);
}

/** How many of the tasks each zone of the network has. */
export function countByZone(network: AwsVpcRow, tasks: readonly Placed[]): Map<string, number> {
  const counts = new Map(network.subnets.map((subnet) => [zoneOf(network, subnet), 0]));
  for (const task of tasks) {
    const zone = zoneOfTask(network, task);
    counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  return counts;
}

/** Where the next task goes: the zone with the fewest tasks, and there the subnet with the fewest; the first of equals. */
export function nextSubnet(network: AwsVpcRow, tasks: readonly Placed[]): string {
  const zones = countByZone(network, tasks);
  const inSubnet = (subnet: string) => tasks.filter((task) => task.subnetId === subnet).length;
  const inZone = (subnet: string) => zones.get(zoneOf(network, subnet)) ?? 0;
  return network.subnets.toSorted((a, b) => inZone(a) - inZone(b) || inSubnet(a) - inSubnet(b))[0] ?? '';
}

/** How many tasks must change their zone until no zone has two more than another; only `movable` ones can. */
export function movesToBalance(network: AwsVpcRow, tasks: readonly Placed[], movable: readonly Placed[]): number {
  const counts = countByZone(network, tasks);
  const left = countByZone(network, movable);
  for (let moves = 0; ; moves++) {
    const zones = [...counts.entries()].toSorted(([, a], [, b]) => a - b);
    const [least] = zones;
    const most = zones.findLast(([zone]) => (left.get(zone) ?? 0) > 0);
    if (!least || !most || most[1] - least[1] < 2) return moves;
    counts.set(most[0], most[1] - 1);
    left.set(most[0], (left.get(most[0]) ?? 0) - 1);
    counts.set(least[0], least[1] + 1);
  }
}

/**
 * The zones that tasks on instances move to, of those where the next ones would be placed, in that order: as long as a move
 * evens the zones out. Where an emptier zone has no room, nothing moves.
 */
export function movesInto(room: readonly string[], tasks: readonly Zoned[], movable: readonly Zoned[]): string[] {
  const counts = countZones(tasks);
  const left = countZones(movable);
  const moves: string[] = [];
  for (const zone of room) {
    const fullest = [...counts]
      .filter(([name]) => (left.get(name) ?? 0) > 0)
      .toSorted(([, a], [, b]) => b - a)
      .at(0);
    const here = counts.get(zone) ?? 0;
    if (!fullest || fullest[1] - here < 2) return moves;
    counts.set(fullest[0], fullest[1] - 1);
    left.set(fullest[0], (left.get(fullest[0]) ?? 0) - 1);
    counts.set(zone, here + 1);
    moves.push(zone);
  }
  return moves;
}

type Zoned = Pick<Placed, 'availabilityZone'>;

function countZones(tasks: readonly Zoned[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { availabilityZone: zone = '' } of tasks) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  return counts;
}

/** `2 tasks in us-east-1a and 1 tasks in us-east-1b`, as ECS's events list them. */
export function zoneList(network: AwsVpcRow, tasks: readonly Placed[], emptyZones: readonly string[] = []): string {
  const counts = countByZone(network, tasks);
  for (const zone of emptyZones) counts.set(zone, counts.get(zone) ?? 0);
  const named = network.subnets.length > 0 ? [...counts] : [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const parts = named.map(([zone, count]) => `${count} tasks in ${zone}`);
  const last = parts.pop() ?? '';
  return parts.length === 0 ? last : `${parts.join(', ')}${parts.length > 1 ? ',' : ''} and ${last}`;
}
