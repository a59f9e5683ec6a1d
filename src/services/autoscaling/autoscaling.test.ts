import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { openGroups, TARGETS, type Groups } from './testing.ts';

const idsOf = async (groups: Groups) =>
  ((await groups.group())?.Instances ?? []).map(({ InstanceId = '' }) => InstanceId);
const statesOf = async (groups: Groups) => ((await groups.group())?.Instances ?? []).map((one) => one.LifecycleState);
const refusedWith = (code: string, message?: RegExp) => (error: unknown) =>
  error instanceof ServiceError && error.code === code && (message === undefined || message.test(error.message));

test('a group grows to its desired capacity, even over the zones, and shrinks again', async () => {
  const groups = openGroups();
  await groups.create({ Tags: [{ Key: 'team', Value: 'web', PropagateAtLaunch: true }] });
  await groups.settle();
  assert.deepEqual(await statesOf(groups), ['InService']);
  assert.deepEqual(groups.ec2.requests[0]?.TagSpecifications?.[0]?.Tags, [
    { Key: 'aws:autoscaling:groupName', Value: 'web' },
    { Key: 'team', Value: 'web' },
  ]);
  await groups.call('SetDesiredCapacity', { AutoScalingGroupName: 'web', DesiredCapacity: 6 });
  await groups.settle();
  const zones = ((await groups.group())?.Instances ?? []).map((one) => one.AvailabilityZone);
  assert.deepEqual(
    zones.toSorted((a = '', b = '') => a.localeCompare(b)),
    ['a', 'a', 'b', 'b', 'c', 'c'].map((one) => `us-east-1${one}`),
  );
  await groups.call('UpdateAutoScalingGroup', { AutoScalingGroupName: 'web', MaxSize: 1 });
  await groups.settle();
  assert.equal(groups.ec2.running.length, 1);
  const [last] = await groups.activities();
  assert.match(last?.Description ?? '', /^Terminating EC2 instance: i-\d+$/);
  assert.match(
    last?.Cause ?? '',
    /^At 2026-01-01T00:00:\d\dZ a user request update of AutoScalingGroup constraints to min: 1, max: 1, desired: 1 changing the desired capacity from 6 to 1\. {2}At \S+Z an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 6 to 1\. {2}At \S+Z instance i-\d+ was selected for termination\.$/,
  );
  assert.equal(last?.StatusCode, 'Successful');
  const first = (await groups.activities()).at(-1);
  assert.equal(first?.Description, 'Launching a new EC2 instance: i-0001');
  assert.match(
    first?.Cause ?? '',
    /a user request created an AutoScalingGroup changing the desired capacity from 0 to 1\./,
  );
  await groups.close();
});

test('an instance that ended is replaced, and the activities say why', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 2 });
  await groups.settle();
  const [gone = ''] = await idsOf(groups);
  groups.ec2.end(gone);
  await groups.settle();
  assert.equal((await idsOf(groups)).includes(gone), false);
  assert.deepEqual(await statesOf(groups), ['InService', 'InService']);
  const causes = (await groups.activities()).map(({ Cause }) => Cause ?? '');
  assert.ok(
    causes.some((one) => /in response to an EC2 health check indicating it has been terminated or stopped/.test(one)),
  );
  assert.ok(causes.some((one) => /was launched in response to an unhealthy instance needing to be replaced/.test(one)));
  await groups.close();
});

test('a launch that the server did not live to note is not made twice', async () => {
  const groups = openGroups();
  let crashes = 2;
  groups.ec2.onRun = () => {
    if (crashes-- > 0) throw new Error('killed');
  };
  await groups.create();
  await groups.settle(6000);
  assert.equal(groups.ec2.instances.size, 1);
  assert.deepEqual(await statesOf(groups), ['InService']);
  await groups.close();
});

test('a refused launch is an activity that failed, and is tried again later', async () => {
  const groups = openGroups();
  groups.ec2.refusal = new ServiceError('InsufficientInstanceCapacity', 'There is no room.', { httpStatus: 500 });
  await groups.create();
  await groups.settle();
  const failed = (await groups.activities()).find(({ StatusCode }) => StatusCode === 'Failed');
  assert.equal(failed?.StatusMessage, 'There is no room. Launching EC2 instance failed.');
  groups.ec2.refusal = undefined;
  await groups.settle(30_000);
  assert.deepEqual(await statesOf(groups), ['InService']);
  await groups.close();
});

