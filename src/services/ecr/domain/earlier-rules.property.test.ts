import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ReplicationSettings } from '../tables.ts';
import { destinationsOf, replicationOf } from './replication-rules.ts';

const registryId = '123456789012';
const REGISTRY = { account: registryId, region: 'us-east-1' };
const REGIONS = ['eu-west-1', 'eu-west-2'];
const NAMES = ['aa', 'aab', 'aabb', 'ab', 'ba', 'bab', 'bb'];

const rule = fc.record({
  destinations: fc.uniqueArray(fc.constantFrom(...REGIONS), { minLength: 1 }),
  prefixes: fc.uniqueArray(fc.constantFrom('aa', 'aab', 'ab', 'ba', 'bab'), { maxLength: 3 }),
});
type Rules = readonly { readonly destinations: readonly string[]; readonly prefixes: readonly string[] }[];

function settingsAfter(history: readonly Rules[]): ReplicationSettings | undefined {
  let settings: ReplicationSettings | undefined;
  for (const [index, rules] of history.entries()) {
    const given = rules.map(({ destinations, prefixes }) => ({
      destinations: destinations.map((region) => ({ region, registryId })),
      repositoryFilters: prefixes.map((filter) => ({ filter, filterType: 'PREFIX_MATCH' as const })),
    }));
    settings = replicationOf(given, REGISTRY, { before: settings, now: index });
  }
  return settings;
}

/** Since which of the configurations every one has sent the repository there. */
function sinceWhen(history: readonly Rules[], region: string, name: string): number | undefined {
  const says = (rules: Rules) =>
    rules.some(
      ({ destinations, prefixes }) =>
        destinations.includes(region) && (prefixes.length === 0 || prefixes.some((one) => name.startsWith(one))),
    );
  const first = history.findLastIndex((rules) => !says(rules)) + 1;
  return first < history.length ? first : undefined;
}

test('a repository goes to a destination since the rules first said so without a break', () => {
  const histories = fc.array(fc.array(rule, { maxLength: 3 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(histories, fc.constantFrom(...NAMES), fc.constantFrom(...REGIONS), (history, name, region) => {
      const settings = settingsAfter(history);
      const found = settings && destinationsOf(settings, name).find((one) => one.region === region);
      assert.equal(found?.sinceMs, sinceWhen(history, region, name));
    }),
    { numRuns: 1000 },
  );
});
