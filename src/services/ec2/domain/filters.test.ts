import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../testing.ts';
import { type Filter, type FilterFields, matcher } from './filters.ts';

interface Thing {
  readonly name: string;
  readonly size?: number;
  readonly ports: readonly number[];
  readonly tags: Readonly<Record<string, string>>;
}

const FIELDS: FilterFields<Thing> = {
  name: (thing) => thing.name,
  size: (thing) => thing.size,
  port: (thing) => thing.ports,
  small: (thing) => (thing.size ?? 0) < 5,
};
const THING: Thing = { name: 'web-1', size: 3, ports: [80, 443], tags: { Owner: 'TeamA', empty: '' } };

const matches = (...filters: Filter[]) => matcher(FIELDS, filters)(THING);

test('any value of a filter, all filters', () => {
  assert.ok(matches());
  assert.ok(matches({ Name: 'name', Values: ['web-2', 'web-1'] }));
  assert.ok(matches({ Name: 'port', Values: ['443'] }, { Name: 'small', Values: ['true'] }));
  assert.ok(!matches({ Name: 'port', Values: ['443'] }, { Name: 'small', Values: ['false'] }));
  assert.ok(!matches({ Name: 'name', Values: ['WEB-1'] }));
  assert.ok(!matches({ Name: 'name' }));
});

test('wildcards match whole values, and a backslash takes them literally', () => {
  assert.ok(matches({ Name: 'name', Values: ['web*'] }));
  assert.ok(matches({ Name: 'name', Values: ['w?b-1'] }));
  assert.ok(matches({ Name: 'name', Values: ['*'] }));
  assert.ok(!matches({ Name: 'name', Values: ['we?'] }));
  assert.ok(!matches({ Name: 'name', Values: ['web.1*'] }));
  const starred = matcher(FIELDS, [{ Name: 'name', Values: [String.raw`a\*(+)*`] }]);
  assert.ok(starred({ ...THING, name: 'a*(+)z' }));
  assert.ok(!starred({ ...THING, name: 'ab(+)z' }));
});

test('a pattern of many wildcards takes no time to fail', () => {
  const long = matcher(FIELDS, [{ Name: 'name', Values: [`${'*a'.repeat(100)}b`, `*${'?'.repeat(10)}*c`] }]);
  assert.ok(!long({ ...THING, name: 'a'.repeat(10_000) }));
  assert.ok(long({ ...THING, name: `${'a'.repeat(200)}b` }));
  assert.ok(long({ ...THING, name: '0123456789c' }));
});

test('tags by key, by value and both', () => {
  assert.ok(matches({ Name: 'tag:Owner', Values: ['Team*'] }));
  assert.ok(matches({ Name: 'tag:empty', Values: [''] }));
  assert.ok(matches({ Name: 'tag-key', Values: ['Owner'] }));
  assert.ok(matches({ Name: 'tag-value', Values: ['TeamA'] }));
  assert.ok(!matches({ Name: 'tag:Absent', Values: ['*'] }));
  assert.ok(!matches({ Name: 'tag:constructor', Values: ['*'] }));
});

test('a missing value matches nothing', () => {
  const { size: _, ...sizeless } = THING;
  assert.ok(!matcher(FIELDS, [{ Name: 'size', Values: ['*'] }])(sizeless));
});

test('an unknown filter is named', () => {
  for (const name of ['colour', 'tag:', 'constructor']) {
    assert.throws(
      () => matches({ Name: name, Values: ['x'] }),
      failure('InvalidParameterValue', `The filter '${name}' is invalid`),
    );
  }
  assert.throws(() => matches({ Name: 'name', Values: Array(201).fill('x') }), failure('FilterLimitExceeded'));
});
