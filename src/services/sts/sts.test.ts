import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testServicePrincipal } from '../../api/testing.ts';
import { accessKeyId } from '../../identity/access-key-id.ts';
import { seededIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { ACCOUNT, ANN, MASTER_KEY, chained, openSts, refusal } from './testing.ts';

test('GetCallerIdentity says who calls', async () => {
  const sts = openSts();
  assert.deepEqual(await sts.call('GetCallerIdentity', {}, { account: '111122223333' }), {
    UserId: '111122223333',
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:root',
  });
  for (const principal of [ANN, chained(), testServicePrincipal('ecs.amazonaws.com')]) {
    assert.deepEqual(await sts.call('GetCallerIdentity', {}, { principal }), {
      UserId: principal.userId,
      Account: ACCOUNT,
      Arn: principal.arn,
    });
  }
  await sts.close();
});

test('GetAccessKeyInfo reads the account off a key, and knows older keys by IAM', async () => {
  const sts = openSts({ keys: ['AKIA2222222222222222'] });
  const ids = seededIds(1);
  for (const AccessKeyId of [
    accessKeyId('ASIA', ACCOUNT, ids),
    accessKeyId('AKIA', ACCOUNT, ids),
    'AKIA2222222222222222',
  ]) {
    assert.deepEqual(await sts.call('GetAccessKeyInfo', { AccessKeyId }), { Account: ACCOUNT });
  }
  const foreign = accessKeyId('AKIA', '111122223333', ids);
  for (const AccessKeyId of [foreign, 'AKIA3333333333333333', 'ABCDEFGHIJKLMNOPQ']) {
    const [code, message] = await refusal(sts.call('GetAccessKeyInfo', { AccessKeyId }));
    assert.equal(code, 'ValidationError');
    assert.equal(message, `Invalid Access Key: ${AccessKeyId}`);
  }
  assert.match((await refusal(sts.call('GetAccessKeyInfo', { AccessKeyId: 'AKIA-' })))[1], /at 'accessKeyId'/);
  await sts.close();
});

test('DecodeAuthorizationMessage opens what the gateway sealed, and nothing else', async () => {
  const sts = openSts();
  const DecodedMessage = JSON.stringify({ allowed: false, context: { action: 'x'.repeat(20_000) } });
  const EncodedMessage = sts.messages.seal(DecodedMessage);
  assert.deepEqual(await sts.call('DecodeAuthorizationMessage', { EncodedMessage }), { DecodedMessage });
  const stranger = new SealedBox(MASTER_KEY, 'session-token', seededIds(1)).seal('{}');
  for (const wrong of ['abc', `${EncodedMessage}AAAA`, stranger]) {
    const [code] = await refusal(sts.call('DecodeAuthorizationMessage', { EncodedMessage: wrong }));
    assert.equal(code, 'InvalidAuthorizationMessageException');
  }
  assert.match((await refusal(sts.call('DecodeAuthorizationMessage', { EncodedMessage: '' })))[1], /at least|greater/);
  await sts.close();
});
