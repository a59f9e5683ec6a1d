import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextKeysOf } from './context-keys.ts';
import { policyText } from './testing.ts';

test('tells the keys of conditions and variables as they are written, each once', () => {
  const text = policyText({
    Effect: 'Allow',
    Action: '*',
    Resource: ['arn:aws:s3:::b/${aws:username}', "arn:aws:s3:::${aws:PrincipalTag/Team, 'none'}"],
    Condition: { StringEquals: { 'aws:UserId': '${aws:PrincipalTag/team}', 'ecs:cluster': '${*}' } },
  });
  const old = JSON.stringify({ Statement: { Effect: 'Deny', Action: '*', Resource: 'arn:aws:s3:::${aws:SourceIp}' } });
  assert.deepEqual(contextKeysOf([text, old, text]), [
    'aws:username',
    'aws:PrincipalTag/Team',
    'aws:UserId',
    'ecs:cluster',
  ]);
});
