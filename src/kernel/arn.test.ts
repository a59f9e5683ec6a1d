import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatArn, parseArn, scopeKey } from './arn.ts';

const scope = { account: '123456789012', region: 'eu-west-1' };

test('an ARN is taken apart and put together again', () => {
  const text = formatArn('elasticloadbalancing', scope, 'loadbalancer/app/web/50dc6c495c0c9188');
  assert.equal(text, 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188');
  assert.deepEqual(parseArn(text), {
    partition: 'aws',
    service: 'elasticloadbalancing',
    ...scope,
    resource: 'loadbalancer/app/web/50dc6c495c0c9188',
  });
});

test('global services have no region, some resources no account, and a resource may have colons', () => {
  assert.equal(formatArn('iam', { account: '1' }, 'root'), 'arn:aws:iam::1:root');
  assert.deepEqual(parseArn('arn:aws:s3:::bucket'), {
    partition: 'aws',
    service: 's3',
    region: '',
    account: '',
    resource: 'bucket',
  });
  assert.equal(parseArn('arn:aws:logs:us-east-1:1:log-group:/a:*')?.resource, 'log-group:/a:*');
});

test('what is no ARN is undefined', () => {
  for (const text of [
    '',
    'default',
    'arn:aws:ecs',
    'arn:aws:ecs:us-east-1:1',
    'arn:aws:ecs:us-east-1:1:',
    'arn::ecs:a:b:c',
  ]) {
    assert.equal(parseArn(text), undefined, text);
  }
});

test('a scope is a key', () => assert.equal(scopeKey(scope), '123456789012/eu-west-1'));
