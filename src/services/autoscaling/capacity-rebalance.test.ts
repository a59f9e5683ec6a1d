import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { openGroups, type Groups } from './testing.ts';

const NAME = { AutoScalingGroupName: 'web' };
const SPOT = {
  LaunchTemplate: undefined,
  MixedInstancesPolicy: {
    LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: 'web', Version: '1' } },
    InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 },
  },
};

async function openSpot(size: number, more: object = {}): Promise<Groups> {
  const groups = openGroups();
  await groups.create({ ...SPOT, MaxSize: size, DesiredCapacity: size, CapacityRebalance: true, ...more });
  await groups.settle();
  return groups;
}

async function idsOf(groups: Groups, state = 'InService'): Promise<readonly string[]> {
  const { Instances = [] } = (await groups.group()) ?? {};
  const found = Instances.filter((one) => one.LifecycleState === state).map((one) => one.InstanceId ?? '');
  return found.toSorted((a, b) => a.localeCompare(b));
}

test('at its notice a Spot Instance gets a replacement, and goes once that is in service', async () => {
  const groups = await openSpot(3);
  groups.ec2.fewest = Infinity;
  groups.ec2.notices.set('i-0002', groups.clock.now());
  groups.clock.advance(2000);
  await groups.reconcile();
  assert.equal(groups.ec2.running.length, 4, 'one above the maximum size');
  assert.deepEqual(await idsOf(groups), ['i-0001', 'i-0002', 'i-0003'], 'it still serves');
  await groups.settle();
  assert.deepEqual(await idsOf(groups), ['i-0001', 'i-0003', 'i-0004']);
  assert.deepEqual([groups.ec2.running.length, groups.ec2.fewest], [3, 3]);
  assert.equal(groups.ec2.requests.at(-1)?.InstanceMarketOptions?.MarketType, 'spot');
  const { Placement: before } = groups.ec2.instances.get('i-0002') ?? {};
  assert.deepEqual(groups.ec2.instances.get('i-0004')?.Placement, before, 'the zones are even');
  const [out, into] = await groups.activities();
  assert.match(out?.Cause ?? '', /taken out of service in response to an EC2 instance rebalance recommendation\.$/);
  assert.match(into?.Cause ?? '', /launched in response to an EC2 instance rebalance recommendation\.$/);
  assert.deepEqual([out?.Description, into?.StatusCode], ['Terminating EC2 instance: i-0002', 'Successful']);
  assert.equal((await groups.group())?.DesiredCapacity, 3);
  await groups.close();
});

test('without CapacityRebalance, or while it cannot launch and terminate, a notice changes nothing', async () => {
  for (const suspended of [undefined, 'Launch', 'Terminate']) {
    const groups = await openSpot(2, { CapacityRebalance: suspended !== undefined });
    if (suspended) await groups.call('SuspendProcesses', { ...NAME, ScalingProcesses: [suspended] });
    groups.ec2.notices.set('i-0001', groups.clock.now());
    await groups.settle(5000);
    assert.deepEqual(await idsOf(groups), ['i-0001', 'i-0002'], suspended);
    assert.equal(groups.ec2.requests.length, 2, suspended);
    await groups.close();
  }
});

test('it can be turned on later, and holds for Spot capacity that a launch template asks for', async () => {
  const groups = openGroups();
  await groups.create({ DesiredCapacity: 1 });
  await groups.settle();
  groups.ec2.notices.set('i-0001', groups.clock.now());
  await groups.settle();
  await groups.call('UpdateAutoScalingGroup', { ...NAME, CapacityRebalance: true });
  await groups.settle();
  assert.deepEqual(await idsOf(groups), ['i-0002']);
  await groups.close();
});

test('many at once: never more than a tenth of the maximum size above it, and never fewer than are desired', async () => {
  const groups = await openSpot(20);
  groups.ec2.fewest = Infinity;
  for (const id of await idsOf(groups)) groups.ec2.notices.set(id, groups.clock.now());
  let most = 0;
  const isOver = async () => (await idsOf(groups)).every((id) => !groups.ec2.notices.has(id));
  for (let pass = 0; pass < 100 && !(await isOver()); pass++) {
    groups.clock.advance(500);
    await groups.reconcile();
    const { Instances = [] } = (await groups.group()) ?? {};
    const counted = Instances.filter((one) => !one.LifecycleState?.startsWith('Terminating'));
    most = Math.max(most, counted.length);
  }
  await groups.settle();
  assert.ok(await isOver());
  assert.deepEqual([most, groups.ec2.fewest, groups.ec2.running.length], [22, 20, 20]);
  await groups.close();
});

test('no replacement to be had: it goes half-way to its end, so that its hooks can be run', async () => {
  const groups = await openSpot(2);
  await groups.call('PutLifecycleHook', {
    ...NAME,
    LifecycleHookName: 'drain',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  });
  groups.ec2.refusal = new ServiceError('InsufficientInstanceCapacity', 'There is none left.', { httpStatus: 500 });
  groups.ec2.notices.set('i-0001', groups.clock.now());
  await groups.settle(50_000);
  assert.deepEqual(await idsOf(groups), ['i-0001', 'i-0002']);
  await groups.settle(15_000);
  assert.deepEqual(await idsOf(groups), ['i-0002']);
  assert.deepEqual(await idsOf(groups, 'Terminating:Wait'), ['i-0001']);
  groups.ec2.refusal = undefined;
  groups.ec2.end('i-0001');
  await groups.settle(60_000);
  assert.deepEqual(await idsOf(groups), ['i-0002', 'i-0003']);
  await groups.close();
});

test('a smaller group loses the one with the notice', async () => {
  const groups = await openSpot(3, { MinSize: 1 });
  groups.ec2.notices.set('i-0003', groups.clock.now());
  await groups.call('SetDesiredCapacity', { ...NAME, DesiredCapacity: 2 });
  await groups.settle(10_000);
  const left = await idsOf(groups);
  assert.equal(left.length, 2);
  assert.ok(!left.includes('i-0003'));
  await groups.close();
});
