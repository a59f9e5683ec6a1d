import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packedPercent } from './packed-size.ts';

test('nothing takes no space; a policy of 2048 characters and a few tags fit', () => {
  assert.equal(packedPercent({ policyArns: [], tags: {} }), 0);
  const statements = Array.from({ length: 20 }, (_, i) => ({
    Effect: 'Allow',
    Action: [`ecs:Describe${i}`, 's3:GetObject'],
    Resource: `arn:aws:s3:::bucket-${i}/*`,
  }));
  const inlinePolicy = JSON.stringify({ Version: '2012-10-17', Statement: statements }).padEnd(2048);
  assert.equal(inlinePolicy.length, 2048);
  const policyArns = Array.from({ length: 10 }, (_, i) => `arn:aws:iam::123456789012:policy/team/policy-${i}`);
  const percent = packedPercent({ inlinePolicy, policyArns, tags: { team: 'a', project: 'longshore' } });
  assert.ok(percent > 10 && percent < 60, String(percent));
});
