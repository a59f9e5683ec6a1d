import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repositoryScanning, scanningOf } from './scanning.ts';

const filtersOf = (...filters: readonly string[]) =>
  filters.map((filter) => ({ filter, filterType: 'WILDCARD' as const }));

test('rules decide about the repositories that their filters fit', () => {
  const settings = scanningOf({
    rules: [
      { scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: filtersOf('prod/*', 'web') },
      { scanFrequency: 'MANUAL', repositoryFilters: filtersOf('*test*') },
    ],
  });
  const scanned = (name: string, scanOnPush = false) => {
    const { scanFrequency, appliedScanFilters } = repositoryScanning({ name, scanOnPush }, settings);
    return [scanFrequency, ...appliedScanFilters.map(({ filter }) => filter)];
  };
  assert.deepEqual(scanned('prod/api'), ['SCAN_ON_PUSH', 'prod/*']);
  assert.deepEqual(scanned('prod/web-test'), ['SCAN_ON_PUSH', 'prod/*', 'web', '*test*']);
  assert.deepEqual(scanned('a-test', true), ['MANUAL', '*test*']);
  assert.deepEqual(scanned('other', true), ['SCAN_ON_PUSH']);
  assert.deepEqual(scanned('other'), ['MANUAL']);
  assert.equal(repositoryScanning({ name: 'a', scanOnPush: true }, undefined).scanOnPush, true);
});

// With a filter that backtracks this never ends.
test('a filter of many wildcards is answered at once', () => {
  const filter = `${'*a'.repeat(30)}*b`;
  const settings = scanningOf({ rules: [{ scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: filtersOf(filter) }] });
  const name = 'a'.repeat(80);
  assert.equal(repositoryScanning({ name, scanOnPush: false }, settings).scanOnPush, false);
  assert.equal(repositoryScanning({ name: `${name}b`, scanOnPush: false }, settings).scanOnPush, true);
});

test('what cannot be scanned so is refused', () => {
  const refuses = (input: object, words: RegExp) =>
    assert.throws(() => scanningOf(input), { code: 'InvalidParameterException', message: words });
  const rule = { scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: filtersOf('*') };
  refuses({ scanType: 'ENHANCED' }, /Amazon Inspector, is not supported/);
  refuses({ scanType: 'DEEP' }, /enum value set/);
  refuses({ rules: [{ ...rule, scanFrequency: 'CONTINUOUS_SCAN' }] }, /enum value set/);
  refuses({ rules: [rule, rule] }, /more than one rule for a scanFrequency/);
  refuses({ rules: [rule, rule, rule] }, /length less than or equal to 2/);
  refuses({ rules: [{ ...rule, repositoryFilters: filtersOf('Web') }] }, /regular expression/);
  for (const filter of ['.a', 'a-', 'a..b', `${'a'.repeat(60)}!`]) {
    refuses({ rules: [{ ...rule, repositoryFilters: filtersOf(filter) }] }, /regular expression/);
  }
  refuses({ rules: [{ ...rule, repositoryFilters: [{ filter: 'a', filterType: 'PREFIX' }] }] }, /WILDCARD/);
  refuses({ rules: [{ ...rule, repositoryFilters: filtersOf(...Array(101).fill('a')) }] }, /equal to 100/);
});
