import type { CreateLaunchConfigurationType } from '@aws-sdk/client-auto-scaling';
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { GroupRow, Place } from '../tables.ts';
import type { LaunchSource, Market, Override, TemplateChoice } from './launch-source.ts';

interface Wanted {
  readonly group: GroupRow;
  readonly source: LaunchSource;
  /** Of a launch configuration. */
  readonly configuration?: object;
  readonly place: Place;
  readonly market: Market;
  readonly launchId: string;
}

/** What EC2 is asked for one instance: first what is preferred, then what else will do where there is no capacity. */
export function runRequests(wanted: Wanted): readonly RunInstancesRequest[] {
  const { source, launchId } = wanted;
  if (source.kind === 'configuration') {
    return [{ ...shared(wanted), ...ofConfiguration(wanted), ClientToken: launchId }];
  }
  const overrides: readonly Override[] =
    source.kind === 'mixed' && source.overrides.length > 0 ? source.overrides : [{}];
  return overrides.flatMap(expanded).map((override, index) => ({
    ...shared(wanted),
    ...ofTemplate(override.template ?? source.template),
    ...(wanted.place.subnetId !== undefined && { SubnetId: wanted.place.subnetId }),
    ...(override.instanceType !== undefined && { InstanceType: override.instanceType as never }),
    ...(override.imageId !== undefined && { ImageId: override.imageId }),
    ...(wanted.market === 'spot' && { InstanceMarketOptions: spotOptions(source) }),
    ClientToken: index === 0 ? launchId : `${launchId}-${index}`,
  }));
}

/** Each of the types that meet its requirements. */
function expanded({ types, ...override }: Override): readonly Override[] {
  return types ? types.map((instanceType) => ({ ...override, instanceType })) : [override];
}

function shared({ group, place }: Wanted): RunInstancesRequest {
  const tags = group.tags.filter(({ propagates }) => propagates).map(({ key, value }) => ({ Key: key, Value: value }));
  return {
    MinCount: 1,
    MaxCount: 1,
    ...(place.subnetId === undefined && { Placement: { AvailabilityZone: place.zone } }),
    TagSpecifications: [
      { ResourceType: 'instance', Tags: [{ Key: 'aws:autoscaling:groupName', Value: group.name }, ...tags] },
    ],
  };
}

function ofTemplate({ id, version }: TemplateChoice): Partial<RunInstancesRequest> {
  return { LaunchTemplate: { LaunchTemplateId: id, Version: version } };
}

function spotOptions(source: LaunchSource) {
  const price = source.kind === 'mixed' ? source.distribution.spotMaxPrice : undefined;
  return {
    MarketType: 'spot' as const,
    SpotOptions: {
      SpotInstanceType: 'one-time' as const,
      ...(price !== undefined && price !== '' && { MaxPrice: price }),
    },
  };
}

function ofConfiguration({ configuration = {}, place }: Wanted): Partial<RunInstancesRequest> {
  const input = configuration as CreateLaunchConfigurationType;
  const { SecurityGroups: groups = [], IamInstanceProfile: profile, AssociatePublicIpAddress: isPublic } = input;
  const groupIds = groups.filter((one) => one.startsWith('sg-'));
  const groupNames = groups.filter((one) => !one.startsWith('sg-'));
  const inSubnet = place.subnetId === undefined ? {} : { SubnetId: place.subnetId };
  const network =
    isPublic === undefined
      ? {
          ...inSubnet,
          ...(groupIds.length > 0 && { SecurityGroupIds: groupIds }),
          ...(groupNames.length > 0 && { SecurityGroups: groupNames }),
        }
      : { NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: isPublic, Groups: groupIds, ...inSubnet }] };
  return {
    ...network,
    ...(input.ImageId && { ImageId: input.ImageId }),
    ...(input.InstanceType && { InstanceType: input.InstanceType as never }),
    ...(input.KeyName && { KeyName: input.KeyName }),
    ...(input.UserData && { UserData: input.UserData }),
    ...(input.BlockDeviceMappings?.length && { BlockDeviceMappings: input.BlockDeviceMappings as never }),
    ...(input.EbsOptimized !== undefined && { EbsOptimized: input.EbsOptimized }),
    Monitoring: { Enabled: input.InstanceMonitoring?.Enabled ?? true },
    ...(input.MetadataOptions && { MetadataOptions: input.MetadataOptions }),
    ...(profile && { IamInstanceProfile: profile.startsWith('arn:') ? { Arn: profile } : { Name: profile } }),
    ...(input.SpotPrice && {
      InstanceMarketOptions: {
        MarketType: 'spot' as const,
        SpotOptions: { SpotInstanceType: 'one-time' as const, MaxPrice: input.SpotPrice },
      },
    }),
  };
}