test('protected instances are not chosen, and Terminate and Launch can be suspended', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 3 });
  await groups.settle();
  const [kept = ''] = await idsOf(groups);
  const name = { AutoScalingGroupName: 'web' };
  await groups.call('SetInstanceProtection', { ...name, InstanceIds: [kept], ProtectedFromScaleIn: true });
  await groups.call('SuspendProcesses', { ...name, ScalingProcesses: ['Terminate'] });
  await groups.call('SetDesiredCapacity', { ...name, DesiredCapacity: 1 });
  await groups.settle();
  assert.equal((await idsOf(groups)).length, 3);
  await groups.call('ResumeProcesses', name);
  await groups.settle();
  assert.deepEqual(await idsOf(groups), [kept]);
  await groups.call('SuspendProcesses', { ...name, ScalingProcesses: ['Launch'] });
  await groups.call('SetDesiredCapacity', { ...name, DesiredCapacity: 2 });
  await groups.settle();
  assert.deepEqual(await idsOf(groups), [kept]);
  await groups.close();
});

test('lifecycle hooks hold an instance until they are completed, and ABANDON replaces it', async () => {
  const groups = openGroups();
  const hook = { AutoScalingGroupName: 'web', LifecycleHookName: 'ready' };
  await groups.create({
    LifecycleHookSpecificationList: [
      { LifecycleHookName: 'ready', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: 60 },
    ],
  });
  await groups.settle();
  assert.deepEqual(await statesOf(groups), ['Pending:Wait']);
  assert.equal((await groups.activities())[0]?.StatusCode, 'MidLifecycleAction');
  const [first = ''] = await idsOf(groups);
  await groups.call('CompleteLifecycleAction', { ...hook, InstanceId: first, LifecycleActionResult: 'ABANDON' });
  await groups.settle();
  const [second = ''] = await idsOf(groups);
  assert.notEqual(second, first);
  await groups.call('RecordLifecycleActionHeartbeat', { ...hook, InstanceId: second });
  await groups.call('CompleteLifecycleAction', { ...hook, InstanceId: second, LifecycleActionResult: 'CONTINUE' });
  await groups.settle();
  assert.deepEqual(await statesOf(groups), ['InService']);
  await groups.call('PutLifecycleHook', {
    AutoScalingGroupName: 'web',
    LifecycleHookName: 'drain',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    HeartbeatTimeout: 30,
    DefaultResult: 'CONTINUE',
  });
  await groups.call('UpdateAutoScalingGroup', { AutoScalingGroupName: 'web', MinSize: 0, DesiredCapacity: 0 });
  await groups.settle();
  assert.deepEqual(await statesOf(groups), ['Terminating:Wait']);
  // Nobody answers: the timeout does.
  await groups.settle(31_000);
  assert.equal(groups.ec2.running.length, 0);
  await assert.rejects(
    groups.call('PutLifecycleHook', { ...hook, NotificationTargetARN: 'arn:aws:sqs:us-east-1:123456789012:q' }),
    refusedWith('ValidationError', /SNS and SQS/),
  );
  await assert.rejects(
    groups.call('PutLifecycleHook', { ...hook, LifecycleTransition: 'constructor' }),
    refusedWith('ValidationError', /must contain a LifecycleTransition/),
  );
  await groups.close();
});

test('instances are registered in target groups, drained before they end, and replaced when they are unhealthy there', async () => {
  const groups = openGroups();
  await groups.create({ TargetGroupARNs: [TARGETS], HealthCheckType: 'ELB', HealthCheckGracePeriod: 10 });
  await groups.settle();
  const [first = ''] = await idsOf(groups);
  assert.equal(groups.ec2.targets.get(first), 'healthy');
  groups.ec2.targets.set(first, 'unhealthy');
  await groups.settle(12_000);
  assert.equal(groups.ec2.targets.get(first), 'draining');
  assert.equal(groups.ec2.instances.get(first)?.State?.Name, 'running');
  assert.ok((await groups.activities()).some((one) => one.StatusCode === 'WaitingForELBConnectionDraining'));
  groups.ec2.targets.delete(first);
  await groups.settle();
  assert.equal(groups.ec2.instances.get(first)?.State?.Name, 'terminated');
  assert.deepEqual(await statesOf(groups), ['InService']);
  await groups.close();
});

test('standby, detaching and attaching', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 2 });
  await groups.settle();
  const name = { AutoScalingGroupName: 'web' };
  const [one = '', two = ''] = await idsOf(groups);
  await groups.call('EnterStandby', { ...name, InstanceIds: [one], ShouldDecrementDesiredCapacity: true });
  await groups.settle();
  assert.deepEqual(new Set(await statesOf(groups)), new Set(['InService', 'Standby']));
  await groups.call('ExitStandby', { ...name, InstanceIds: [one] });
  await groups.settle();
  assert.deepEqual(await statesOf(groups), ['InService', 'InService']);
  await groups.call('DetachInstances', { ...name, InstanceIds: [two], ShouldDecrementDesiredCapacity: true });
  await groups.settle();
  assert.deepEqual(await idsOf(groups), [one]);
  assert.equal(groups.ec2.instances.get(two)?.State?.Name, 'running');
  await groups.call('AttachInstances', { ...name, InstanceIds: [two] });
  await groups.settle();
  assert.deepEqual((await idsOf(groups)).toSorted(), [one, two].toSorted());
  assert.equal((await groups.group())?.DesiredCapacity, 2);
  await groups.close();
});

