import type { Ids } from '../../kernel/ids.ts';
import type { Client } from './client.ts';
import { biasedDistanceKm, distanceKm } from './distance.ts';
import type { NameRecord, Place } from './names.ts';

const MOST_VALUES = 8;

interface Candidate {
  readonly routing?: NameRecord['routing'];
}

/**
 * Which of the record sets of one name and type answer this time: all of those without a routing policy; of the others
 * what the policy chooses among the healthy ones, or among all of them while none is.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
 */
export function chooseSets<S extends Candidate>(
  sets: readonly S[],
  isHealthy: (set: S) => boolean,
  ids: Pick<Ids, 'bytes'>,
  client: Pick<Client, 'place'>,
): readonly S[] {
  const policy = sets[0]?.routing?.policy;
  if (policy === undefined) return sets;
  if (policy === 'weighted') return chooseWeighted(sets, isHealthy, ids);
  if (policy === 'failover') return chooseFailover(sets, isHealthy);
  if (policy === 'geolocation') return chooseAround(sets, isHealthy, client.place);
  const healthy = sets.filter(isHealthy);
  const among = healthy.length > 0 ? healthy : sets;
  return policy === 'multivalue' ? shuffled(among, ids).slice(0, MOST_VALUES) : chooseNearest(among, client.place);
}

function chooseWeighted<S extends Candidate>(
  sets: readonly S[],
  isHealthy: (set: S) => boolean,
  ids: Pick<Ids, 'bytes'>,
): readonly S[] {
  const weighted = sets.filter((set) => weightOf(set) > 0);
  const healthy = weighted.filter(isHealthy);
  const spare = healthy.length > 0 ? [] : sets.filter((set) => weightOf(set) === 0 && isHealthy(set));
  const among = [healthy, spare, weighted, sets].find((group) => group.length > 0) ?? [];
  // Weights of zero alone share the answers evenly.
  const shares = among.map((set) => weightOf(set) || 1);
  let left = randomBelow(
    shares.reduce((sum, share) => sum + share, 0),
    ids,
  );
  const at = shares.findIndex((share) => (left -= share) < 0);
  return among.slice(at, at + 1);
}

function chooseFailover<S extends Candidate>(sets: readonly S[], isHealthy: (set: S) => boolean): readonly S[] {
  const withRole = (role: string) =>
    sets.filter((set) => set.routing?.policy === 'failover' && set.routing.role === role);
  const [primary, secondary] = [withRole('PRIMARY'), withRole('SECONDARY')];
  if (primary.some(isHealthy)) return primary;
  if (secondary.some(isHealthy) || primary.length === 0) return secondary;
  return primary;
}

function chooseNearest<S extends Candidate>(sets: readonly S[], place: Place): readonly S[] {
  const found = sets.map((set) => ({ set, distance: distanceTo(set, place) }));
  return found
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 1)
    .map(({ set }) => set);
}

function distanceTo({ routing }: Candidate, { coordinates }: Place): number {
  if (routing?.policy === 'latency') return distanceKm(coordinates, routing.at);
  if (routing?.policy !== 'geoproximity') return Infinity;
  return biasedDistanceKm(distanceKm(coordinates, routing.at), routing.bias);
}

/** Of an unhealthy one the next larger place takes over; while all are, the smallest answers. */
function chooseAround<S extends Candidate>(
  sets: readonly S[],
  isHealthy: (set: S) => boolean,
  place: Place,
): readonly S[] {
  const around = sets
    .map((set) => ({ set, size: sizeAround(set, place) }))
    .filter(({ size }) => size !== undefined)
    .toSorted((a, b) => (a.size ?? 0) - (b.size ?? 0))
    .map(({ set }) => set);
  const chosen = around.find(isHealthy) ?? around[0];
  return chosen === undefined ? [] : [chosen];
}

/** How large the location of a set is: from 0, a part of a country, to 3, everywhere. Undefined: the place is not in it. */
function sizeAround({ routing }: Candidate, place: Place): number | undefined {
  if (routing?.policy !== 'geolocation') return undefined;
  const { location } = routing;
  if (location === 'anywhere') return 3;
  if ('continent' in location) return location.continent === place.continent ? 2 : undefined;
  if (location.country !== place.country) return undefined;
  if (location.subdivision === undefined) return 1;
  return location.subdivision === place.subdivision ? 0 : undefined;
}

function weightOf(set: Candidate): number {
  return set.routing?.policy === 'weighted' ? set.routing.weight : 0;
}

function shuffled<S>(items: readonly S[], ids: Pick<Ids, 'bytes'>): readonly S[] {
  const order = items.map((item) => ({ item, at: ids.bytes(4).readUInt32BE() }));
  return order.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
}

/** A whole number from 0; four bytes make the bias too small to be seen. */
function randomBelow(limit: number, ids: Pick<Ids, 'bytes'>): number {
  return Math.floor((ids.bytes(4).readUInt32BE() / 2 ** 32) * limit);
}
