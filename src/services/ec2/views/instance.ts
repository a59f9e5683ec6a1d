import type { Instance, InstanceNetworkInterface, Reservation } from '@aws-sdk/client-ec2';
import { privateDnsName, publicDnsName } from '../domain/dns-name.ts';
import { isGone, stateView } from '../domain/instance-state.ts';
import { INSTANCE_TYPES } from '../domain/instance-types.ts';
import { serviceAlias } from '../domain/requester.ts';
import { imagesOf } from '../domain/machine-images.ts';
import type { InstanceRow, MetadataOptions } from '../instance-tables.ts';
import type { NetworkInterfaceRow, VpcRow } from '../tables.ts';
import { tagList } from './tags.ts';

/** An instance with what belongs to it. */
export interface InstanceParts {
  readonly row: InstanceRow;
  /** Gone with a terminated instance. */
  readonly networkInterface?: NetworkInterfaceRow;
  readonly vpc?: VpcRow;
}

export function instanceView({ row, networkInterface, vpc }: InstanceParts): Instance {
  const type = INSTANCE_TYPES.get(row.instanceType);
  const architecture = type?.architecture ?? 'x86_64';
  return {
    InstanceId: row.id,
    ImageId: row.imageId,
    InstanceType: row.instanceType as NonNullable<Instance['InstanceType']>,
    State: stateView(row.state),
    StateTransitionReason: row.transitionReason,
    ...(row.stateReason ? { StateReason: { Code: row.stateReason.code, Message: row.stateReason.message } } : {}),
    AmiLaunchIndex: row.launchIndex,
    ProductCodes: [],
    LaunchTime: new Date(row.launchedAt),
    Placement: {
      AvailabilityZone: row.zoneName,
      AvailabilityZoneId: row.zoneId,
      GroupName: '',
      Tenancy: 'default',
    },
    Monitoring: { State: row.monitoring ? 'enabled' : 'disabled' },
    Architecture: architecture,
    RootDeviceType: 'ebs',
    RootDeviceName: rootDeviceName(row),
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EbsOptimized: row.ebsOptimized,
    EnaSupport: true,
    BlockDeviceMappings: blockDeviceViews(row),
    CpuOptions: { CoreCount: row.vcpus / (type?.threadsPerCore ?? 1), ThreadsPerCore: type?.threadsPerCore ?? 1 },
    CapacityReservationSpecification: { CapacityReservationPreference: 'open' },
    HibernationOptions: { Configured: false },
    EnclaveOptions: { Enabled: false },
    MetadataOptions: { State: 'applied' as const, ...metadataView(row.metadata) },
    MaintenanceOptions: { AutoRecovery: 'default' },
    PrivateDnsNameOptions: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    UsageOperationUpdateTime: new Date(row.createdAt),
    CurrentInstanceBootMode: 'legacy-bios',
    Tags: tagList(row.tags),
    ...(row.operator ? { Operator: { Managed: true, Principal: row.operator } } : {}),
    ...(row.keyName ? { KeyName: row.keyName } : {}),
    ...(row.idempotency ? { ClientToken: row.idempotency.token } : {}),
    ...(row.spot ? { InstanceLifecycle: 'spot' as const, SpotInstanceRequestId: row.spot.requestId } : {}),
    ...(row.profile ? { IamInstanceProfile: { Arn: row.profile.profileArn, Id: row.profile.profileId } } : {}),
    ...networkView(row, networkInterface, vpc),
  };
}

export function rootDeviceName(row: InstanceRow): string {
  const image = imagesOf(row.region, INSTANCE_TYPES.get(row.instanceType)?.architecture ?? 'x86_64').find(
    (one) => one.id === row.imageId,
  );
  return image?.rootDevice ?? '/dev/xvda';
}