test('an instance refresh replaces all, one after another', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 3 });
  await groups.settle();
  groups.ec2.latestVersion = 2;
  const before = await idsOf(groups);
  const { InstanceRefreshId: id = '' } = await groups.call('StartInstanceRefresh', { AutoScalingGroupName: 'web' });
  await assert.rejects(
    groups.call('StartInstanceRefresh', { AutoScalingGroupName: 'web' }),
    refusedWith('InstanceRefreshInProgressFault'),
  );
  await groups.settle(10_000);
  assert.ok(groups.ec2.fewest >= 2);
  const { InstanceRefreshes: [refresh] = [] } = await groups.call('DescribeInstanceRefreshes', {
    AutoScalingGroupName: 'web',
    InstanceRefreshIds: [id],
  });
  assert.deepEqual([refresh?.Status, refresh?.PercentageComplete], ['Successful', 100]);
  const after = (await groups.group())?.Instances ?? [];
  assert.deepEqual(
    after.map(({ LaunchTemplate }) => LaunchTemplate?.Version),
    ['2', '2', '2'],
  );
  assert.equal(
    after.some(({ InstanceId = '' }) => before.includes(InstanceId)),
    false,
  );
  // All match now: nothing is left to do.
  await groups.call('StartInstanceRefresh', { AutoScalingGroupName: 'web', Preferences: { SkipMatching: true } });
  await groups.settle();
  assert.deepEqual(
    (await groups.group())?.Instances?.map(({ InstanceId }) => InstanceId),
    after.map(({ InstanceId }) => InstanceId),
  );
  await groups.close();
});

test('with all to be kept, one more comes first; a rollback goes back', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 2, LaunchTemplate: { LaunchTemplateName: 'web', Version: '1' } });
  await groups.settle();
  await groups.call('StartInstanceRefresh', {
    AutoScalingGroupName: 'web',
    DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName: 'web', Version: '2' } },
    Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 5 },
  });
  await groups.settle(7000);
  assert.ok((await statesOf(groups)).filter((state) => state === 'InService').length >= 2);
  await groups.call('RollbackInstanceRefresh', { AutoScalingGroupName: 'web' });
  await groups.settle(60_000);
  const versions = ((await groups.group())?.Instances ?? []).map(({ LaunchTemplate }) => LaunchTemplate?.Version);
  assert.deepEqual(versions, ['1', '1']);
  const { InstanceRefreshes: [refresh] = [] } = await groups.call('DescribeInstanceRefreshes', {
    AutoScalingGroupName: 'web',
  });
  assert.equal(refresh?.Status, 'RollbackSuccessful');
  await groups.close();
});

test('a group goes once it is empty; by force its instances go with it', async () => {
  const groups = openGroups();
  await groups.create();
  await groups.settle();
  const name = { AutoScalingGroupName: 'web' };
  await assert.rejects(groups.call('DeleteAutoScalingGroup', name), refusedWith('ResourceInUseFault'));
  await groups.call('DeleteAutoScalingGroup', { ...name, ForceDelete: true });
  assert.equal((await groups.group())?.Status, 'Delete in progress');
  await groups.settle();
  assert.equal(await groups.group(), undefined);
  assert.equal(groups.ec2.running.length, 0);
  await assert.rejects(
    groups.call('DescribeScalingActivities', name),
    refusedWith('ValidationError', /AutoScalingGroup name not found/),
  );
  await groups.close();
});

test('a refresh waits at its checkpoint, and for protected instances; it can be cancelled', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 4 });
  await groups.settle();
  const name = { AutoScalingGroupName: 'web' };
  const [kept = ''] = await idsOf(groups);
  const refresh = async () => (await groups.call('DescribeInstanceRefreshes', name)).InstanceRefreshes?.[0];
  await groups.call('StartInstanceRefresh', {
    ...name,
    Preferences: { MinHealthyPercentage: 50, CheckpointPercentages: [50], CheckpointDelay: 60 },
  });
  await groups.settle(10_000);
  assert.deepEqual([(await refresh())?.PercentageComplete, (await refresh())?.InstancesToUpdate], [50, 2]);
  await groups.settle(70_000);
  assert.equal((await refresh())?.Status, 'Successful');
  const [again = kept] = await idsOf(groups);
  await groups.call('SetInstanceProtection', { ...name, InstanceIds: [again], ProtectedFromScaleIn: true });
  await groups.call('StartInstanceRefresh', name);
  await groups.settle(20_000);
  assert.deepEqual([(await refresh())?.Status, (await refresh())?.InstancesToUpdate], ['InProgress', 1]);
  await groups.call('CancelInstanceRefresh', name);
  await groups.settle();
  assert.equal((await refresh())?.Status, 'Cancelled');
  assert.ok((await idsOf(groups)).includes(again));
  await groups.close();
});
