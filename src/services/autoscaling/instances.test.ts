import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEST_SCOPE } from '../../api/testing.ts';
import { TerminateInstanceInAutoScalingGroup } from './operations/instances.ts';
import { openGroups, type Groups } from './testing.ts';

const NAME = { AutoScalingGroupName: 'web' };
const KEEPS = { ShouldDecrementDesiredCapacity: false };

async function instancesOf(groups: Groups, name: string) {
  const { AutoScalingGroups: [found] = [] } = await groups.call('DescribeAutoScalingGroups', {
    AutoScalingGroupNames: [name],
  });
  return found?.Instances ?? [];
}
const idsOf = async (groups: Groups, name: string) =>
  (await instancesOf(groups, name)).map(({ InstanceId = '' }) => InstanceId);

test('who may end the instances of one group ends none of another', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 2 });
  await groups.create({ AutoScalingGroupName: 'prod', DesiredCapacity: 2 });
  await groups.settle();
  const [[own = '', other = ''], prod] = [await idsOf(groups, 'web'), await idsOf(groups, 'prod')];
  const terminate = (input: object) => groups.call('TerminateInstanceInAutoScalingGroup', { ...KEEPS, ...input });
  const refused = (message: RegExp) => ({ code: 'ValidationError', message });
  await assert.rejects(terminate({ ...NAME, InstanceIds: prod }), refused(/not part of Auto Scaling group web/));
  await assert.rejects(terminate({ ...NAME, InstanceIds: [own, ...prod] }), refused(/not part of/));
  await assert.rejects(terminate({ ...NAME, InstanceId: prod[0] }), refused(/not part of Auto Scaling group web/));
  await assert.rejects(
    terminate({ ...NAME, InstanceId: own, InstanceIds: prod }),
    refused(/InstanceId and InstanceIds/),
  );
  await assert.rejects(terminate({ InstanceIds: [own] }), refused(/AutoScalingGroupName must be specified/));
  assert.deepEqual(
    [...(await instancesOf(groups, 'web')), ...(await instancesOf(groups, 'prod'))].map((one) => one.LifecycleState),
    ['InService', 'InService', 'InService', 'InService'],
  );
  const input = { ...NAME, ...KEEPS, InstanceIds: prod };
  const { resources } = TerminateInstanceInAutoScalingGroup;
  const asked = await groups.store.read(async (tx) => resources(input, TEST_SCOPE, tx));
  assert.match(asked.join(), /:autoScalingGroupName\/web$/);
  const { Activities = [] } = await terminate({ ...NAME, InstanceIds: [own, other, own] });
  assert.deepEqual(
    Activities.map(({ Description }) => Description),
    [own, other].map((id) => `Terminating EC2 instance: ${id}`),
  );
  await groups.close();
});

test('an instance that is named twice is meant once', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 2 });
  await groups.settle();
  const [id = ''] = await idsOf(groups, 'web');
  const twice = { ...NAME, InstanceIds: [id, id] };
  await groups.call('SetInstanceProtection', { ...twice, ProtectedFromScaleIn: true });
  const { Activities } = await groups.call('EnterStandby', { ...twice, ShouldDecrementDesiredCapacity: true });
  assert.deepEqual([Activities?.length, (await groups.group())?.DesiredCapacity], [1, 1]);
  await groups.close();
});
