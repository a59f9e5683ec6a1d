import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupRow, MemberRow } from '../tables.ts';
import type { LaunchSource } from './launch-source.ts';
import { chooseVictim } from './termination.ts';

const MINUTE_MS = 60_000;
const launch: LaunchSource = { kind: 'template', template: { id: 'lt-1', name: 'web', version: '$Latest' } };
const places = ['a', 'b'].map((zone) => ({ zone, zoneId: zone }));

function member(id: string, change: Partial<MemberRow> = {}): MemberRow {
  return {
    account: '1',
    region: 'r',
    groupName: 'web',
    launchId: id,
    instanceId: id,
    zone: 'a',
    zoneId: 'a',
    market: 'on-demand',
    template: { id: 'lt-1', name: 'web', version: '2' },
    state: 'InService',
    health: 'Healthy',
    isProtected: false,
    createdAtMs: 0,
    registered: [],
    draining: [],
    waiting: [],
    ...change,
  };
}

function chosen(policies: readonly string[], all: readonly MemberRow[], source = launch): string | undefined {
  const group = { places, terminationPolicies: policies, desired: all.length - 1 } as unknown as GroupRow;
  return chooseVictim({ group, launch: source, counted: all, candidates: all, now: 100 * MINUTE_MS })?.launchId;
}

test('the fullest zone first, whatever the policy', () => {
  const all = [member('1', { zone: 'b' }), member('2', { createdAtMs: 5 }), member('3', { createdAtMs: 9 })];
  assert.equal(chosen(['OldestInstance'], all), '2');
  assert.equal(chosen(['NewestInstance'], all), '3');
});

test('a zone that is no more the group’s is emptied first', () => {
  assert.equal(chosen(['NewestInstance'], [member('1', { zone: 'c' }), member('2'), member('3')]), '1');
});

test('Default: a launch configuration before a template, the oldest version, then the nearest full hour', () => {
  const old = member('old', { template: { id: 'lt-1', name: 'web', version: '1' }, createdAtMs: 50 * MINUTE_MS });
  const soon = member('soon', { createdAtMs: 41 * MINUTE_MS });
  const late = member('late', { createdAtMs: 95 * MINUTE_MS });
  const { template: _, ...rest } = member('configured', { createdAtMs: 99 * MINUTE_MS });
  assert.equal(chosen(['Default'], [late, soon]), 'soon');
  assert.equal(chosen(['ClosestToNextInstanceHour'], [late, soon, old]), 'soon');
  assert.equal(chosen(['Default'], [late, soon, old]), 'old');
  assert.equal(chosen(['OldestLaunchTemplate', 'NewestInstance'], [late, soon]), 'late');
  assert.equal(chosen(['Default'], [late, soon, old, { ...rest, configurationName: 'c' }]), 'configured');
});

test('of mixed instances, those of which there are too many', () => {
  const mixed: LaunchSource = {
    kind: 'mixed',
    template: { id: 'lt-1', name: 'web', version: '1' },
    overrides: [],
    distribution: {
      onDemandBase: 1,
      onDemandPercentage: 0,
      onDemandStrategy: 'prioritized',
      spotStrategy: 'lowest-price',
    },
  };
  const all = [
    member('1'),
    member('2', { market: 'spot', createdAtMs: 5 }),
    member('3', { market: 'spot', createdAtMs: 9 }),
  ];
  assert.equal(chosen(['OldestInstance'], all, mixed), '2');
});
