import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../api/context.ts';
import { SETTING_NAMES } from './domain/account-settings.ts';
import { NETWORK, RUN, SITE, must, openTestEcs, openTestSite } from './testing.ts';

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
  const { cluster: hers } = await ecs.call('CreateCluster', { clusterName: 'hers' }, as);
  assert.deepEqual(hers?.settings, [{ name, value: 'enhanced' }]);
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

test('the log driver’s mode of a task is the setting of whoever launches it, at that time', async () => {
  const ecs = await openTestSite();
  const awslogs = (options: object = {}) => ({
    logDriver: 'awslogs' as const,
    options: { 'awslogs-group': 'g', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'ecs', ...options },
  });
  const [image] = must(SITE.containerDefinitions);
  const containerDefinitions = [
    { ...image, logConfiguration: awslogs() },
    { name: 'kept', image: 'busybox', logConfiguration: awslogs({ mode: 'non-blocking' }) },
  ];
  await ecs.call('RegisterTaskDefinition', { ...SITE, executionRoleArn: 'pull', containerDefinitions });
  const modesOf = async (taskArn: string | undefined) => {
    await ecs.reconcile();
    return ecs.executor.specs.get(must(taskArn))?.containers.map(({ logs }) => logs?.mode?.kind);
  };
  const run = async (principal?: Principal) =>
    (await ecs.call('RunTask', RUN, principal && { principal })).tasks?.[0]?.taskArn;
  const put = (value: string) => ecs.call('PutAccountSettingDefault', { name: 'defaultLogDriverMode', value });
  const before = await run();
  assert.deepEqual(await modesOf(before), ['non-blocking', 'non-blocking']);
  await put('blocking');
  assert.deepEqual(await modesOf(await run()), ['blocking', 'non-blocking']);
  await ecs.report(must(before), 'RUNNING');
  await ecs.call('StopTask', { task: must(before) });
  assert.deepEqual(await modesOf(before), ['non-blocking', 'non-blocking'], 'it was launched before');
  const wish = { serviceName: 'web', taskDefinition: 'site', desiredCount: 1, launchType: 'FARGATE' as const };
  await ecs.call('CreateService', { ...wish, networkConfiguration: NETWORK });
  await ecs.reconcile();
  const [ofService] = must((await ecs.call('ListTasks', { serviceName: 'web' })).taskArns);
  assert.deepEqual(await modesOf(ofService), ['blocking', 'non-blocking']);
  await ecs.call('PutAccountSetting', { name: 'defaultLogDriverMode', value: 'non-blocking' }, { principal: ANNA });
  assert.deepEqual(await modesOf(await run(ANNA)), ['non-blocking', 'non-blocking']);
  await ecs.close();
});
