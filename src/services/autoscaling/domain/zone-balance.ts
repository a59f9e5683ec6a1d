import type { MemberRow, Place } from '../tables.ts';

/** How many there are in each zone of the group, and in those that were its own before. */
export function zoneCounts(places: readonly Place[], members: readonly Pick<MemberRow, 'zone'>[]): Map<string, number> {
  const counts = new Map(places.map(({ zone }) => [zone, 0]));
  for (const { zone } of members) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  return counts;
}

/** The place with the fewest: first of the zones, then of the subnets in the zone. */
export function nextPlace(
  places: readonly Place[],
  members: readonly Pick<MemberRow, 'zone' | 'subnetId'>[],
): Place | undefined {
  const zones = zoneCounts(places, members);
  const inSubnet = (id: string | undefined) => members.filter((one) => one.subnetId === id).length;
  return places.toSorted(
    (a, b) => (zones.get(a.zone) ?? 0) - (zones.get(b.zone) ?? 0) || inSubnet(a.subnetId) - inSubnet(b.subnetId),
  )[0];
}

/** The zones with the most among those that some candidate is in; those that are no more the group's come first. */
export function fullestZones(
  places: readonly Place[],
  members: readonly MemberRow[],
  candidates: readonly MemberRow[],
): readonly string[] {
  const zones = [...new Set(candidates.map(({ zone }) => zone))];
  const stray = zones.filter((zone) => !places.some((place) => place.zone === zone));
  if (stray.length > 0) return stray;
  const counts = zoneCounts(places, members);
  const most = Math.max(...zones.map((zone) => counts.get(zone) ?? 0));
  return zones.filter((zone) => counts.get(zone) === most);
}

/** Whether one instance less here and one more there would be more even. */
export function isUneven(
  places: readonly Place[],
  members: readonly MemberRow[],
  candidates: readonly MemberRow[],
): boolean {
  const [fullest] = fullestZones(places, members, candidates);
  if (fullest === undefined) return false;
  if (!places.some((place) => place.zone === fullest)) return true;
  const counts = zoneCounts(places, members);
  const least = Math.min(...places.map(({ zone }) => counts.get(zone) ?? 0));
  return (counts.get(fullest) ?? 0) - least >= 2;
}
