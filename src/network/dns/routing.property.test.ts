import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { seededIds } from '../../kernel/ids.ts';
import { biasedDistanceKm, distanceKm } from './distance.ts';
import type { GeographicLocation, NameRouting, Place } from './names.ts';
import { chooseSets } from './routing.ts';

interface Candidate {
  readonly routing: NameRouting;
  readonly healthy: boolean;
}

const coordinates = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});
const places: fc.Arbitrary<Place> = fc.record(
  {
    coordinates,
    continent: fc.constantFrom('EU', 'NA', 'AS'),
    country: fc.constantFrom('DE', 'US', 'JP'),
    subdivision: fc.constantFrom('CA', 'NY'),
  },
  { requiredKeys: ['coordinates', 'continent', 'country'] },
);
const locations: fc.Arbitrary<GeographicLocation> = fc.oneof(
  fc.constant('anywhere' as const),
  fc.record({ continent: fc.constantFrom('EU', 'NA', 'AS') }),
  fc.record(
    { country: fc.constantFrom('DE', 'US', 'JP'), subdivision: fc.constantFrom('CA', 'NY') },
    { requiredKeys: ['country'] },
  ),
);

const setsOf = <R extends NameRouting>(routing: fc.Arbitrary<R>) =>
  fc.array(fc.record({ routing, healthy: fc.boolean() }), { minLength: 1, maxLength: 12 });
const weighted = fc.record({ policy: fc.constant('weighted' as const), weight: fc.nat(255) });
const multivalue = fc.record({ policy: fc.constant('multivalue' as const) });
const latency = fc.record({ policy: fc.constant('latency' as const), at: coordinates });
const geoproximity = fc.record({
  policy: fc.constant('geoproximity' as const),
  at: coordinates,
  bias: fc.integer({ min: -99, max: 99 }),
});
const geolocation = fc.record({ policy: fc.constant('geolocation' as const), location: locations });
const all: fc.Arbitrary<readonly Candidate[]> = fc.oneof(
  setsOf(weighted),
  setsOf(multivalue),
  setsOf(latency),
  setsOf(geoproximity),
  setsOf(geolocation),
);

const choose = <S extends Candidate>(sets: readonly S[], place: Place, seed = 1) =>
  chooseSets(sets, (set) => set.healthy, seededIds(seed), { place });

/** 0 for the smallest; undefined where the client is not in it. Written apart from the chooser's own. */
function sizeOf(location: GeographicLocation, place: Place): number | undefined {
  if (location === 'anywhere') return 3;
  if ('continent' in location) return place.continent === location.continent ? 2 : undefined;
  if (place.country !== location.country) return undefined;
  if (location.subdivision === undefined) return 1;
  return place.subdivision === location.subdivision ? 0 : undefined;
}

test('an unhealthy set answers only where no healthy one may', () => {
  fc.assert(
    fc.property(all, places, fc.nat(), (sets, place, seed) => {
      const chosen = choose(sets, place, seed);
      assert.ok(chosen.every((set) => sets.includes(set)));
      assert.equal(new Set(chosen).size, chosen.length);
      const may = (set: Candidate) =>
        set.routing.policy !== 'geolocation' || sizeOf(set.routing.location, place) !== undefined;
      if (sets.some((set) => set.healthy && may(set))) assert.ok(chosen.every((set) => set.healthy));
      // Everybody is answered, but for those in no location.
      assert.equal(chosen.length > 0, sets.some(may));
    }),
  );
});

test('by latency and proximity, nothing healthy is nearer than what answers', () => {
  fc.assert(
    fc.property(setsOf(fc.oneof(latency, geoproximity)), places, (sets, place) => {
      const distance = ({ routing }: (typeof sets)[number]) =>
        biasedDistanceKm(
          distanceKm(place.coordinates, routing.at),
          routing.policy === 'geoproximity' ? routing.bias : 0,
        );
      const [chosen, ...more] = choose(sets, place);
      assert.ok(chosen && more.length === 0);
      const rivals = sets.filter((set) => set.healthy === chosen.healthy);
      assert.ok(rivals.every((set) => distance(set) >= distance(chosen)));
    }),
  );
});

test('by location, nothing healthy is smaller around the client than what answers', () => {
  fc.assert(
    fc.property(setsOf(geolocation), places, (sets, place) => {
      const [chosen, ...more] = choose(sets, place);
      assert.equal(more.length, 0);
      const around = sets.flatMap((set) => {
        const size = sizeOf(set.routing.location, place);
        return size === undefined ? [] : [{ set, size }];
      });
      const healthy = around.filter(({ set }) => set.healthy);
      const smallest = Math.min(...(healthy.length > 0 ? healthy : around).map(({ size }) => size));
      assert.equal(chosen === undefined ? Infinity : sizeOf(chosen.routing.location, place), smallest);
    }),
  );
});

test('weight 0 answers only while nothing with a weight is healthy', () => {
  fc.assert(
    fc.property(setsOf(weighted), places, fc.nat(), (sets, place, seed) => {
      const [chosen] = choose(sets, place, seed);
      if (sets.some((set) => set.healthy && set.routing.weight > 0)) assert.notEqual(chosen?.routing.weight, 0);
    }),
  );
});

test('distances: nought to itself, the same both ways, at most half around the Earth; a bias shortens or lengthens', () => {
  fc.assert(
    fc.property(coordinates, coordinates, fc.integer({ min: 1, max: 99 }), (one, other, bias) => {
      const distance = distanceKm(one, other);
      assert.ok(distanceKm(one, one) < 1e-6);
      assert.ok(Math.abs(distance - distanceKm(other, one)) < 1e-3);
      assert.ok(distance <= Math.PI * 6371 + 1e-6);
      assert.ok(biasedDistanceKm(distance, bias) <= distance && biasedDistanceKm(distance, -bias) >= distance);
    }),
  );
  const [dublin, frankfurt] = [
    { latitude: 53.35, longitude: -6.26 },
    { latitude: 50.11, longitude: 8.68 },
  ];
  assert.ok(Math.abs(distanceKm(dublin, frankfurt) - 1085) < 10);
});
