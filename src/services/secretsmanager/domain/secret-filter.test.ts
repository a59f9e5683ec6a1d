import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Filter } from '@aws-sdk/client-secrets-manager';
import type { SecretRow } from '../tables.ts';
import { secretFilter } from './secret-filter.ts';

const row: SecretRow = {
  account: '123456789012',
  region: 'us-east-1',
  name: 'Prod/db',
  arn: 'arn',
  description: 'The Main database',
  tags: { Team: 'Web' },
  stages: [],
  createdAtMs: 0,
  changedAtMs: 0,
};

const lets = (...filters: Filter[]) => secretFilter(filters)(row);

test('names and tags are looked for from their beginning, with their case', () => {
  assert.ok(lets({ Key: 'name', Values: ['Prod'] }));
  assert.ok(!lets({ Key: 'name', Values: ['prod'] }));
  assert.ok(!lets({ Key: 'name', Values: ['db'] }));
  assert.ok(lets({ Key: 'tag-key', Values: ['Te'] }));
  assert.ok(lets({ Key: 'tag-value', Values: ['nothing', 'We'] }));
  assert.ok(!lets({ Key: 'tag-value', Values: ['web'] }));
});

test('descriptions and everything at once are looked for without case', () => {
  assert.ok(lets({ Key: 'description', Values: ['the main'] }));
  assert.ok(!lets({ Key: 'description', Values: ['main'] }));
  assert.ok(lets({ Key: 'all', Values: ['web-DATABASE'] }));
  assert.ok(!lets({ Key: 'all', Values: ['web nothing'] }));
});

test('an exclamation mark negates, and every filter must hold', () => {
  assert.ok(!lets({ Key: 'name', Values: ['!Prod'] }));
  assert.ok(lets({ Key: 'name', Values: ['!Test'] }));
  assert.ok(!lets({ Key: 'name', Values: ['Prod', '!Prod/db'] }));
  assert.ok(!lets({ Key: 'name', Values: ['Prod'] }, { Key: 'tag-key', Values: ['x'] }));
  assert.ok(!lets({ Key: 'owning-service', Values: ['rds'] }));
  assert.ok(!lets({ Key: 'primary-region', Values: ['us'] }));
  assert.ok(lets());
});

test('a filter that is none is refused', () => {
  assert.throws(() => lets({ Key: 'size' as 'name', Values: ['1'] }), /'size' at 'filters\.1\.member\.key'.*tag-value/);
  assert.throws(() => lets({ Key: 'name', Values: [] }), /Invalid filter values/);
  assert.throws(() => lets({ Values: ['x'] }), /Invalid filter key/);
  assert.throws(() => lets({ Key: 'name', Values: ['a*'] }), /Invalid values for the filter name/);
  assert.throws(() => lets(...Array.from({ length: 11 }, (): Filter => ({ Key: 'name', Values: ['x'] }))), /'filters'/);
});
