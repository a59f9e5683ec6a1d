import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestService, testServicePrincipal } from '../../api/testing.ts';
import { sts } from './index.ts';

test('GetCallerIdentity says who calls', async () => {
  const service = openTestService('sts', sts, {});
  assert.deepEqual(await service.call('GetCallerIdentity', {}, { account: '111122223333' }), {
    UserId: '111122223333',
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:root',
  });
  const principal = testServicePrincipal('ecs.amazonaws.com');
  const answer = await service.call('GetCallerIdentity', {}, { principal });
  assert.equal(answer.Arn, principal.arn);
  await service.close();
});
