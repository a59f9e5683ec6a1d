import type {
  Activity,
  AutoScalingGroup,
  AutoScalingInstanceDetails,
  Instance,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
  TagDescription,
  WarmPoolConfiguration,
} from '@aws-sdk/client-auto-scaling';
import type { LaunchSource, TemplateChoice } from './domain/launch-source.ts';
import { isWarmed } from './domain/members.ts';
import type { WarmPool } from './domain/warm-pool.ts';
import { groupArn, type ActivityRow, type GroupRow, type MemberRow } from './tables.ts';

export function templateView({ id, name, version }: TemplateChoice): LaunchTemplateSpecification {
  return { LaunchTemplateId: id, LaunchTemplateName: name, Version: version };
}

export function mixedView(source: Extract<LaunchSource, { kind: 'mixed' }>): MixedInstancesPolicy {
  const { template, overrides, distribution: of } = source;
  return {
    LaunchTemplate: {
      LaunchTemplateSpecification: templateView(template),
      Overrides: overrides.map((one) => ({
        ...(one.instanceType !== undefined && { InstanceType: one.instanceType }),
        ...(one.imageId !== undefined && { ImageId: one.imageId }),
        ...(one.weight !== undefined && { WeightedCapacity: String(one.weight) }),
        ...(one.requirements && { InstanceRequirements: one.requirements as never }),
        ...(one.template && { LaunchTemplateSpecification: templateView(one.template) }),
      })),
    },
    InstancesDistribution: {
      OnDemandAllocationStrategy: of.onDemandStrategy,
      OnDemandBaseCapacity: of.onDemandBase,
      OnDemandPercentageAboveBaseCapacity: of.onDemandPercentage,
      SpotAllocationStrategy: of.spotStrategy,
      ...(of.spotPools !== undefined && { SpotInstancePools: of.spotPools }),
      ...(of.spotMaxPrice !== undefined && { SpotMaxPrice: of.spotMaxPrice }),
    },
  };
}

/** The members that say what is launched from. */
export function launchView(source: LaunchSource) {
  if (source.kind === 'template') return { LaunchTemplate: templateView(source.template) };
  if (source.kind === 'mixed') return { MixedInstancesPolicy: mixedView(source) };
  return { LaunchConfigurationName: source.name };
}

function instanceOf(row: MemberRow) {
  return {
    InstanceId: row.instanceId,
    ...(row.instanceType !== undefined && { InstanceType: row.instanceType }),
    AvailabilityZone: row.zone,
    AvailabilityZoneId: row.zoneId,
    LifecycleState: row.state,
    ...(row.template && { LaunchTemplate: templateView(row.template) }),
    ...(row.configurationName !== undefined && { LaunchConfigurationName: row.configurationName }),
    ProtectedFromScaleIn: row.isProtected,
    ...(row.weight !== undefined && { WeightedCapacity: String(row.weight) }),
  };
}

export const instanceView = (row: MemberRow): Instance => ({ ...instanceOf(row), HealthStatus: row.health });

export const instanceDetailsView = (row: MemberRow): AutoScalingInstanceDetails => ({
  ...instanceOf(row),
  AutoScalingGroupName: row.groupName,
  HealthStatus: row.health.toUpperCase(),
});

export function tagViews(row: GroupRow): TagDescription[] {
  return row.tags.map(({ key, value, propagates }) => ({
    ResourceId: row.name,
    ResourceType: 'auto-scaling-group',
    Key: key,
    Value: value,
    PropagateAtLaunch: propagates,
  }));
}

export function warmPoolView({ minSize, maxPrepared, state, reuses, deleting }: WarmPool): WarmPoolConfiguration {
  return {
    MinSize: minSize,
    ...(maxPrepared !== undefined && { MaxGroupPreparedCapacity: maxPrepared }),
    PoolState: state,
    ...(reuses && { InstanceReusePolicy: { ReuseOnScaleIn: true } }),
    ...(deleting && { Status: 'PendingDelete' as const }),
  };
}

export function groupView(row: GroupRow, members: readonly MemberRow[], withInstances = true): AutoScalingGroup {
  const { maintenance } = row;
  const launched = members.filter((one) => one.instanceId !== undefined);
  return {
    AutoScalingGroupName: row.name,
    AutoScalingGroupARN: groupArn(row),
    ...launchView(row.launch),
    MinSize: row.min,
    MaxSize: row.max,
    DesiredCapacity: row.desired,
    DefaultCooldown: row.defaultCooldownS,
    ...(row.defaultWarmupS !== undefined && { DefaultInstanceWarmup: row.defaultWarmupS }),
    AvailabilityZones: [...new Set(row.places.map(({ zone }) => zone))],
    AvailabilityZoneIds: [...new Set(row.places.map(({ zoneId }) => zoneId))],
    LoadBalancerNames: [],
    TargetGroupARNs: [...row.targetGroups],
    HealthCheckType: row.healthCheckType,
    HealthCheckGracePeriod: row.graceS,
    ...(withInstances && { Instances: launched.filter((one) => !isWarmed(one)).map(instanceView) }),
    CreatedTime: new Date(row.createdAtMs),
    SuspendedProcesses: row.suspended.map(({ process, reason }) => ({
      ProcessName: process,
      SuspensionReason: reason,
    })),
    ...(row.vpcZoneIdentifier !== '' && { VPCZoneIdentifier: row.vpcZoneIdentifier }),
    EnabledMetrics: row.metrics.map((Metric) => ({ Metric, Granularity: '1Minute' })),
    ...(row.deleting && { Status: 'Delete in progress' }),
    ...(row.warmPool && {
      WarmPoolConfiguration: warmPoolView(row.warmPool),
      WarmPoolSize: launched.filter(isWarmed).length,
    }),
    Tags: tagViews(row),
    TerminationPolicies: [...row.terminationPolicies],
    NewInstancesProtectedFromScaleIn: row.protectsNew,
    ServiceLinkedRoleARN: row.roleArn,
    TrafficSources: row.targetGroups.map((Identifier) => ({ Identifier, Type: 'elbv2' })),
    ...(maintenance && {
      InstanceMaintenancePolicy: {
        MinHealthyPercentage: maintenance.minPercentage,
        MaxHealthyPercentage: maintenance.maxPercentage,
      },
    }),
    AvailabilityZoneDistribution: { CapacityDistributionStrategy: 'balanced-best-effort' },
    CapacityReservationSpecification: { CapacityReservationPreference: 'default' },
    ...row.recorded,
  };
}

export function activityView(row: ActivityRow, isDeleted = false): Activity {
  const scope = { account: row.account, region: row.region };
  return {
    ActivityId: row.id,
    AutoScalingGroupName: row.groupName,
    Description: row.description,
    Cause: row.cause,
    StartTime: new Date(row.startMs),
    ...(row.endMs !== undefined && { EndTime: new Date(row.endMs) }),
    StatusCode: row.status,
    ...(row.message !== undefined && { StatusMessage: row.message }),
    Progress: row.progress,
    Details: row.details,
    AutoScalingGroupARN: groupArn({ ...scope, id: row.groupId, name: row.groupName }),
    ...(isDeleted && { AutoScalingGroupState: 'Deleted' }),
  };
}
