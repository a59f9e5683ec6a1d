import type { BlockDeviceMapping, InstanceNetworkInterfaceSpecification } from '@aws-sdk/client-ec2';
import type { Ids } from '../../../kernel/ids.ts';
import type { Tags } from '../../../kernel/tags.ts';
import {
  invalidParameterCombination,
  invalidParameterValue,
  invalidUserData,
  unsupportedParameter,
  userDataTooLong,
} from '../errors.ts';
import type { BlockDevice, InstanceRow, MetadataOptions } from '../instance-tables.ts';
import type { LaunchRequest } from './launch-request.ts';
import type { ImageRecord } from './machine-images.ts';
import { KINDS, newId } from './resource-kind.ts';

/** The parts of a launch that no other row says anything of. */

const MAX_USER_DATA_BYTES = 16_384;

/** In base64, as it came. */
export function userDataOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const bare = text.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(bare) || bare.length % 4 === 1) throw invalidUserData();
  if (Buffer.from(bare, 'base64').length > MAX_USER_DATA_BYTES) throw userDataTooLong();
  return bare;
}

type MetadataInput = NonNullable<LaunchRequest['MetadataOptions']>;

/** An image of Amazon Linux 2023 asks for tokens, and lets containers reach the service: two hops. */
export function metadataOf(input: MetadataInput | undefined, image: ImageRecord): MetadataOptions {
  const strict = image.imdsSupport === 'v2.0';
  return changedMetadata(
    {
      httpTokens: strict ? 'required' : 'optional',
      httpEndpoint: 'enabled',
      httpPutResponseHopLimit: strict ? 2 : 1,
      instanceMetadataTags: 'disabled',
    },
    input ?? {},
  );
}

export function changedMetadata(before: MetadataOptions, input: MetadataInput): MetadataOptions {
  const hops = input.HttpPutResponseHopLimit;
  if (hops !== undefined && hops !== -1 && (hops < 1 || hops > 64)) {
    throw invalidParameterValue(`Invalid value '${hops}' for HttpPutResponseHopLimit. It must be between 1 and 64.`);
  }
  if (input.HttpProtocolIpv6 === 'enabled') throw unsupportedParameter('MetadataOptions.HttpProtocolIpv6');
  const onOff = ['enabled', 'disabled'] as const;
  return {
    httpTokens: either('HttpTokens', input.HttpTokens, ['optional', 'required'] as const, before.httpTokens),
    httpEndpoint: either('HttpEndpoint', input.HttpEndpoint, onOff, before.httpEndpoint),
    httpPutResponseHopLimit: hops === undefined || hops === -1 ? before.httpPutResponseHopLimit : hops,
    instanceMetadataTags: either(
      'InstanceMetadataTags',
      input.InstanceMetadataTags,
      onOff,
      before.instanceMetadataTags,
    ),
  };
}

function either<T extends string>(name: string, value: string | undefined, allowed: readonly T[], fallback: T): T {
  if (value === undefined || value === 'no-preference') return fallback;
  const found = allowed.find((one) => one === value);
  if (!found) throw invalidParameterValue(`Invalid value '${value}' for ${name}.`);
  return found;
}

/** Its own disk is one volume; what else is asked for is only written down. */
export function blockDevicesOf(
  mappings: LaunchRequest['BlockDeviceMappings'],
  image: ImageRecord,
  ids: Ids,
): readonly BlockDevice[] {
  return wantedDevices(mappings, image).map((device) => ({ volumeId: newId(KINDS.volume.prefix, ids), ...device }));
}

