import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededIds } from '../../kernel/ids.ts';
import { NameTable } from './name-table.ts';
import type { NameRecord, NameRouting } from './names.ts';

const NAME = 'www.example.com';

function a(value: string, routing: NameRouting, more: Partial<NameRecord> = {}): NameRecord {
  return { name: NAME, type: 'A', ttlSeconds: 60, values: [value], routing, ...more };
}

const weighted = (value: string, weight: number, more: Partial<NameRecord> = {}) =>
  a(value, { policy: 'weighted', weight }, more);

function tableOf(records: readonly NameRecord[]): NameTable {
  const table = new NameTable(seededIds(1));
  table.publish({ zoneId: 'Z1', origin: 'example.com', visibility: 'public', records });
  return table;
}

const answersOf = (table: NameTable, name = NAME) => table.lookUp({ name, type: 'A' })?.values ?? [];

/** How often each value is the answer. */
function counted(records: readonly NameRecord[], times: number): Record<string, number> {
  const table = tableOf(records);
  const counts: Record<string, number> = {};
  for (let at = 0; at < times; at += 1) {
    const values = answersOf(table).join(' ');
    counts[values] = (counts[values] ?? 0) + 1;
  }
  return counts;
}

describe('routing policies', () => {
  test('weighted sets answer in proportion, and those of weight 0 never', () => {
    const counts = counted([weighted('192.0.2.1', 30), weighted('192.0.2.2', 10), weighted('192.0.2.3', 0)], 4000);
    assert.equal(counts['192.0.2.3'], undefined);
    assert.ok(Math.abs((counts['192.0.2.1'] ?? 0) - 3000) < 120, JSON.stringify(counts));
    const alike = counted([weighted('192.0.2.1', 0), weighted('192.0.2.2', 0)], 1000);
    assert.ok(Math.abs((alike['192.0.2.1'] ?? 0) - 500) < 60, JSON.stringify(alike));
  });

  test('an unhealthy weighted set gives way to others, at last to those of weight 0', () => {
    const ill = weighted('192.0.2.1', 255, { healthy: false });
    assert.deepEqual(counted([ill, weighted('192.0.2.2', 1)], 50), { '192.0.2.2': 50 });
    assert.deepEqual(counted([ill, weighted('192.0.2.2', 0)], 50), { '192.0.2.2': 50 });
    const allIll = [ill, weighted('192.0.2.2', 0, { healthy: false })];
    assert.deepEqual(counted(allIll, 50), { '192.0.2.1': 50 });
  });

  test('failover answers the primary while it is healthy, or while nothing is', () => {
    const sets = (primary: boolean, secondary: boolean) => [
      a('192.0.2.2', { policy: 'failover', role: 'SECONDARY' }, { healthy: secondary }),
      a('192.0.2.1', { policy: 'failover', role: 'PRIMARY' }, { healthy: primary }),
    ];
    assert.deepEqual(answersOf(tableOf(sets(true, true))), ['192.0.2.1']);
    assert.deepEqual(answersOf(tableOf(sets(false, true))), ['192.0.2.2']);
    assert.deepEqual(answersOf(tableOf(sets(false, false))), ['192.0.2.1']);
  });

  test('multivalue answers up to eight healthy values, not always the same', () => {
    const records = Array.from({ length: 12 }, (_, at) =>
      a(`192.0.2.${at}`, { policy: 'multivalue' }, at < 2 ? { healthy: false } : {}),
    );
    const table = tableOf(records);
    const answers = Array.from({ length: 50 }, () => answersOf(table));
    assert.ok(answers.every((values) => new Set(values).size === 8));
    const seen = new Set(answers.flat());
    assert.equal(seen.size, 10);
    assert.ok(!seen.has('192.0.2.0') && !seen.has('192.0.2.1'));
    assert.equal(answersOf(tableOf(records.slice(0, 2))).length, 2);
  });

  test('an alias that follows its target is ill when all there is ill', () => {
    const alias = (name: string, role: 'PRIMARY' | 'SECONDARY', aliasOf: string): NameRecord => ({
      ...a('', { policy: 'failover', role }, { aliasOf, followsHealth: true }),
      name,
      values: [],
    });
    const target = (name: string, value: string, healthy: boolean): NameRecord => ({
      ...weighted(value, 1, { healthy }),
      name,
    });
    const table = (one: boolean, other: boolean) =>
      tableOf([
        alias(NAME, 'PRIMARY', 'east.example.com'),
        alias(NAME, 'SECONDARY', 'west.example.com'),
        target('east.example.com', '192.0.2.1', one),
        target('east.example.com', '192.0.2.2', other),
        target('west.example.com', '192.0.2.9', true),
      ]);
    assert.deepEqual(answersOf(table(false, true)), ['192.0.2.2']);
    assert.deepEqual(answersOf(table(false, false)), ['192.0.2.9']);
  });
});

describe('looking up without a socket', () => {
  test('answers values as they were published, from one zone too', () => {
    const table = tableOf([{ name: NAME, type: 'TXT', ttlSeconds: 60, values: ['"a b" "c"'] }]);
    table.publish({ zoneId: 'Z2', origin: 'example.com', visibility: { vpcIds: ['vpc-1'] }, records: [] });
    assert.deepEqual(table.lookUpIn('Z1', { name: NAME, type: 'TXT' }), { rcode: 'NOERROR', values: ['"a b" "c"'] });
    assert.deepEqual(table.lookUpIn('Z2', { name: NAME, type: 'TXT' }), { rcode: 'NXDOMAIN', values: [] });
    assert.equal(table.lookUpIn('Z3', { name: NAME, type: 'TXT' }), undefined);
    assert.equal(table.lookUp({ name: 'example.org', type: 'A' }), undefined);
  });
});

describe('a delegated part of a zone', () => {
  const table = tableOf([
    { name: 'sub.example.com', type: 'NS', ttlSeconds: 300, values: ['ns.elsewhere.example.'] },
    { name: 'sub.example.com', type: 'DS', ttlSeconds: 300, values: ['1 13 2 0a0b'] },
    { name: 'old.sub.example.com', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] },
  ]);

  test('is left to its name servers, but for its NS and DS records', () => {
    for (const name of ['sub.example.com', 'old.sub.example.com', 'no.sub.example.com']) {
      const resolution = table.answer({ name, type: 'A' }, undefined);
      assert.equal(resolution?.delegated, true, name);
      assert.deepEqual(resolution.answers, []);
      assert.deepEqual(
        resolution.authorities.map((one) => `${one.name} ${one.type}`),
        ['sub.example.com NS'],
      );
    }
    assert.deepEqual(table.lookUp({ name: 'sub.example.com', type: 'NS' })?.values, ['ns.elsewhere.example.']);
    assert.deepEqual(table.lookUp({ name: 'sub.example.com', type: 'DS' })?.values, ['1 13 2 0a0b']);
  });
});
