import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestIam } from '../testing.ts';

const bySecureTransport = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 's3:*',
      Resource: 'arn:aws:s3:::home/${aws:username}/*',
      Condition: { Bool: { 'aws:SecureTransport': 'true' } },
    },
  ],
});
const byCluster = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'ecs:*', Resource: '*', Condition: { ArnEquals: { 'ecs:cluster': 'arn:*' } } },
  ],
});

test('the keys of given policies are listed as they write them', async (t) => {
  const iam = openTestIam();
  t.after(() => iam.close());
  const { ContextKeyNames = [] } = await iam.call('GetContextKeysForCustomPolicy', {
    PolicyInputList: [bySecureTransport, byCluster],
  });
  assert.deepEqual(ContextKeyNames.toSorted(), ['aws:SecureTransport', 'aws:username', 'ecs:cluster']);
  await assert.rejects(iam.call('GetContextKeysForCustomPolicy', { PolicyInputList: ['no'] }), {
    code: 'InvalidInputException',
  });
});

test('the keys of a user are those of its groups too', async (t) => {
  const iam = openTestIam();
  t.after(() => iam.close());
  await iam.call('CreateUser', { UserName: 'alice' });
  await iam.call('CreateGroup', { GroupName: 'team' });
  await iam.call('AddUserToGroup', { UserName: 'alice', GroupName: 'team' });
  await iam.call('PutGroupPolicy', { GroupName: 'team', PolicyName: 'p', PolicyDocument: byCluster });
  const { ContextKeyNames } = await iam.call('GetContextKeysForPrincipalPolicy', {
    PolicySourceArn: 'arn:aws:iam::123456789012:user/alice',
  });
  assert.deepEqual(ContextKeyNames, ['ecs:cluster']);
});
