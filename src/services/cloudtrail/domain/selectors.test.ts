import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advancedSelectors, basicSelectors, DEFAULT_SELECTORS, isSelected } from './selectors.ts';
import { trailNameProblem } from './trail-name.ts';

const READ = { readOnly: true, eventSource: 'ecs.amazonaws.com' };
const WRITE = { readOnly: false, eventSource: 'kms.amazonaws.com' };

const fail = (message: string): never => {
  throw new Error(message);
};

test('basic selectors: any of them may take an event', () => {
  assert.equal(isSelected(READ, DEFAULT_SELECTORS), true);
  const readers = basicSelectors([{ ReadWriteType: 'ReadOnly' }], fail);
  assert.deepEqual([isSelected(READ, readers), isSelected(WRITE, readers)], [true, false]);
  const without = basicSelectors(
    [{ ExcludeManagementEventSources: ['kms.amazonaws.com'] }, { IncludeManagementEvents: false }],
    fail,
  );
  assert.deepEqual([isSelected(READ, without), isSelected(WRITE, without)], [true, false]);
});

test('advanced selectors: every field of one must hold', () => {
  const management = { Field: 'eventCategory', Equals: ['Management'] };
  const of = (...fields: object[]) =>
    advancedSelectors([{ Name: 'x', FieldSelectors: [management, ...fields] as never }], fail);
  for (const [field, read, write] of [
    [{ Field: 'readOnly', Equals: ['true'] }, true, false],
    [{ Field: 'eventSource', Equals: ['ecs.amazonaws.com', 'kms.amazonaws.com'] }, true, true],
    [{ Field: 'eventSource', NotEquals: ['kms.amazonaws.com', 'rds.amazonaws.com'] }, true, false],
    [{ Field: 'eventSource', StartsWith: ['kms.'], EndsWith: ['.com'] }, false, true],
    [{ Field: 'eventSource', NotStartsWith: ['e'], NotEndsWith: ['.cn'] }, false, true],
  ] as const) {
    const selectors = of(field);
    assert.deepEqual([isSelected(READ, selectors), isSelected(WRITE, selectors)], [read, write], JSON.stringify(field));
  }
  assert.equal(isSelected(READ, of()), true);
});

test('what is refused, by name', () => {
  assert.throws(() => basicSelectors([], fail), /between 1 and 5/);
  assert.throws(() => basicSelectors([{ DataResources: [{ Type: 'AWS::S3::Object' }] }], fail), /DataResources/);
  assert.throws(
    () => basicSelectors([{ ExcludeManagementEventSources: ['ecs.amazonaws.com'] }], fail),
    /ecs\.amazonaws/,
  );
  const category = { Field: 'eventCategory', Equals: ['Data'] };
  const one = (...fields: object[]) => advancedSelectors([{ FieldSelectors: fields as never }], fail);
  assert.throws(() => one(category), /event category Data/);
  assert.throws(() => one({ Field: 'readOnly', Equals: ['true'] }), /one field selector of eventCategory/);
  assert.throws(() => one({ Field: 'resources.type', Equals: ['x'] }), /resources\.type/);
  assert.throws(() => one({ Field: 'readOnly', NotEquals: ['true'] }), /readOnly takes Equals/);
  assert.throws(() => one({ Field: 'eventSource' }), /no values/);
});

test("trails' names", () => {
  for (const name of ['abc', 'my.trail-1_x', 'a'.repeat(128)]) assert.equal(trailNameProblem(name), undefined, name);
  for (const [name, problem] of [
    ['ab', /^Trail name too short\. Minimum allowed length: 3 characters\. Specified name length: 2 characters\.$/],
    ['a'.repeat(129), /^Trail name too long\. Maximum allowed length: 128 characters/],
    ['tr#il', /^Trail name or ARN can only contain uppercase letters/],
    ['-trail', /^Trail name must starts with a letter or number\.$/],
    ['trail-', /^Trail name must ends with a letter or number\.$/],
    ['my--trail', /adjacent/],
    ['192.168.5.4', /IP address/],
  ] as const) {
    assert.match(trailNameProblem(name) ?? '', problem, name);
  }
});