export function blockDeviceViews(row: InstanceRow): NonNullable<Instance['BlockDeviceMappings']> {
  if (row.state === 'terminated') return [];
  return row.blockDevices.map((device) => ({
    DeviceName: device.deviceName,
    Ebs: {
      AttachTime: new Date(row.createdAt),
      DeleteOnTermination: device.deleteOnTermination,
      Status: 'attached',
      VolumeId: device.volumeId,
    },
  }));
}

export function metadataView(options: MetadataOptions) {
  return {
    HttpTokens: options.httpTokens,
    HttpPutResponseHopLimit: options.httpPutResponseHopLimit,
    HttpEndpoint: options.httpEndpoint,
    HttpProtocolIpv6: 'disabled' as const,
    InstanceMetadataTags: options.instanceMetadataTags,
  };
}

/** A terminated instance has no network any more. */
function networkView(
  row: InstanceRow,
  own: NetworkInterfaceRow | undefined,
  vpc: VpcRow | undefined,
): Partial<Instance> {
  if (row.state === 'terminated' || !own) {
    return { PrivateDnsName: '', PublicDnsName: '', NetworkInterfaces: [], SecurityGroups: [] };
  }
  const publicIp = own.association?.publicIp;
  const named = vpc?.enableDnsHostnames && vpc.enableDnsSupport;
  return {
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    PrivateIpAddress: own.privateIp,
    PrivateDnsName: privateDnsName(row.region, own.privateIp),
    PublicDnsName: named && publicIp ? publicDnsName(row.region, publicIp) : '',
    ...(publicIp ? { PublicIpAddress: publicIp } : {}),
    SourceDestCheck: true,
    SecurityGroups: own.groups.map((group) => ({ GroupId: group.groupId, GroupName: group.groupName })),
    NetworkInterfaces: isGone(row) ? [] : [interfaceView(own, named === true)],
  };
}

function interfaceView(own: NetworkInterfaceRow, named: boolean): InstanceNetworkInterface {
  const dnsName = privateDnsName(own.region, own.privateIp);
  const association = own.association && {
    Association: {
      IpOwnerId: own.association.ipOwnerId,
      PublicDnsName: named ? publicDnsName(own.region, own.association.publicIp) : '',
      PublicIp: own.association.publicIp,
    },
  };
  return {
    NetworkInterfaceId: own.id,
    OwnerId: own.account,
    VpcId: own.vpcId,
    SubnetId: own.subnetId,
    Description: own.description,
    Groups: own.groups.map((group) => ({ GroupId: group.groupId, GroupName: group.groupName })),
    InterfaceType: 'interface',
    MacAddress: own.macAddress,
    PrivateDnsName: dnsName,
    PrivateIpAddress: own.privateIp,
    PrivateIpAddresses: [{ Primary: true, PrivateDnsName: dnsName, PrivateIpAddress: own.privateIp, ...association }],
    SourceDestCheck: true,
    Status: 'in-use',
    Ipv6Addresses: [],
    ...association,
    ...(own.attachment && {
      Attachment: {
        AttachmentId: own.attachment.attachmentId,
        AttachTime: new Date(own.attachment.attachedAt),
        DeleteOnTermination: own.attachment.deleteOnTermination ?? false,
        DeviceIndex: own.attachment.deviceIndex,
        NetworkCardIndex: 0,
        Status: 'attached' as const,
      },
    }),
  };
}

/** Instances of one launch together, in the order of the launch. */
export function reservationViews(all: readonly InstanceParts[]): Reservation[] {
  const byId = new Map<string, InstanceParts[]>();
  for (const parts of all) byId.set(parts.row.reservationId, [...(byId.get(parts.row.reservationId) ?? []), parts]);
  return [...byId.values()].map((parts) => {
    const [first] = parts;
    const launchedBy = first?.row.launchedBy;
    return {
      ReservationId: first?.row.reservationId,
      OwnerId: first?.row.account,
      ...(launchedBy ? { RequesterId: serviceAlias(launchedBy) } : {}),
      Groups: [],
      Instances: parts.toSorted((a, b) => a.row.launchIndex - b.row.launchIndex).map(instanceView),
    };
  });
}
