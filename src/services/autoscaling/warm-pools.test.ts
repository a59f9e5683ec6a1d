import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { openGroups, TARGETS, type Groups } from './testing.ts';

const NAME = { AutoScalingGroupName: 'web' };
const SPOT_VERSION = {
  LaunchTemplateId: 'lt-1',
  LaunchTemplateName: 'web',
  VersionNumber: 2,
  LaunchTemplateData: { InstanceMarketOptions: { MarketType: 'spot' } },
};

/** A group of 1 to 4 instances with a warm pool. */
async function openPool(pool: object = {}, group: object = {}): Promise<Groups> {
  const groups = openGroups();
  await groups.create({ MaxSize: 4, ...group });
  await groups.call('PutWarmPool', { ...NAME, ...pool });
  await groups.settle();
  return groups;
}

/** How many there are in each state. */
async function states(groups: Groups): Promise<Record<string, number>> {
  const { AutoScalingInstances = [] } = await groups.call('DescribeAutoScalingInstances', {});
  const counts: Record<string, number> = {};
  for (const { LifecycleState: state = '' } of AutoScalingInstances) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

const scale = (groups: Groups, DesiredCapacity: number) =>
  groups.call('SetDesiredCapacity', { ...NAME, DesiredCapacity });

const failure = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof ServiceError && error.code === code && message.test(error.message);

test('a warm pool fills up with stopped instances, and a group that grows takes them', async () => {
  const groups = await openPool();
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Stopped': 3 });
  const group = await groups.group();
  assert.equal(group?.WarmPoolSize, 3);
  assert.equal(group?.Instances?.length, 1);
  const { Instances = [], WarmPoolConfiguration } = await groups.call('DescribeWarmPool', NAME);
  assert.deepEqual(WarmPoolConfiguration, { MinSize: 0, PoolState: 'Stopped' });
  assert.equal(groups.ec2.running.length, 1);
  await scale(groups, 3);
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 3, 'Warmed:Stopped': 1 });
  assert.equal(groups.ec2.instances.size, 4, 'none was launched');
  const drawn = (await groups.activities()).filter(({ Description }) => Description?.includes('from warm pool'));
  assert.equal(drawn.length, 2);
  assert.ok(Instances.some(({ InstanceId }) => drawn[0]?.Description?.endsWith(InstanceId ?? '?')));
  assert.ok(drawn.every((one) => one.StatusCode === 'Successful' && /from 1 to 3/.test(one.Cause ?? '')));
  await groups.close();
});

test('with a MinSize what was taken is replaced, and a larger pool than wanted shrinks', async () => {
  const groups = await openPool({ MinSize: 2, MaxGroupPreparedCapacity: 3 });
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Stopped': 2 });
  await scale(groups, 3);
  await groups.settle(5000);
  assert.deepEqual(await states(groups), { InService: 3, 'Warmed:Stopped': 2 });
  await groups.call('PutWarmPool', { ...NAME, MinSize: 0 });
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 3 });
  await groups.call('PutWarmPool', { ...NAME, MaxGroupPreparedCapacity: -1, PoolState: 'Running' });
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 3, 'Warmed:Running': 1 });
  await groups.close();
});

