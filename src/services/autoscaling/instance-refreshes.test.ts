import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGroups, type Groups } from './testing.ts';

const NAME = { AutoScalingGroupName: 'web' };
const version = (Version: string) => ({ LaunchTemplate: { LaunchTemplateName: 'web', Version } });

/** A group of version 1. */
async function openFirst(more: object = {}): Promise<Groups> {
  const groups = openGroups();
  await groups.create({ ...version('1'), ...more });
  await groups.settle();
  return groups;
}

const refresh = async (groups: Groups) => (await groups.call('DescribeInstanceRefreshes', NAME)).InstanceRefreshes?.[0];
const versions = async (groups: Groups) =>
  ((await groups.group())?.Instances ?? []).map(({ LaunchTemplate }) => LaunchTemplate?.Version);

/** Does `act` while the operation asks EC2 for the `count`th time which launch template is meant. */
function meanwhile(groups: Groups, count: number, act: () => Promise<unknown>): void {
  const { calls } = groups.ec2;
  const name = 'ec2:DescribeLaunchTemplateVersions';
  const describe = calls[name] ?? (() => ({}));
  let left = count;
  calls[name] = async (input, scope) => {
    if (--left === 0) await act();
    return describe(input, scope);
  };
}

test('while a refresh brings a configuration of its own, the group is given no other', async () => {
  const groups = await openFirst();
  await groups.call('StartInstanceRefresh', { ...NAME, DesiredConfiguration: version('2') });
  await assert.rejects(groups.call('UpdateAutoScalingGroup', { ...NAME, ...version('3') }), {
    code: 'ValidationError',
    message: /^An active instance refresh with a desired configuration exists\./,
  });
  await groups.call('UpdateAutoScalingGroup', { ...NAME, MaxSize: 7 });
  await groups.settle(400_000);
  assert.deepEqual([(await refresh(groups))?.Status, await versions(groups)], ['Successful', ['2']]);
  await groups.call('UpdateAutoScalingGroup', { ...NAME, ...version('3') });
  await groups.call('StartInstanceRefresh', NAME);
  await groups.call('UpdateAutoScalingGroup', { ...NAME, ...version('4') });
  assert.equal((await groups.group())?.LaunchTemplate?.Version, '4');
  await groups.close();
});

test('a rollback goes on where it is asked for twice', async () => {
  const groups = await openFirst({ DesiredCapacity: 4 });
  const preferences = { MinHealthyPercentage: 50, InstanceWarmup: 5 };
  await groups.call('StartInstanceRefresh', {
    ...NAME,
    DesiredConfiguration: version('2'),
    Preferences: preferences,
  });
  await groups.settle(8000);
  assert.ok((await versions(groups)).includes('2'));
  const { InstanceRefreshId: id } = await groups.call('RollbackInstanceRefresh', NAME);
  while ((await versions(groups)).includes('2')) await groups.settle(500);
  const before = await refresh(groups);
  assert.equal(before?.Status, 'RollbackInProgress');
  const launched = groups.ec2.instances.size;
  assert.equal((await groups.call('RollbackInstanceRefresh', NAME)).InstanceRefreshId, id);
  assert.deepEqual((await refresh(groups))?.RollbackDetails, before?.RollbackDetails);
  await groups.settle(60_000);
  assert.deepEqual([(await refresh(groups))?.Status, groups.ec2.instances.size], ['RollbackSuccessful', launched]);
  await groups.close();
});

test('no refresh begins for a group that went, or changed, meanwhile', async () => {
  const start = (groups: Groups) =>
    groups.call('StartInstanceRefresh', {
      ...NAME,
      DesiredConfiguration: version('2'),
      Preferences: { SkipMatching: true },
    });
  const none = { MinSize: 0, DesiredCapacity: 0 };
  const gone = await openFirst(none);
  meanwhile(gone, 2, () => gone.call('DeleteAutoScalingGroup', NAME));
  await assert.rejects(start(gone), { code: 'ValidationError', message: /not found/ });
  await gone.close();
  const anew = await openFirst(none);
  meanwhile(anew, 2, async () => {
    await anew.call('DeleteAutoScalingGroup', NAME);
    await anew.create({ ...version('1'), ...none });
  });
  await assert.rejects(start(anew), { code: 'ResourceContentionFault' });
  assert.equal(await refresh(anew), undefined);
  await anew.close();
  const pooled = await openFirst();
  // What the refresh brings was not checked for a pool.
  meanwhile(pooled, 2, () => pooled.call('PutWarmPool', NAME));
  await assert.rejects(start(pooled), { code: 'ResourceContentionFault' });
  assert.equal(await refresh(pooled), undefined);
  await pooled.close();
});
