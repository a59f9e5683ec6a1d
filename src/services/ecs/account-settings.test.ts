import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../api/context.ts';
import { SETTING_NAMES } from './domain/account-settings.ts';
import { openTestEcs } from './testing.ts';

const ROOT = 'arn:aws:iam::123456789012:root';
const ANNA_ARN = 'arn:aws:iam::123456789012:user/anna';
const ANNA: Principal = { kind: 'user', account: '123456789012', arn: ANNA_ARN, userId: 'AIDA', userName: 'anna' };

test('every setting has a value that holds, and only what was put is listed otherwise', async () => {
  const ecs = openTestEcs();
  assert.deepEqual((await ecs.call('ListAccountSettings', {})).settings, []);
  const { settings = [] } = await ecs.call('ListAccountSettings', { effectiveSettings: true });
  assert.deepEqual(
    settings.map((one) => one.name),
    SETTING_NAMES,
  );
  const valueOf = (name: string) => settings.find((one) => one.name === name)?.value;
  assert.deepEqual(
    ['taskLongArnFormat', 'containerInsights', 'defaultLogDriverMode', 'tagResourceAuthorization'].map(valueOf),
    ['enabled', 'disabled', 'non-blocking', 'on'],
  );
  assert.ok(settings.every((one) => one.principalArn === ROOT));
  await ecs.close();
});

test('one’s own setting wins over the account’s, and deleting it brings that back', async () => {
  const ecs = openTestEcs();
  const as = { principal: ANNA };
  const name = 'containerInsights';
  const effective = async () =>
    (await ecs.call('ListAccountSettings', { name, effectiveSettings: true }, as)).settings?.[0]?.value;
  const put = await ecs.call('PutAccountSettingDefault', { name, value: 'enabled' });
  assert.deepEqual(put.setting, { name, value: 'enabled', principalArn: ROOT, type: 'user' });
  assert.equal(await effective(), 'enabled');
  const own = await ecs.call('PutAccountSetting', { name, value: 'enhanced' }, as);
  assert.deepEqual(own.setting, { name, value: 'enhanced', principalArn: ANNA_ARN, type: 'user' });
  assert.equal(await effective(), 'enhanced');
  assert.deepEqual((await ecs.call('ListAccountSettings', { name, value: 'enabled' }, as)).settings, []);
  const { cluster } = await ecs.call('CreateCluster', {});
  assert.deepEqual(cluster?.settings, [{ name, value: 'enabled' }]);
  assert.equal((await ecs.call('DeleteAccountSetting', { name }, as)).setting?.value, 'enabled');
  assert.equal(await effective(), 'enabled');
  await ecs.close();
});

test('root puts for others; others only for themselves; what is no setting is refused', async () => {
  const ecs = openTestEcs();
  const name = 'defaultLogDriverMode';
  await ecs.call('PutAccountSetting', { name, value: 'blocking', principalArn: ANNA_ARN });
  const { settings } = await ecs.call('ListAccountSettings', { name }, { principal: ANNA });
  assert.deepEqual(settings, [{ name, value: 'blocking', principalArn: ANNA_ARN, type: 'user' }]);
  await assert.rejects(ecs.call('ListAccountSettings', { principalArn: ROOT }, { principal: ANNA }), {
    code: 'ClientException',
  });
  const refused = (input: object, message: RegExp) =>
    assert.rejects(ecs.call('PutAccountSetting', { name: 'containerInsights', value: 'enabled', ...input }), {
      code: 'InvalidParameterException',
      message,
    });
  await refused({ name: 'nothing' }, /Invalid setting name: nothing/);
  await refused({ value: 'maybe' }, /Invalid value for account setting containerInsights: maybe/);
  await refused({ name: 'taskLongArnFormat', value: 'disabled' }, /does not support taskLongArnFormat disabled/);
  await refused({ name: 'guardDutyActivate', value: 'on' }, /read-only/);
  await assert.rejects(ecs.call('ListAccountSettings', { value: 'enabled' }), { code: 'InvalidParameterException' });
  await ecs.close();
});