test('hooks hold an instance before it is stopped, and again before it is in service', async () => {
  const hook = { LifecycleHookName: 'ready', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' };
  const groups = await openPool({ MinSize: 1, MaxGroupPreparedCapacity: 1 }, { MinSize: 0, MaxSize: 1 });
  const { Instances: [first] = [] } = await groups.call('DescribeWarmPool', NAME);
  const id = first?.InstanceId ?? '';
  await groups.call('PutLifecycleHook', { ...NAME, ...hook });
  groups.ec2.end(id);
  await groups.settle();
  assert.deepEqual(await states(groups), { 'Warmed:Pending:Wait': 1 }, 'one that ended is replaced');
  const { Instances: [next] = [] } = await groups.call('DescribeWarmPool', NAME);
  const action = { ...NAME, LifecycleHookName: 'ready', InstanceId: next?.InstanceId ?? '' };
  await groups.call('CompleteLifecycleAction', { ...action, LifecycleActionResult: 'CONTINUE' });
  await groups.settle();
  assert.deepEqual(await states(groups), { 'Warmed:Stopped': 1 });
  await scale(groups, 1);
  await groups.settle();
  assert.deepEqual(await states(groups), { 'Pending:Wait': 1, 'Warmed:Pending:Wait': 1 });
  await groups.call('CompleteLifecycleAction', { ...action, LifecycleActionResult: 'CONTINUE' });
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Pending:Wait': 1 });
  await groups.close();
});

test('by the reuse policy instances return when the group shrinks, after their targets and hooks', async () => {
  const groups = await openPool(
    { InstanceReusePolicy: { ReuseOnScaleIn: true } },
    { DesiredCapacity: 2, MaxSize: 2, TargetGroupARNs: [TARGETS] },
  );
  await groups.call('PutLifecycleHook', {
    ...NAME,
    LifecycleHookName: 'leave',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  });
  assert.deepEqual(await states(groups), { InService: 2 });
  await scale(groups, 1);
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Pending': 1 });
  const { Instances: [back] = [] } = await groups.call('DescribeWarmPool', NAME);
  const InstanceId = back?.InstanceId ?? '';
  assert.equal(groups.ec2.targets.get(InstanceId), 'draining');
  groups.ec2.targets.delete(InstanceId);
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Pending:Wait': 1 });
  const action = { ...NAME, LifecycleHookName: 'leave', InstanceId, LifecycleActionResult: 'CONTINUE' };
  await groups.call('CompleteLifecycleAction', action);
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Stopped': 1 });
  await scale(groups, 2);
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 2 });
  assert.equal(groups.ec2.instances.size, 2, 'the same instances all the time');
  assert.equal(groups.ec2.targets.get(InstanceId), 'healthy');
  await groups.close();
});

test('where EC2 has no room to start one, it waits in the pool', async () => {
  const groups = await openPool({}, { MaxSize: 2, VPCZoneIdentifier: 'subnet-a' });
  groups.ec2.refusal = new ServiceError('InsufficientInstanceCapacity', 'There is no room.', { httpStatus: 500 });
  await scale(groups, 2);
  await groups.settle(1000);
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Stopped': 1 });
  assert.ok(
    (await groups.activities()).some((one) => one.StatusCode === 'Failed' && /no room/.test(one.StatusMessage ?? '')),
  );
  groups.ec2.refusal = undefined;
  await groups.settle(20_000);
  assert.deepEqual(await states(groups), { InService: 2 });
  await groups.close();
});

test('a refresh brings new instances into the pool too', async () => {
  const groups = await openPool({}, { MaxSize: 2 });
  const before = [...groups.ec2.instances.keys()];
  groups.clock.advance(1000);
  await groups.call('StartInstanceRefresh', { ...NAME, Preferences: { InstanceWarmup: 0, MinHealthyPercentage: 0 } });
  await groups.settle(8000);
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Stopped': 1 });
  const gone = before.map((id) => groups.ec2.instances.get(id)?.State?.Name);
  assert.deepEqual(new Set(gone), new Set(['terminated']));
  await groups.close();
});

test('a deleted pool goes with its instances, and the group with its pool', async () => {
  const groups = await openPool();
  await assert.rejects(
    groups.call('DeleteAutoScalingGroup', NAME),
    failure('ResourceInUseFault', /instances or pending Spot instance request/),
  );
  await groups.call('DeleteWarmPool', NAME);
  assert.equal((await groups.group())?.WarmPoolConfiguration?.Status, 'PendingDelete');
  await assert.rejects(groups.call('PutWarmPool', NAME), failure('ScalingActivityInProgressFault', /being deleted/));
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 1 });
  assert.equal((await groups.group())?.WarmPoolConfiguration, undefined);
  await assert.rejects(groups.call('DeleteWarmPool', NAME), failure('ValidationError', /No warm pool/));
  await groups.call('PutWarmPool', NAME);
  await groups.settle();
  await groups.call('DeleteWarmPool', { ...NAME, ForceDelete: true });
  assert.equal((await groups.group())?.WarmPoolConfiguration, undefined);
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 1 });
  await groups.call('PutWarmPool', NAME);
  await groups.settle();
  await groups.call('DeleteAutoScalingGroup', { ...NAME, ForceDelete: true });
  await groups.settle();
  assert.equal(await groups.group(), undefined);
  assert.ok([...groups.ec2.instances.values()].every(({ State }) => State?.Name === 'terminated'));
  await groups.close();
});