export function wantedDevices(
  mappings: LaunchRequest['BlockDeviceMappings'],
  image: ImageRecord,
): readonly Omit<BlockDevice, 'volumeId'>[] {
  const root: BlockDeviceMapping = { DeviceName: image.rootDevice, Ebs: {} };
  const wanted = mappings ?? [];
  const all: readonly BlockDeviceMapping[] = wanted.some((one) => one.DeviceName === image.rootDevice)
    ? wanted
    : [root, ...wanted];
  return all.flatMap((one): Omit<BlockDevice, 'volumeId'>[] => {
    if (one.NoDevice !== undefined || one.VirtualName !== undefined) return [];
    return [
      {
        deviceName: one.DeviceName ?? image.rootDevice,
        volumeSize: one.Ebs?.VolumeSize ?? image.volumeGiB,
        volumeType: one.Ebs?.VolumeType ?? image.volumeType,
        deleteOnTermination: one.Ebs?.DeleteOnTermination ?? true,
        encrypted: one.Ebs?.Encrypted ?? false,
      },
    ];
  });
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotMarketOptions.html */
export function spotOf(
  options: LaunchRequest['InstanceMarketOptions'],
  ids: Ids,
  tags: Tags = {},
): InstanceRow['spot'] {
  if (!options?.MarketType) return undefined;
  if (options.MarketType !== 'spot')
    throw unsupportedParameter(`InstanceMarketOptions.MarketType ${options.MarketType}`);
  const spot = options.SpotOptions ?? {};
  const type = either('SpotInstanceType', spot.SpotInstanceType, ['one-time', 'persistent'] as const, 'one-time');
  const given = spot.InstanceInterruptionBehavior;
  if (given === 'hibernate') {
    throw unsupportedParameter('InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior hibernate');
  }
  const end = either('InstanceInterruptionBehavior', given, ['terminate', 'stop'] as const, 'terminate');
  if (end === 'stop' && type !== 'persistent') {
    throw invalidParameterCombination(
      `InstanceInterruptionBehavior '${end}' can be used with persistent Spot requests only.`,
    );
  }
  if (spot.BlockDurationMinutes) throw unsupportedParameter('InstanceMarketOptions.SpotOptions.BlockDurationMinutes');
  if (spot.ValidUntil && type !== 'persistent') {
    throw invalidParameterCombination('ValidUntil can be used with persistent Spot requests only.');
  }
  return {
    requestId: `sir-${ids.hex(8)}`,
    type,
    ...(end === 'stop' ? { behavior: end } : {}),
    ...(spot.MaxPrice ? { maxPrice: spot.MaxPrice } : {}),
    ...(spot.ValidUntil ? { validUntil: new Date(spot.ValidUntil).getTime() } : {}),
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
  };
}

const INTERFACE_UNSUPPORTED = [
  'AssociateCarrierIpAddress',
  'ConnectionTrackingSpecification',
  'EnaQueueCount',
  'EnaSrdSpecification',
  'Ipv4PrefixCount',
  'Ipv4Prefixes',
  'Ipv6AddressCount',
  'Ipv6Addresses',
  'Ipv6PrefixCount',
  'Ipv6Prefixes',
  'PrimaryIpv6',
  'SecondaryPrivateIpAddressCount',
] as const;

/** The primary interface, as the request describes it: one that is there already, or a new one. */
export interface WantedInterface {
  readonly interfaceId?: string;
  readonly subnetId?: string;
  readonly groupIds?: readonly string[];
  /** In the default VPC. */
  readonly groupNames?: readonly string[];
  readonly privateIp?: string;
  readonly associatesPublicIp?: boolean;
  readonly deleteOnTermination: boolean;
  readonly description: string;
}

/** @param byService Auto Scaling puts the interface of a template into the subnets of its group */
export function wantedInterface(request: LaunchRequest, byService: boolean): WantedInterface {
  const [first, second] = request.NetworkInterfaces ?? [];
  if (!first) {
    return {
      ...(request.SubnetId ? { subnetId: request.SubnetId } : {}),
      ...(request.SecurityGroupIds?.length ? { groupIds: request.SecurityGroupIds } : {}),
      ...(request.SecurityGroups?.length ? { groupNames: request.SecurityGroups } : {}),
      ...(request.PrivateIpAddress ? { privateIp: request.PrivateIpAddress } : {}),
      deleteOnTermination: true,
      description: '',
    };
  }
  if (second) throw unsupportedParameter('NetworkInterfaces (more than one)');
  checkInterface(first, byService ? { ...request, SubnetId: undefined } : request);
  const subnetId = byService ? request.SubnetId || first.SubnetId : first.SubnetId;
  const privateIp =
    first.PrivateIpAddress ?? first.PrivateIpAddresses?.[0]?.PrivateIpAddress ?? request.PrivateIpAddress;
  return {
    ...(first.NetworkInterfaceId ? { interfaceId: first.NetworkInterfaceId } : {}),
    ...(subnetId ? { subnetId } : {}),
    ...(first.Groups?.length ? { groupIds: first.Groups } : {}),
    ...(privateIp ? { privateIp } : {}),
    ...(first.AssociatePublicIpAddress === undefined ? {} : { associatesPublicIp: first.AssociatePublicIpAddress }),
    deleteOnTermination: first.DeleteOnTermination ?? first.NetworkInterfaceId === undefined,
    description: first.Description ?? '',
  };
}

function checkInterface(one: InstanceNetworkInterfaceSpecification, request: LaunchRequest): void {
  if (request.SubnetId || request.SecurityGroupIds?.length || request.SecurityGroups?.length) {
    throw invalidParameterCombination(
      'Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request',
    );
  }
  if ((one.DeviceIndex ?? 0) !== 0) {
    throw invalidParameterValue('Each network interface requires a unique device index; the first must have index 0.');
  }
  const odd = INTERFACE_UNSUPPORTED.find((name) => {
    const value: unknown = one[name];
    return value !== undefined && value !== false && value !== 0 && !(Array.isArray(value) && value.length === 0);
  });
  if (odd) throw unsupportedParameter(`NetworkInterfaces.${odd}`);
  if ((one.NetworkCardIndex ?? 0) !== 0) throw unsupportedParameter('NetworkInterfaces.NetworkCardIndex');
  if (one.InterfaceType !== undefined && one.InterfaceType !== 'interface') {
    throw unsupportedParameter(`NetworkInterfaces.InterfaceType ${one.InterfaceType}`);
  }
  if ((one.PrivateIpAddresses?.length ?? 0) > 1)
    throw unsupportedParameter('NetworkInterfaces.PrivateIpAddresses (secondary)');
  if (one.NetworkInterfaceId && (one.SubnetId || one.Groups?.length || one.AssociatePublicIpAddress !== undefined)) {
    throw invalidParameterCombination(
      'A network interface that is there already has its own subnet, groups and address: they may not be specified.',
    );
  }
}
