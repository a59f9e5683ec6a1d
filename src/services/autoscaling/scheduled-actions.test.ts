import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGroups } from './testing.ts';

const NAME = { AutoScalingGroupName: 'web' };
const HOUR_MS = 3_600_000;

test('what was due while scheduled actions were suspended is not done afterwards', async () => {
  const groups = openGroups();
  await groups.create();
  await groups.call('PutScheduledUpdateGroupAction', {
    ...NAME,
    ScheduledActionName: 'once',
    StartTime: new Date(groups.clock.now() + 60_000),
    DesiredCapacity: 5,
  });
  await groups.call('PutScheduledUpdateGroupAction', {
    ...NAME,
    ScheduledActionName: 'hourly',
    Recurrence: '30 * * * *',
    DesiredCapacity: 3,
  });
  const scheduled = { ...NAME, ScalingProcesses: ['ScheduledActions'] };
  await groups.call('SuspendProcesses', scheduled);
  groups.clock.advance(2 * HOUR_MS);
  await groups.settle();
  await groups.call('ResumeProcesses', { ...NAME, ScalingProcesses: ['Launch'] });
  await groups.call('ResumeProcesses', scheduled);
  await groups.settle();
  assert.equal((await groups.group())?.DesiredCapacity, 1);
  const { ScheduledUpdateGroupActions: left = [] } = await groups.call('DescribeScheduledActions', NAME);
  assert.deepEqual(
    left.map(({ ScheduledActionName }) => ScheduledActionName),
    ['hourly'],
  );
  groups.clock.advance(HOUR_MS / 2);
  await groups.settle();
  assert.equal((await groups.group())?.DesiredCapacity, 3, 'its next time has come');
  await groups.close();
});
