import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConditionValues } from '../model.ts';
import { contextOf } from '../testing.ts';
import { compileCondition } from './condition.ts';

type Value = ConditionValues[string] | undefined;

/** Whether `operator` is met where the key has `value` and the policy wants `wanted`. */
function met(operator: string, value: Value, ...wanted: string[]): boolean {
  const context = contextOf({ 'aws:username': 'alice', ...(value !== undefined && { 'Test:Key': value }) });
  return compileCondition({ operator, key: 'test:KEY', values: wanted }, true)(context);
}

/** What is met and, negated, is not. */
function assertMatches(operator: string, negated: string | undefined, value: string, ...wanted: string[]): void {
  assert.equal(met(operator, value, ...wanted), true, `${operator} ${value} ${wanted.join()}`);
  if (negated) assert.equal(met(negated, value, ...wanted), false, `${negated} ${value} ${wanted.join()}`);
}

function assertDiffers(operator: string, negated: string | undefined, value: string, ...wanted: string[]): void {
  assert.equal(met(operator, value, ...wanted), false, `${operator} ${value} ${wanted.join()}`);
  if (negated) assert.equal(met(negated, value, ...wanted), true, `${negated} ${value} ${wanted.join()}`);
}

describe('operators', () => {
  test('of strings', () => {
    assertMatches('StringEquals', 'StringNotEquals', 'a', 'b', 'a');
    assertDiffers('StringEquals', 'StringNotEquals', 'a', 'A', '*');
    assertMatches('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'Team', 'tEAM');
    assertDiffers('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'Team', 'team*');
    assertMatches('StringLike', 'StringNotLike', 'team-1', 'x', 't*m-?');
    assertDiffers('StringLike', 'StringNotLike', 'Team-1', 't*');
    assertMatches('StringEquals', 'StringNotEquals', 'alice', '${aws:username}');
    assertDiffers('StringEquals', 'StringNotEquals', 'alice', '${aws:userid}');
  });

  test('of numbers', () => {
    assertMatches('NumericEquals', 'NumericNotEquals', '10.0', '010');
    assertDiffers('NumericEquals', 'NumericNotEquals', 'ten', 'ten');
    assertDiffers('NumericEquals', 'NumericNotEquals', '1e1', '10');
    assertMatches('NumericLessThan', 'NumericGreaterThanEquals', '-1', '0');
    assertDiffers('NumericLessThan', 'NumericGreaterThanEquals', '0', '0');
    assertMatches('NumericLessThanEquals', 'NumericGreaterThan', '0', '0');
    assertDiffers('NumericLessThan', undefined, 'ten', '11');
  });

  test('of dates, as ISO 8601 or seconds since the epoch', () => {
    assertMatches('DateEquals', 'DateNotEquals', '2026-05-01T12:00:00Z', '1777636800');
    assertMatches('DateEquals', 'DateNotEquals', '2026-05-01T14:00:00+02:00', '2026-05-01T12:00Z');
    assertMatches('DateEquals', 'DateNotEquals', '2026-05-01', '2026-05');
    assertMatches('DateLessThan', 'DateGreaterThanEquals', '2026-05-01T12:00:00.1Z', '2026-05-01T12:00:00.25+0000');
    assertMatches('DateGreaterThan', 'DateLessThanEquals', '2026-05-01', '0');
    assertDiffers('DateEquals', 'DateNotEquals', 'noon', 'noon');
    assertDiffers('DateEquals', 'DateNotEquals', '2026-13-01', '2026-13-01');
  });

  test('of booleans and bytes', () => {
    assertMatches('Bool', undefined, 'true', 'True');
    assertDiffers('Bool', undefined, 'true', 'false');
    assertDiffers('Bool', undefined, 'yes', 'yes');
    assertMatches('BinaryEquals', undefined, 'YWJjZA==', 'YWJjZA');
    assertDiffers('BinaryEquals', undefined, 'YWJj', 'ywjj');
    assertDiffers('BinaryEquals', undefined, 'a b', 'a b');
  });

  test('of addresses', () => {
    assertMatches('IpAddress', 'NotIpAddress', '203.0.113.7', '10.0.0.0/8', '203.0.113.0/24');
    assertMatches('IpAddress', 'NotIpAddress', '203.0.113.7', '203.0.113.7');
    assertMatches('IpAddress', 'NotIpAddress', '203.0.113.7', '0.0.0.0/0');
    assertMatches('IpAddress', 'NotIpAddress', '255.255.255.255', '128.0.0.0/1');
    assertMatches('IpAddress', 'NotIpAddress', '::ffff:203.0.113.7', '203.0.113.0/24');
    assertMatches('IpAddress', 'NotIpAddress', '2001:DB8::7', '2001:db8::/33');
    assertMatches('IpAddress', 'NotIpAddress', '2001:db8:0:0:0:0:0:7', '2001:db8::7');
    assertDiffers('IpAddress', 'NotIpAddress', '203.0.114.7', '203.0.113.0/24');
    assertDiffers('IpAddress', 'NotIpAddress', '2001:db8:8000::', '2001:db8::/33');
    assertDiffers('IpAddress', 'NotIpAddress', '203.0.113.7', '::/0');
    assertDiffers('IpAddress', 'NotIpAddress', 'AWS Internal', '0.0.0.0/0', '::/0');
    for (const wrong of ['203.0.113.0/33', '203.0.113', '256.0.0.1', '::/129', '1::2::3', '1:2:3:4:5:6:7', 'x::', '']) {
      assertDiffers('IpAddress', 'NotIpAddress', '203.0.113.7', wrong);
    }
  });

  test('of ARNs', () => {
    const arn = 'arn:aws:ecs:us-east-1:123456789012:task/main/1';
    for (const [operator, negated] of [
      ['ArnEquals', 'ArnNotEquals'],
      ['ArnLike', 'ArnNotLike'],
    ] as const) {
      assertMatches(operator, negated, arn, 'arn:aws:ecs:*:123456789012:task/*');
      assertDiffers(operator, negated, arn, 'arn:aws:ecs:*:task/main/1');
      assertDiffers(operator, negated, 'task/main/1', 'arn:*:*:*:*:*');
    }
  });

  test('names are in any case, and what is no operator is never met', () => {
    assert.equal(met('STRINGequals', 'a', 'a'), true);
    assert.equal(met('forAnyValue:stringLIKEifexists', ['a'], '*'), true);
    assert.equal(met('StringMatches', 'a', 'a'), false);
    assert.equal(met('NullIfExists', undefined, 'true'), false);
    assert.equal(met('ForSomeValues:StringEquals', 'a', 'a'), false);
  });
});

describe('a missing key', () => {
  test('meets negated operators alone', () => {
    assert.equal(met('StringEquals', undefined, 'a'), false);
    assert.equal(met('StringNotEquals', undefined, 'a'), true);
    assert.equal(met('NotIpAddress', undefined, '0.0.0.0/0'), true);
    assert.equal(met('NumericLessThan', undefined, '5'), false);
  });

  test('meets what ends in IfExists', () => {
    assert.equal(met('StringEqualsIfExists', undefined, 'a'), true);
    assert.equal(met('StringEqualsIfExists', 'b', 'a'), false);
    assert.equal(met('ForAnyValue:StringEqualsIfExists', undefined, 'a'), true);
  });

  test('is what Null asks for', () => {
    assert.equal(met('Null', undefined, 'true'), true);
    assert.equal(met('Null', [], 'true'), true);
    assert.equal(met('Null', '', 'true'), false);
    assert.equal(met('Null', 'a', 'False'), true);
    assert.equal(met('Null', undefined, 'false'), false);
  });
});

describe('a key with many values', () => {
  test('needs a set operator', () => {
    assert.equal(met('StringEquals', ['a'], 'a'), false);
    assert.equal(met('StringNotEquals', ['a'], 'b'), false);
  });

  test('ForAnyValue wants one value that fits', () => {
    assert.equal(met('ForAnyValue:StringEquals', ['a', 'b'], 'b', 'c'), true);
    assert.equal(met('ForAnyValue:StringEquals', ['a'], 'b', 'c'), false);
    assert.equal(met('ForAnyValue:StringNotEquals', ['a', 'b'], 'b'), true);
    assert.equal(met('ForAnyValue:StringEquals', undefined, 'b'), false);
    assert.equal(met('ForAnyValue:StringNotEquals', [''], 'b'), false);
  });

  test('ForAllValues wants all of them to fit, and is met by none', () => {
    assert.equal(met('ForAllValues:StringEquals', ['a', 'b'], 'a', 'b', 'c'), true);
    assert.equal(met('ForAllValues:StringEquals', ['a', 'd'], 'a', 'b', 'c'), false);
    assert.equal(met('ForAllValues:StringNotLike', ['a', 'b'], 'c*'), true);
    assert.equal(met('ForAllValues:StringEquals', undefined, 'a'), true);
    assert.equal(met('ForAllValues:StringEquals', [], 'a'), true);
    assert.equal(met('ForAllValues:StringEquals', [''], 'a'), true);
  });
});
