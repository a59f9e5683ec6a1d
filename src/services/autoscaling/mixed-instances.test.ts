import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceRequirements } from '@aws-sdk/client-auto-scaling';
import { ServiceError } from '../../kernel/errors.ts';
import { typesMeeting } from './domain/instance-requirements.ts';
import { INSTANCE_TYPES, openGroups } from './testing.ts';

const NAME = { AutoScalingGroupName: 'web' };
const TEMPLATE = { LaunchTemplateName: 'web', Version: '1' };
const RANGES = { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 4096 } };

const mixed = (Overrides: object[], InstancesDistribution = {}) => ({
  LaunchTemplate: undefined,
  MixedInstancesPolicy: {
    LaunchTemplate: { LaunchTemplateSpecification: TEMPLATE, Overrides },
    InstancesDistribution,
  },
});

const WEIGHTED = [
  { InstanceType: 'm5.xlarge', WeightedCapacity: '4' },
  { InstanceType: 'm5.large', WeightedCapacity: '2' },
];

const invalid = (message: RegExp) => (error: unknown) =>
  error instanceof ServiceError && error.code === 'ValidationError' && message.test(error.message);

test('weighted instances are as much of the desired capacity as they weigh', async () => {
  const groups = openGroups();
  await groups.create({ ...mixed(WEIGHTED), MaxSize: 20, DesiredCapacity: 10 });
  await groups.settle();
  const weights = async () => ((await groups.group())?.Instances ?? []).map((one) => one.WeightedCapacity);
  assert.deepEqual(await weights(), ['4', '4', '4'], 'never less than is desired');
  const { AutoScalingInstances: [one] = [] } = await groups.call('DescribeAutoScalingInstances', {});
  assert.equal(one?.WeightedCapacity, '4');
  await groups.call('SetDesiredCapacity', { ...NAME, DesiredCapacity: 9 });
  await groups.settle();
  assert.equal((await weights()).length, 3);
  await groups.call('SetDesiredCapacity', { ...NAME, DesiredCapacity: 8 });
  await groups.settle();
  assert.equal((await weights()).length, 2);
  const [{ Cause = '' } = {}] = await groups.activities();
  assert.match(Cause, /shrinking the capacity from 12 to 8/);
  await groups.close();
});

test('the type that EC2 gave counts: another one where there is no room for the first', async () => {
  const groups = openGroups();
  await groups.create({ ...mixed(WEIGHTED), MaxSize: 20, DesiredCapacity: 0, MinSize: 0 });
  await groups.settle();
  groups.ec2.refusedType = 'm5.xlarge';
  await groups.call('SetDesiredCapacity', { ...NAME, DesiredCapacity: 6 });
  await groups.settle(10_000);
  const instances = (await groups.group())?.Instances ?? [];
  assert.deepEqual(
    instances.map((one) => [one.InstanceType, one.WeightedCapacity]),
    [1, 2, 3].map(() => ['m5.large', '2']),
  );
  const refresh = groups.call('StartInstanceRefresh', NAME);
  await assert.rejects(refresh, invalid(/weighted instances is not supported/));
  await groups.close();
});

test('base and percentage of On-Demand count in weights', async () => {
  const groups = openGroups();
  const shares = { OnDemandBaseCapacity: 4, OnDemandPercentageAboveBaseCapacity: 50 };
  await groups.create({ ...mixed(WEIGHTED, shares), MaxSize: 20, DesiredCapacity: 20 });
  await groups.settle();
  const spot = groups.ec2.requests.filter((one) => one.InstanceMarketOptions?.MarketType === 'spot');
  assert.deepEqual([groups.ec2.requests.length, spot.length], [5, 2]);
  await groups.close();
});

test('instance requirements choose the types, the smallest first, that the image runs on', async () => {
  const groups = openGroups();
  const InstanceRequirements = { ...RANGES, VCpuCount: { Min: 2, Max: 2 }, ExcludedInstanceTypes: ['m4.*'] };
  await groups.create({ ...mixed([{ InstanceRequirements }]), DesiredCapacity: 1 });
  groups.ec2.refusedType = 'c5.large';
  await groups.settle(5000);
  const group = await groups.group();
  assert.equal(group?.Instances?.[0]?.InstanceType, 'm5.large');
  assert.deepEqual(group?.MixedInstancesPolicy?.LaunchTemplate?.Overrides, [{ InstanceRequirements }]);
  await groups.close();
});

test('each requirement leaves out what does not meet it; the cheapest come first', () => {
  const types = (wanted: InstanceRequirements) => typesMeeting(wanted, INSTANCE_TYPES as never);
  assert.deepEqual(types(RANGES), ['c5.large', 'm4.large', 'm5.large', 'm5a.large', 'm7g.large', 'm5.xlarge']);
  assert.deepEqual(types({ ...RANGES, BurstablePerformance: 'required' }), ['t3.medium']);
  assert.deepEqual(types({ ...RANGES, BareMetal: 'required' }), []);
  assert.deepEqual(types({ ...RANGES, CpuManufacturers: ['amd', 'amazon-web-services'] }), ['m5a.large', 'm7g.large']);
  assert.deepEqual(types({ ...RANGES, InstanceGenerations: ['previous'] }), ['m4.large']);
  assert.deepEqual(types({ ...RANGES, AllowedInstanceTypes: ['m5*.large', 't3.*'] }), ['m5.large', 'm5a.large']);
  assert.deepEqual(types({ ...RANGES, MemoryGiBPerVCpu: { Max: 2 } }), ['c5.large']);
  assert.deepEqual(types({ VCpuCount: { Min: 4 }, MemoryMiB: { Min: 1, Max: 20_000 } }), ['m5.xlarge']);
});

test('overrides that contradict each other, or ask for what is not known, are refused', async () => {
  const groups = openGroups();
  const refused = (overrides: object[], message: RegExp) =>
    assert.rejects(groups.create(mixed(overrides)), invalid(message));
  await refused([WEIGHTED[0] ?? {}, { InstanceType: 'm5.large' }], /for all of the overrides/);
  await refused([{ InstanceType: 'm5.large', WeightedCapacity: '0' }], /from 1 to 999/);
  await refused([{ InstanceType: 'm5.large' }, { InstanceType: 'm5.large' }], /more than once/);
  await refused([{ InstanceType: 'm5.large' }, { InstanceRequirements: RANGES }], /cannot specify both/);
  await refused([{ InstanceRequirements: RANGES, WeightedCapacity: '1' }], /cannot be specified with/);
  await refused(
    [{ InstanceRequirements: { VCpuCount: { Min: 64 }, MemoryMiB: { Min: 0 } } }],
    /No instance types matched/,
  );
  const disks = { TotalLocalStorageGB: { Min: 1 } };
  await refused([{ InstanceRequirements: { ...RANGES, ...disks } }], /TotalLocalStorageGB is not supported/);
  await groups.close();
});
