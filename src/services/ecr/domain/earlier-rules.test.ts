import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicationSettings } from '../tables.ts';
import { destinationsOf, replicationOf } from './replication-rules.ts';

const registryId = '123456789012';
const REGISTRY = { account: registryId, region: 'us-east-1' };
const REGIONS = Array.from({ length: 25 }, (_, i) => `eu-west-${i + 1}`);
const RULES = Array.from({ length: 10 }, (_, i) => i);
const FILTERS = Array.from({ length: 100 }, (_, i) => i);

/** As much as a configuration may have: a thousand prefixes, no one the beginning of another. */
function putLargest(before: ReplicationSettings | undefined, now: number, prefixLength: number): ReplicationSettings {
  const rules = RULES.map((rule) => ({
    destinations: REGIONS.map((region) => ({ region, registryId })),
    repositoryFilters: FILTERS.map((filter) => ({
      filter: nameOf(rule, filter).slice(0, prefixLength),
      filterType: 'PREFIX_MATCH' as const,
    })),
  }));
  return replicationOf(rules, REGISTRY, { before, now });
}

function nameOf(rule: number, filter: number): string {
  return `${rule}-${100 + filter}-${'a'.repeat(200)}`;
}

function membersOf({ earlier = [] }: ReplicationSettings): number {
  return earlier.reduce((sum, { destinations, prefixes }) => sum + destinations.length + prefixes.length, 0);
}

test('the largest configuration, put again and again with shorter prefixes, keeps what is newest', () => {
  let settings: ReplicationSettings | undefined;
  for (let now = 0; now < 12; now++) {
    settings = putLargest(settings, now, 200 - now);
    assert.ok(membersOf(settings) <= 2000, `${membersOf(settings)} after ${now}`);
    const lastPut = Math.max(now - 1, 0);
    for (const rule of RULES) {
      const destinations = destinationsOf(settings, nameOf(rule, 99));
      assert.equal(destinations.length, 25);
      assert.ok(destinations.every(({ sinceMs }) => sinceMs <= lastPut));
    }
  }
});

test('the largest configuration, put again as it is, goes on from its first time', () => {
  let settings: ReplicationSettings | undefined;
  for (let now = 0; now < 3; now++) settings = putLargest(settings, now, 200);
  const destinations = settings ? destinationsOf(settings, nameOf(9, 99)) : [];
  assert.equal(destinations.length, 25);
  assert.ok(destinations.every(({ sinceMs }) => sinceMs === 0));
});
