import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openTestService, type TestService } from '../../api/testing.ts';
import { cloudwatch } from './index.ts';

let cw: TestService<'cloudwatch'>;
beforeEach(async () => {
  await cw?.close();
  cw = openTestService('cloudwatch', cloudwatch, { signalScalingPolicy: async () => {} });
  for (const AlarmName of ['busy', 'failing']) {
    await cw.call('PutMetricAlarm', {
      AlarmName,
      Namespace: 'App',
      MetricName: AlarmName,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  }
});
after(() => cw.close());

const ARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm';
const refused = (message: RegExp) => ({ code: 'ValidationException', message });
const compose = (AlarmName: string, AlarmRule: string) => cw.call('PutCompositeAlarm', { AlarmName, AlarmRule });

async function set(AlarmName: string, StateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'): Promise<void> {
  cw.clock.advance(1000);
  await cw.call('SetAlarmState', { AlarmName, StateValue, StateReason: 'a test' });
  await cw.reconcile();
}

async function seen(AlarmName: string) {
  const { CompositeAlarms = [], MetricAlarms } = await cw.call('DescribeAlarms', {
    AlarmNames: [AlarmName],
    AlarmTypes: ['CompositeAlarm'],
  });
  assert.deepEqual(MetricAlarms, []);
  return CompositeAlarms[0];
}
const state = async (name: string) => (await seen(name))?.StateValue;

test('a composite alarm follows its rule, and tells why in the words of AWS', async () => {
  await compose('site', `ALARM(busy) AND NOT OK("${ARN}:failing")`);
  const { StateValue, StateReason } = (await seen('site')) ?? {};
  assert.deepEqual([StateValue, StateReason], ['INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation']);
  await cw.reconcile();
  const first = await seen('site');
  assert.equal(first?.StateReason, `${ARN}:site was created and its alarm rule evaluates to OK`);
  assert.equal(JSON.parse(first.StateReasonData ?? '').triggeringAlarms.length, 2);
  await set('busy', 'ALARM');
  const second = await seen('site');
  assert.equal(second?.StateValue, 'ALARM');
  assert.match(
    second.StateReason ?? '',
    /^arn:aws:cloudwatch:us-east-1:123456789012:alarm:busy transitioned to ALARM at [A-Z][a-z]+day \d\d [A-Z][a-z]+, \d{4} \d\d:\d\d:\d\d UTC$/,
  );
  await set('failing', 'OK');
  assert.equal(await state('site'), 'OK');
  const { AlarmHistoryItems = [] } = await cw.call('DescribeAlarmHistory', {
    AlarmName: 'site',
    AlarmTypes: ['CompositeAlarm'],
  });
  assert.deepEqual(
    AlarmHistoryItems.map((item) => [item.AlarmType, item.HistorySummary]),
    [
      ['CompositeAlarm', 'Alarm updated from ALARM to OK'],
      ['CompositeAlarm', 'Alarm updated from OK to ALARM'],
      ['CompositeAlarm', 'Alarm updated from INSUFFICIENT_DATA to OK'],
      ['CompositeAlarm', 'Alarm "site" created'],
    ],
  );
});

test('composite alarms look at others, and one that looks at itself stands still', async () => {
  await compose('low', 'ALARM(busy)');
  await compose('high', 'ALARM(low) OR ALARM(failing)');
  await cw.reconcile();
  await set('busy', 'ALARM');
  assert.equal(await state('high'), 'ALARM');
  await compose('low', 'NOT ALARM(high)');
  await cw.reconcile();
  assert.deepEqual([await state('low'), await state('high')], ['ALARM', 'ALARM']);
  await compose('low', 'FALSE');
  await cw.reconcile();
  assert.deepEqual([await state('low'), await state('high')], ['OK', 'OK']);
  assert.equal((await seen('low'))?.StateReason, `${ARN}:low was updated and its alarm rule evaluates to OK`);
});

test('a state that was set stands until a child changes', async () => {
  await compose('site', 'ALARM(busy)');
  await cw.reconcile();
  await set('site', 'ALARM');
  await cw.reconcile();
  assert.equal(await state('site'), 'ALARM');
  await set('busy', 'OK');
  assert.equal(await state('site'), 'OK');
});

test('children and parents are named, and are not deleted before those that look at them', async () => {
  await compose('low', 'ALARM(busy) OR ALARM(failing)');
  await compose('high', 'ALARM(low)');
  const children = await cw.call('DescribeAlarms', { ChildrenOfAlarmName: 'low' });
  assert.deepEqual(
    children.MetricAlarms?.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]),
    [
      ['busy', 'INSUFFICIENT_DATA'],
      ['failing', 'INSUFFICIENT_DATA'],
    ],
  );
  const parents = await cw.call('DescribeAlarms', { ParentsOfAlarmName: 'low' });
  assert.deepEqual(parents.CompositeAlarms, [{ AlarmName: 'high', AlarmArn: `${ARN}:high` }]);
  const remove = (...AlarmNames: string[]) => cw.call('DeleteAlarms', { AlarmNames });
  await assert.rejects(
    remove('busy', 'failing'),
    refused(/^Cannot delete busy,failing as there are composite alarm\(s\) depending on them\.$/),
  );
  await assert.rejects(remove('low'), refused(/^Cannot delete low as .* depending on it\.$/));
  await assert.rejects(remove('low', 'high'), refused(/Only one composite alarm/));
  await remove('high');
  await remove('low');
  await remove('busy', 'failing');
  assert.deepEqual(
    (await cw.call('DescribeAlarms', { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] })).CompositeAlarms,
    [],
  );
});

test('what cannot be is refused by name', async () => {
  await assert.rejects(
    compose('site', 'ALARM(none) OR OK(nobody)'),
    refused(/^Could not save the composite alarm as alarms none, nobody in the alarm rule do not exist$/),
  );
  await assert.rejects(compose('site', 'ALARM(busy) AND'), refused(/cannot be read: it ends too early/));
  await assert.rejects(compose('busy', 'TRUE'), refused(/metric alarm with the name busy/));
  await assert.rejects(
    compose('site', 'ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:busy)'),
    refused(/another region or account .* is not supported/),
  );
  const suppressed = { AlarmName: 'site', AlarmRule: 'TRUE', ActionsSuppressor: 'busy' };
  await assert.rejects(cw.call('PutCompositeAlarm', suppressed), refused(/^ActionsSuppressor is not supported/));
  const acting = { AlarmName: 'site', AlarmRule: 'TRUE', AlarmActions: ['arn:aws:sns:us-east-1:123456789012:topic'] };
  await assert.rejects(
    cw.call('PutCompositeAlarm', acting),
    refused(/The alarm action arn:aws:sns.* is not supported/),
  );
});

test('tags, and whether it acts', async () => {
  await cw.call('PutCompositeAlarm', { AlarmName: 'site', AlarmRule: 'FALSE', Tags: [{ Key: 'team', Value: 'web' }] });
  await cw.call('TagResource', { ResourceARN: `${ARN}:site`, Tags: [{ Key: 'tier', Value: '1' }] });
  const { Tags } = await cw.call('ListTagsForResource', { ResourceARN: `${ARN}:site` });
  assert.deepEqual(Tags, [
    { Key: 'team', Value: 'web' },
    { Key: 'tier', Value: '1' },
  ]);
  await cw.call('DisableAlarmActions', { AlarmNames: ['site'] });
  assert.equal((await seen('site'))?.ActionsEnabled, false);
  assert.deepEqual((await cw.call('DescribeAlarms', {})).CompositeAlarms, [], 'only when they are asked for');
});
