import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNewName, parseName, parseReference, secretIn } from './parameter-name.ts';

const arnOf = (name: string) => `arn:aws:ssm:us-east-1:123456789012:parameter/${name.replace(/^\//, '')}`;
const check = (name: string) => checkNewName(name, arnOf);
const levels = (count: number) => '/a'.repeat(count);

test('names that AWS takes', () => {
  for (const name of ['single', '/single', '/a/b-c/D_e.f', levels(15), '/my-aws/ssm', 'x'.repeat(960)]) {
    assert.equal(check(name), name);
  }
  assert.equal(check('  padded '), 'padded');
});

test('names that AWS refuses, each in its words', () => {
  const prefix = /^Parameter name: can't be prefixed with "aws" or "ssm" \(case-insensitive\)\.$/;
  const shape = /^Parameter name: can't be prefixed with "ssm" .* the following 3 symbols \.-_$/;
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['awsome', 'ValidationException', prefix],
    ['/AWSome', 'ValidationException', prefix],
    ['ssm-x', 'ValidationException', prefix],
    ['/aws/service/x', 'AccessDeniedException', /^No access to reserved parameter name: \/aws\/service\/x\.$/],
    ['/ssm/x', 'ValidationException', shape],
    ['with space', 'ValidationException', shape],
    ['/a//b', 'ValidationException', shape],
    ['/a/b/', 'ValidationException', shape],
    ['', 'ValidationException', shape],
    ['name:1', 'ValidationException', shape],
    [arnOf('x'), 'ValidationException', shape],
    ['a/b', 'ValidationException', /^Parameter name must be a fully qualified name\.$/],
    [levels(16), 'HierarchyLevelLimitExceededException', /maximum of 15 levels/],
    ['x'.repeat(970), 'ValidationException', /at most 1011 characters/],
  ];
  for (const [name, code, message] of refused) assert.throws(() => check(name), { code, message }, name);
});

test('a reference is a name or an ARN, with a version or a label or none', () => {
  assert.deepEqual(parseReference('/a/b'), { name: '/a/b' });
  assert.deepEqual(parseReference('x:3'), { name: 'x', selector: '3' });
  assert.deepEqual(parseReference(' /a/b:live '), { name: '/a/b', selector: 'live' });
  const place = { account: '123456789012', region: 'us-east-1' };
  assert.deepEqual(parseReference(arnOf('/a/b')), { name: '/a/b', place });
  assert.deepEqual(parseReference(`${arnOf('x')}:2`), { name: '/x', selector: '2', place });
  for (const text of ['', '{x}', 'a/b', 'x:1:2', 'arn:aws:s3:::bucket/x', arnOf('x').replace('aws', 'aws-cn')]) {
    assert.throws(() => parseReference(text), { code: 'ValidationException' }, text);
  }
});

test('a name alone, for what changes a parameter', () => {
  assert.equal(parseName(' /a/b '), '/a/b');
  for (const text of ['x:1', arnOf('x')]) assert.throws(() => parseName(text), { code: 'ValidationException' }, text);
});

test('a secret behind a parameter', () => {
  assert.equal(secretIn(parseReference('/aws/reference/secretsmanager/team/db:AWSPREVIOUS')), 'team/db');
  assert.equal(secretIn(parseReference('/team/db')), undefined);
});