test('what a warm pool cannot be is refused', async () => {
  const groups = await openPool();
  const put = (input: object) => groups.call('PutWarmPool', { ...NAME, ...input });
  await assert.rejects(put({ PoolState: 'Hibernated' }), failure('ValidationError', /Hibernated is not supported/));
  await assert.rejects(put({ MinSize: -1 }), failure('ValidationError', /'minSize' failed to satisfy/));
  await assert.rejects(put({ MinSize: 3, MaxGroupPreparedCapacity: 2 }), failure('ValidationError', /MinSize/));
  await assert.rejects(
    groups.call('PutWarmPool', { AutoScalingGroupName: 'nobody' }),
    failure('ValidationError', /AutoScalingGroup name not found/),
  );
  const LaunchTemplate = { LaunchTemplateSpecification: { LaunchTemplateName: 'web', Version: '1' } };
  const spot = { LaunchTemplate, InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 } };
  const update = (MixedInstancesPolicy: object) =>
    groups.call('UpdateAutoScalingGroup', { ...NAME, MixedInstancesPolicy });
  await assert.rejects(update(spot), failure('ValidationError', /launches Spot Instances/));
  const Overrides = [{ InstanceType: 't3.micro', WeightedCapacity: '2' }];
  await assert.rejects(
    update({ LaunchTemplate: { ...LaunchTemplate, Overrides } }),
    failure('ValidationError', /weighted instances is not supported/),
  );
  await groups.close();
});

test('an instance that is ended while EC2 is told to start it is terminated', async () => {
  const groups = await openPool({}, { MaxSize: 2 });
  const before = groups.ec2.calls['ec2:StartInstances'];
  let ending: Promise<unknown> | undefined;
  groups.ec2.calls['ec2:StartInstances'] = async (input, ...rest) => {
    const [InstanceId] = input.InstanceIds;
    const end = { InstanceId, ShouldDecrementDesiredCapacity: true };
    ending ??= groups.call('TerminateInstanceInAutoScalingGroup', end);
    await ending;
    return before?.(input, ...rest);
  };
  await scale(groups, 2);
  await groups.settle(20_000);
  assert.ok(ending);
  assert.equal((await states(groups))['InService'], 1);
  assert.equal(groups.ec2.running.length, 1, 'it does not run on');
  await groups.close();
});

test('one that was stopped before the pool became one of running instances waits as it is', async () => {
  const groups = await openPool({ MinSize: 1, MaxGroupPreparedCapacity: 1 }, { MinSize: 0, MaxSize: 1 });
  assert.deepEqual(await states(groups), { 'Warmed:Stopped': 1 });
  const stop = groups.ec2.calls['ec2:StopInstances'];
  let changing: Promise<unknown> | undefined;
  groups.ec2.calls['ec2:StopInstances'] = async (input, ...rest) => {
    changing ??= groups.call('PutWarmPool', { ...NAME, MinSize: 1, MaxGroupPreparedCapacity: 1, PoolState: 'Running' });
    await changing;
    return stop?.(input, ...rest);
  };
  const { Instances: [first] = [] } = await groups.call('DescribeWarmPool', NAME);
  groups.ec2.end(first?.InstanceId ?? '');
  await groups.settle(20_000);
  assert.ok(changing);
  assert.deepEqual(await states(groups), { 'Warmed:Stopped': 1 });
  await groups.close();
});

test('an instance in the warm pool is not terminated by hand', async () => {
  const groups = await openPool({}, { MaxSize: 2 });
  const { Instances: [pooled] = [] } = await groups.call('DescribeWarmPool', NAME);
  const end = { InstanceId: pooled?.InstanceId ?? '', ShouldDecrementDesiredCapacity: false };
  await assert.rejects(
    groups.call('TerminateInstanceInAutoScalingGroup', end),
    failure('ValidationError', /is in a warm pool/),
  );
  await groups.close();
});

