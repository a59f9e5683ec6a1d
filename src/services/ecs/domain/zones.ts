import type { AwsVpcRow } from '../tables.ts';

interface Placed {
  readonly subnetId: string;
}

/** The availability zone of a subnet; a subnet whose zone is not known counts as one of its own. */
export function zoneOf(network: AwsVpcRow, subnetId: string): string {
  return network.zones?.[subnetId] ?? subnetId;
}

/** How many of the tasks each zone of the network has. */
export function countByZone(network: AwsVpcRow, tasks: readonly Placed[]): Map<string, number> {
  const counts = new Map(network.subnets.map((subnet) => [zoneOf(network, subnet), 0]));
  for (const { subnetId } of tasks) {
    const zone = zoneOf(network, subnetId);
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

/** `2 tasks in us-east-1a and 1 tasks in us-east-1b`, as ECS's events list them. */
export function zoneList(network: AwsVpcRow, tasks: readonly Placed[]): string {
  const parts = [...countByZone(network, tasks)].map(([zone, count]) => `${count} tasks in ${zone}`);
  const last = parts.pop() ?? '';
  return parts.length === 0 ? last : `${parts.join(', ')}${parts.length > 1 ? ',' : ''} and ${last}`;
}
