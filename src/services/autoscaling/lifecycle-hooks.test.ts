import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGroups, type Groups } from './testing.ts';

const NAME = { AutoScalingGroupName: 'web' };
const HOOK = { ...NAME, LifecycleHookName: 'ready' };

async function openHooked(transition: 'LAUNCHING' | 'TERMINATING'): Promise<Groups> {
  const groups = openGroups();
  const hook = { LifecycleHookName: 'ready', LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}` };
  await groups.create({ LifecycleHookSpecificationList: [hook] });
  await groups.settle();
  return groups;
}

const instances = async (groups: Groups) =>
  ((await groups.group())?.Instances ?? []).map(({ InstanceId, LifecycleState }) => [InstanceId, LifecycleState]);

test('with a hook of a launch its instances go, and others come', async () => {
  const groups = await openHooked('LAUNCHING');
  assert.deepEqual(await instances(groups), [['i-0001', 'Pending:Wait']]);
  await groups.call('DeleteLifecycleHook', HOOK);
  await groups.settle();
  assert.deepEqual(await instances(groups), [['i-0002', 'InService']]);
  assert.ok((await groups.activities()).some((one) => /was abandoned/.test(one.StatusMessage ?? '')));
  await groups.close();
});

test('with a hook of a termination its instances go on; those that wait for another hook wait', async () => {
  const groups = await openHooked('TERMINATING');
  const other = { ...NAME, LifecycleHookName: 'other' };
  await groups.call('PutLifecycleHook', { ...other, LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' });
  await groups.call('UpdateAutoScalingGroup', { ...NAME, MinSize: 0, DesiredCapacity: 0 });
  await groups.settle();
  await groups.call('DeleteLifecycleHook', HOOK);
  await groups.settle();
  assert.deepEqual(await instances(groups), [['i-0001', 'Terminating:Wait']]);
  await groups.call('DeleteLifecycleHook', other);
  await groups.settle();
  assert.deepEqual([await instances(groups), groups.ec2.running.length], [[], 0]);
  await groups.close();
});

test('with a hook that changed its transition, instances end their wait by what they wait in', async () => {
  const transition = (name: string) => ({ LifecycleTransition: `autoscaling:EC2_INSTANCE_${name}` });
  const other = { ...NAME, LifecycleHookName: 'other' };
  const groups = await openHooked('LAUNCHING');
  await groups.call('PutLifecycleHook', { ...HOOK, ...transition('TERMINATING') });
  await groups.call('DeleteLifecycleHook', HOOK);
  await groups.settle();
  assert.deepEqual(await instances(groups), [['i-0002', 'InService']]);
  for (const hook of [HOOK, other]) await groups.call('PutLifecycleHook', { ...hook, ...transition('TERMINATING') });
  await groups.call('UpdateAutoScalingGroup', { ...NAME, MinSize: 0, DesiredCapacity: 0 });
  await groups.settle();
  await groups.call('PutLifecycleHook', { ...HOOK, ...transition('LAUNCHING') });
  await groups.call('DeleteLifecycleHook', HOOK);
  await groups.settle();
  assert.deepEqual(await instances(groups), [['i-0002', 'Terminating:Wait']], 'the other hook is waited for still');
  await groups.call('DeleteLifecycleHook', other);
  await groups.settle();
  assert.deepEqual(await instances(groups), []);
  await groups.close();
});
