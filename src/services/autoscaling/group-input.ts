import type { CreateAutoScalingGroupType, UpdateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { TERMINATION_POLICIES } from './domain/termination.ts';
import { constraint, invalid, notSupported } from './errors.ts';
import type { AutoscalingContext } from './operation.ts';
import type { GroupRow, Place } from './tables.ts';

type Input = Partial<CreateAutoScalingGroupType> & Partial<UpdateAutoScalingGroupType>;

type Settings = Pick<
  GroupRow,
  | 'defaultCooldownS'
  | 'defaultWarmupS'
  | 'healthCheckType'
  | 'graceS'
  | 'terminationPolicies'
  | 'protectsNew'
  | 'maintenance'
  | 'recorded'
>;

/** Members that ask for what is not built, and what they say when they ask for nothing. */
const REFUSED: readonly (readonly [member: keyof Input, isHarmless: (value: any) => boolean])[] = [
  ['InstanceId', (value) => value === ''],
  ['LoadBalancerNames', (value) => value.length === 0],
  ['PlacementGroup', (value) => value === ''],
  ['MaxInstanceLifetime', (value) => value === 0],
  ['DesiredCapacityType', (value) => value === 'units' || value === ''],
  [
    'AvailabilityZoneDistribution',
    (value) => (value.CapacityDistributionStrategy ?? 'balanced-best-effort') === 'balanced-best-effort',
  ],
  ['AvailabilityZoneImpairmentPolicy', (value) => value.ZonalShiftEnabled !== true],
  [
    'CapacityReservationSpecification',
    (value) => ['default', 'none', undefined].includes(value.CapacityReservationPreference),
  ],
  ['InstanceLifecyclePolicy', (value) => value.RetentionTriggers?.TerminateHookAbandon !== 'retain'],
  ['DeletionProtection', (value) => value === 'none'],
  ['Operator', () => false],
];

export function checkSupported(input: Input): void {
  for (const [member, isHarmless] of REFUSED) {
    const value: unknown = input[member];
    if (value !== undefined && !isHarmless(value)) throw notSupported(member);
  }
}

export function settingsFrom(input: Input, before?: Settings): Settings {
  const warmup = input.DefaultInstanceWarmup ?? before?.defaultWarmupS;
  const maintenance = maintenanceFrom(input) ?? before?.maintenance;
  return {
    defaultCooldownS: seconds(input.DefaultCooldown, 'defaultCooldown') ?? before?.defaultCooldownS ?? 300,
    // -1 takes it away again.
    ...(warmup !== undefined && warmup >= 0 && { defaultWarmupS: warmup }),
    healthCheckType: healthCheckFrom(input.HealthCheckType) ?? before?.healthCheckType ?? 'EC2',
    graceS: seconds(input.HealthCheckGracePeriod, 'healthCheckGracePeriod') ?? before?.graceS ?? 0,
    terminationPolicies: policiesFrom(input.TerminationPolicies) ?? before?.terminationPolicies ?? ['Default'],
    protectsNew: input.NewInstancesProtectedFromScaleIn ?? before?.protectsNew ?? false,
    ...(maintenance && maintenance.minPercentage >= 0 && { maintenance }),
    recorded: {
      ...before?.recorded,
      ...(input.CapacityRebalance !== undefined && { CapacityRebalance: input.CapacityRebalance }),
      ...(input.Context !== undefined && { Context: input.Context }),
      ...(input.DesiredCapacityType && { DesiredCapacityType: input.DesiredCapacityType }),
    },
  };
}

function seconds(value: number | undefined, member: string): number | undefined {
  if (value !== undefined && value < 0) throw constraint(value, member, 'have value greater than or equal to 0');
  return value;
}

function healthCheckFrom(text: string | undefined): 'EC2' | 'ELB' | undefined {
  if (text === undefined || text === '') return undefined;
  const kinds = text.split(',').map((one) => one.trim());
  const odd = kinds.find((one) => !['EC2', 'ELB'].includes(one));
  if (odd !== undefined) throw notSupported(`The health check type ${odd}`);
  return kinds.includes('ELB') ? 'ELB' : 'EC2';
}

function policiesFrom(names: readonly string[] | undefined): readonly string[] | undefined {
  if (!names || names.length === 0) return undefined;
  const odd = names.find((one) => !(TERMINATION_POLICIES as readonly string[]).includes(one));
  if (odd !== undefined)
    throw odd.startsWith('arn:')
      ? notSupported(`The termination policy ${odd}`)
      : invalid(`Invalid termination policy: ${odd}`);
  return [...names];
}

function maintenanceFrom({ InstanceMaintenancePolicy: policy }: Input): GroupRow['maintenance'] {
  if (!policy) return undefined;
  const { MinHealthyPercentage: min, MaxHealthyPercentage: max } = policy;
  if (min === undefined || max === undefined)
    throw invalid('MinHealthyPercentage and MaxHealthyPercentage must both be specified.');
  if (min === -1 && max === -1) return { minPercentage: -1, maxPercentage: -1 };
  if (min < 0 || min > 100 || max < 100 || max > 200 || max - min > 100) {
    throw invalid(
      'MinHealthyPercentage must be 0 to 100, MaxHealthyPercentage 100 to 200, and they may differ by 100 at most.',
    );
  }
  return { minPercentage: min, maxPercentage: max };
}

interface Sizes {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
}

/** New limits take a desired capacity that was not asked for along. */
export function sizesFrom(input: Input, before?: Sizes): Sizes {
  const min = input.MinSize ?? before?.min ?? 0;
  const max = input.MaxSize ?? before?.max ?? 0;
  if (min < 0) throw constraint(min, 'minSize', 'have value greater than or equal to 0');
  if (max < min) throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  const desired = input.DesiredCapacity ?? Math.min(max, Math.max(min, before?.desired ?? min));
  if (desired < min || desired > max) {
    throw invalid(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`);
  }
  return { min, max, desired };
}

/** Zones and subnets that instances go to; undefined where the request does not say. */
export async function placesFrom(
  ctx: AutoscalingContext,
  input: Input,
): Promise<Pick<GroupRow, 'places' | 'vpcZoneIdentifier'> | undefined> {
  const text = input.VPCZoneIdentifier ?? '';
  const ids = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  const zones = input.AvailabilityZones ?? [];
  if (ids.length > 0) {
    const places = await subnetPlaces(ctx, ids);
    const odd = zones.find((zone) => !places.some((place) => place.zone === zone));
    if (odd !== undefined)
      throw invalid(`The availability zones of the specified subnets and the Auto Scaling group do not match: ${odd}`);
    return { places, vpcZoneIdentifier: ids.join(',') };
  }
  const zoneIds = input.AvailabilityZoneIds ?? [];
  if (zones.length + zoneIds.length === 0) return undefined;
  const { AvailabilityZones: known = [] } = await ctx.call('ec2', 'DescribeAvailabilityZones', {});
  const find = (name: string) => {
    const zone = known.find((one) => one.ZoneName === name || one.ZoneId === name);
    if (!zone) throw invalid(`Invalid availability zone: [${name}]`);
    return { zone: zone.ZoneName ?? '', zoneId: zone.ZoneId ?? '' };
  };
  return { places: [...zones, ...zoneIds].map(find), vpcZoneIdentifier: '' };
}

async function subnetPlaces(ctx: AutoscalingContext, ids: readonly string[]): Promise<readonly Place[]> {
  const { Subnets = [] } = await ctx.call('ec2', 'DescribeSubnets', {
    Filters: [{ Name: 'subnet-id', Values: [...ids] }],
  });
  const places = ids.map((id) => {
    const subnet = Subnets.find((one) => one.SubnetId === id);
    if (!subnet) throw invalid(`The subnet ID '${id}' does not exist`);
    const { AvailabilityZone: zone = '', AvailabilityZoneId: zoneId = '', VpcId: vpcId } = subnet;
    return { zone, zoneId, subnetId: id, vpcId };
  });
  if (new Set(places.map((one) => one.vpcId)).size > 1) throw invalid('The subnets must all be of one VPC.');
  return places.map(({ zone, zoneId, subnetId }) => ({ zone, zoneId, subnetId }));
}

/** The target groups of the request, which must be there and take instances. */
export async function targetGroupsFrom(ctx: AutoscalingContext, input: Input): Promise<readonly string[]> {
  const sources = (input.TrafficSources ?? []).map(({ Identifier = '', Type }) => {
    if (Type !== undefined && Type !== 'elbv2') throw notSupported(`The traffic source type ${Type}`);
    return Identifier;
  });
  const arns = [...new Set([...(input.TargetGroupARNs ?? []), ...sources])];
  await checkTargetGroups(ctx, arns);
  return arns;
}

export async function checkTargetGroups(ctx: AutoscalingContext, arns: readonly string[]): Promise<void> {
  if (arns.length === 0) return;
  const unfit = invalid('Provided Target Groups may not be valid. Please ensure they exist and try again.');
  let found;
  try {
    found = await ctx.call('elbv2', 'DescribeTargetGroups', { TargetGroupArns: [...arns] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'TargetGroupNotFoundException') throw unfit;
    throw error;
  }
  const { TargetGroups = [] } = found;
  if (TargetGroups.length < arns.length) throw unfit;
  const odd = TargetGroups.find((one) => one.TargetType !== undefined && one.TargetType !== 'instance');
  if (odd) {
    throw invalid(
      `The target group ${odd.TargetGroupArn} has the target type ${odd.TargetType}: instances of an Auto Scaling group need the type instance.`,
    );
  }
}
