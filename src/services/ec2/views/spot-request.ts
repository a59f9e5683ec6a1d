import type { LaunchSpecification, SpotInstanceRequest } from '@aws-sdk/client-ec2';
import { spotStatus } from '../domain/spot-status.ts';
import type { SpotRequest } from '../instance-tables.ts';
import type { InstanceParts } from './instance.ts';
import { tagList } from './tags.ts';

/** A request of Spot capacity with its instance. */
export interface SpotParts extends InstanceParts {
  readonly spot: SpotRequest;
}

export function spotRequestView(parts: SpotParts): SpotInstanceRequest {
  const { row, spot } = parts;
  const { state, code, message } = spotStatus(row, spot);
  return {
    SpotInstanceRequestId: spot.requestId,
    InstanceId: row.id,
    CreateTime: new Date(row.createdAt),
    InstanceInterruptionBehavior: spot.behavior ?? 'terminate',
    LaunchedAvailabilityZone: row.zoneName,
    LaunchSpecification: launchSpecification(parts),
    ProductDescription: 'Linux/UNIX',
    State: state,
    Status: { Code: code, Message: message, UpdateTime: new Date(updatedAt(parts)) },
    Tags: tagList(spot.tags ?? {}),
    Type: spot.type,
    ...(spot.maxPrice ? { SpotPrice: spot.maxPrice } : {}),
    ...(spot.validUntil === undefined ? {} : { ValidUntil: new Date(spot.validUntil) }),
  };
}

function updatedAt({ row, spot }: SpotParts): number {
  return row.terminatedAt ?? spot.interruption?.noticedAt ?? row.launchedAt;
}

function launchSpecification({ row, networkInterface }: SpotParts): LaunchSpecification {
  return {
    ImageId: row.imageId,
    InstanceType: row.instanceType as NonNullable<LaunchSpecification['InstanceType']>,
    Monitoring: { Enabled: row.monitoring },
    Placement: { AvailabilityZone: row.zoneName, Tenancy: 'default' },
    SecurityGroups: (networkInterface?.groups ?? []).map((group) => ({
      GroupId: group.groupId,
      GroupName: group.groupName,
    })),
    SubnetId: row.subnetId,
    ...(row.keyName ? { KeyName: row.keyName } : {}),
    ...(row.profile ? { IamInstanceProfile: { Arn: row.profile.profileArn } } : {}),
  };
}