test('a server that does not live to note a start or a stop tells EC2 again, and nothing else', async () => {
  const groups = await openPool({}, { MaxSize: 2 });
  const told: string[] = [];
  for (const name of ['ec2:StartInstances', 'ec2:StopInstances'] as const) {
    const before = groups.ec2.calls[name];
    groups.ec2.calls[name] = (input, ...rest) => {
      told.push(name);
      const answer = before?.(input, ...rest);
      // EC2 has done it, and nobody heard of it.
      if (told.filter((one) => one === name).length === 1) throw new Error('killed');
      return answer;
    };
  }
  await scale(groups, 2);
  await groups.settle(20_000);
  assert.deepEqual(await states(groups), { InService: 2 });
  await groups.call('PutWarmPool', { ...NAME, MinSize: 1 });
  await groups.settle(20_000);
  assert.deepEqual(await states(groups), { InService: 2, 'Warmed:Stopped': 1 });
  assert.deepEqual(told.toSorted(), [
    'ec2:StartInstances',
    'ec2:StartInstances',
    'ec2:StopInstances',
    'ec2:StopInstances',
  ]);
  assert.equal(groups.ec2.instances.size, 3);
  await groups.close();
});

test('no pool is made for a launch template that the group has not any more', async () => {
  const groups = openGroups();
  await groups.create();
  const { calls } = groups.ec2;
  const describe = calls['ec2:DescribeLaunchTemplateVersions'];
  calls['ec2:DescribeLaunchTemplateVersions'] = async (input, scope) => {
    calls['ec2:DescribeLaunchTemplateVersions'] = describe ?? (() => ({}));
    const LaunchTemplate = { LaunchTemplateName: 'web', Version: '2' };
    await groups.call('UpdateAutoScalingGroup', { ...NAME, LaunchTemplate });
    return describe?.(input, scope);
  };
  await assert.rejects(groups.call('PutWarmPool', NAME), failure('ResourceContentionFault', /pending update/));
  await groups.call('PutWarmPool', NAME);
  await groups.close();
});

test('no pool is made beside an open refresh that brings what a pool cannot be of', async () => {
  const groups = openGroups();
  const version = (Version: string) => ({ LaunchTemplate: { LaunchTemplateName: 'web', Version } });
  await groups.create(version('1'));
  await groups.settle();
  const { calls } = groups.ec2;
  const describe = calls['ec2:DescribeLaunchTemplateVersions'];
  const refresh = () => groups.call('StartInstanceRefresh', { ...NAME, DesiredConfiguration: version('2') });
  let isBegun = false;
  calls['ec2:DescribeLaunchTemplateVersions'] = async (input, scope) => {
    if (input.Versions[0] === '2') return { LaunchTemplateVersions: [SPOT_VERSION] };
    if (!isBegun) {
      isBegun = true;
      await refresh();
    }
    return describe?.(input, scope);
  };
  // It begins while the pool is checked, and is there when it is asked for again.
  await assert.rejects(groups.call('PutWarmPool', NAME), failure('ResourceContentionFault', /pending update/));
  await assert.rejects(groups.call('PutWarmPool', NAME), failure('ValidationError', /launches Spot Instances/));
  assert.equal((await groups.group())?.WarmPoolConfiguration, undefined);
  await groups.call('CancelInstanceRefresh', NAME);
  await groups.settle();
  await groups.call('PutWarmPool', NAME);
  await assert.rejects(refresh(), failure('ValidationError', /launches Spot Instances/));
  await groups.close();
});

test('a deleted hook lets an instance that returns to the pool go on, whatever transition it has by now', async () => {
  const groups = await openPool({ InstanceReusePolicy: { ReuseOnScaleIn: true } }, { DesiredCapacity: 2, MaxSize: 2 });
  const put = (LifecycleHookName: string, transition: string) =>
    groups.call('PutLifecycleHook', {
      ...NAME,
      LifecycleHookName,
      LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
    });
  for (const name of ['leave', 'other']) await put(name, 'TERMINATING');
  await scale(groups, 1);
  await groups.settle();
  await put('leave', 'LAUNCHING');
  await groups.call('DeleteLifecycleHook', { ...NAME, LifecycleHookName: 'leave' });
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Pending:Wait': 1 }, 'the other hook is waited for');
  await groups.call('DeleteLifecycleHook', { ...NAME, LifecycleHookName: 'other' });
  await groups.settle();
  assert.deepEqual(await states(groups), { InService: 1, 'Warmed:Stopped': 1 });
  await groups.close();
});
