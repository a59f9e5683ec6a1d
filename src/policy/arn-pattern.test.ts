import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileArnPattern, compileResource } from './arn-pattern.ts';
import { parsePattern } from './pattern.ts';
import { contextOf } from './testing.ts';

const context = contextOf({
  'aws:username': 'alice',
  'aws:principalaccount': '123456789012',
  'x:arn': 'arn:a:b:c:d:e/f',
});
const STREAM = 'arn:aws:logs:us-east-1:123456789012:log-group:web:log-stream:a/b';

describe('Resource', () => {
  const covers = (pattern: string, resource: string) => compileResource(pattern, true).matches(resource, context);

  test('a wildcard matches slashes and, after the fifth colon, colons', () => {
    assert.equal(covers('arn:aws:s3:::b/*/test/*', 'arn:aws:s3:::b/1/2/test/3/o'), true);
    assert.equal(covers('arn:aws:s3:::b/*/test/*', 'arn:aws:s3:::b/test/o'), false);
    assert.equal(covers('arn:aws:logs:us-east-1:123456789012:log*b', STREAM), true);
    assert.equal(covers('arn:aws:logs:us-east-1:123456789012:?og-group:*', STREAM), true);
  });

  test('a wildcard that ends a segment goes on beyond its colon', () => {
    assert.equal(covers('arn:aws:logs:*:log-stream:a/b', STREAM), true);
    assert.equal(covers('arn:aws:logs:us-*:123456789012:log-group:*', STREAM), true);
    assert.equal(covers('arn:aws:logs:*', STREAM), true);
    assert.equal(covers('*', STREAM), true);
    assert.equal(covers('*', '*'), true);
  });

  test('another one before the fifth colon does not', () => {
    assert.equal(covers('arn:aws:logs:us*1:123456789012:*', STREAM), true);
    assert.equal(covers('arn:aws:logs:us*2:log-group:web:log-stream:a/b', STREAM), false);
    assert.equal(covers('arn:aws:logs:?s-east-1:123456789012:*', STREAM), true);
    assert.equal(covers('arn:aws:logs:us-east-1?123456789012:log-group:*', STREAM), false);
    assert.equal(covers('arn:aws:logs:u*st-?:*:web:log-stream:a/b', STREAM), true);
  });

  test('what a short ARN leaves out may be anything', () => {
    assert.equal(covers('arn:aws:logs', STREAM), true);
    assert.equal(covers('arn:aws:logs:us-east-1', STREAM), true);
    assert.equal(covers('arn:aws:logs:eu-west-1', STREAM), false);
  });

  test('an ARN does not match an action without resources', () => {
    assert.equal(covers('arn:aws:logs:*', '*'), false);
  });

  test('has variables, in the account too', () => {
    assert.equal(covers('arn:aws:iam::*:user/${aws:username}', 'arn:aws:iam::1:user/alice'), true);
    assert.equal(covers('arn:aws:iam::${aws:PrincipalAccount}:user/*', 'arn:aws:iam::123456789012:user/bob'), true);
    assert.equal(covers('arn:aws:iam::${aws:PrincipalAccount}:user/*', 'arn:aws:iam::1:user/bob'), false);
    assert.equal(covers('arn:aws:iam::?:user/${aws:userid}', 'arn:aws:iam::1:user/'), false);
  });

  test('tells what a variable without a value could stand for', () => {
    const { couldMatch } = compileResource('arn:aws:s3:::b/${aws:userid}/*', true);
    assert.equal(couldMatch('arn:aws:s3:::b/x/y', context), true);
    assert.equal(couldMatch('arn:aws:s3:::c/x/y', context), false);
  });
});

describe('ArnLike', () => {
  const like = (pattern: string, arn: string) =>
    compileArnPattern(parsePattern(pattern, { wildcards: true, variables: true }))(arn, context);

  test('matches each component by itself', () => {
    assert.equal(like('arn:aws:logs:*:123456789012:log-group:*', STREAM), true);
    assert.equal(like('arn:aws:logs:*:log-stream:a/b', STREAM), false);
    assert.equal(like('arn:aws:*:*:*:*', STREAM), true);
    assert.equal(like('*', STREAM), false);
    assert.equal(like('arn:aws:logs:*:*:*', 'arn:aws:logs'), false);
  });

  test('a variable may be a whole ARN', () => {
    assert.equal(like('${x:arn}', 'arn:a:b:c:d:e/f'), true);
    assert.equal(like('${x:arn}', 'arn:a:b:c:d:e/g'), false);
    assert.equal(like('${x:none}', 'arn:a:b:c:d:e/g'), false);
  });
});
