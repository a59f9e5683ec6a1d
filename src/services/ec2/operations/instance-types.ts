import type { InstanceTypeInfo, InstanceTypeOffering } from '@aws-sdk/client-ec2';
import { nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { INSTANCE_TYPES, type InstanceType } from '../domain/instance-types.ts';
import { zonesOf } from '../domain/zones.ts';
import { unknownInstanceTypes, unsupportedValue } from '../errors.ts';
import { operation } from '../operation.ts';

type TypeName = NonNullable<InstanceTypeInfo['InstanceType']>;

const FIELDS: FilterFields<InstanceType> = {
  'auto-recovery-supported': () => true,
  'bare-metal': () => false,
  'burstable-performance-supported': (type) => type.burstable,
  'current-generation': (type) => type.currentGeneration,
  'dedicated-hosts-supported': () => false,
  'free-tier-eligible': (type) => type.name === 't2.micro' || type.name === 't3.micro',
  'hibernation-supported': () => false,
  hypervisor: (type) => type.hypervisor,
  'instance-storage-supported': () => false,
  'instance-type': (type) => type.name,
  'memory-info.size-in-mib': (type) => type.memoryMiB,
  'network-info.ipv4-addresses-per-interface': (type) => type.addressesPerInterface,
  'network-info.maximum-network-interfaces': (type) => type.maxInterfaces,
  'processor-info.supported-architecture': (type) => type.architecture,
  'processor-info.sustained-clock-speed-in-ghz': (type) => type.clockGhz,
  'supported-root-device-type': () => 'ebs',
  'supported-usage-class': () => ['on-demand', 'spot'],
  'supported-virtualization-type': () => 'hvm',
  'vcpu-info.default-cores': (type) => type.vcpus / type.threadsPerCore,
  'vcpu-info.default-threads-per-core': (type) => type.threadsPerCore,
  'vcpu-info.default-vcpus': (type) => type.vcpus,
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html */
export const DescribeInstanceTypes = operation('DescribeInstanceTypes', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (_, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const names: readonly string[] = input.InstanceTypes ?? [];
    const unknown = names.filter((name) => !INSTANCE_TYPES.has(name));
    if (unknown.length > 0) throw unknownInstanceTypes(unknown);
    const all = [...INSTANCE_TYPES.values()].filter((type) => names.length === 0 || names.includes(type.name));
    const page = pageOf(
      all.filter((type) => matches(type)),
      (type) => type.name,
      { MaxResults: input.MaxResults ?? 100, NextToken: input.NextToken },
    );
    return { InstanceTypes: page.items.map(typeView), ...nextTokenOf(page) };
  },
});

function typeView(type: InstanceType): InstanceTypeInfo {
  const cores = type.vcpus / type.threadsPerCore;
  return {
    InstanceType: type.name as TypeName,
    CurrentGeneration: type.currentGeneration,
    FreeTierEligible: type.name === 't2.micro' || type.name === 't3.micro',
    SupportedUsageClasses: ['on-demand', 'spot'],
    SupportedRootDeviceTypes: ['ebs'],
    SupportedVirtualizationTypes: ['hvm'],
    BareMetal: false,
    Hypervisor: type.hypervisor,
    ProcessorInfo: { SupportedArchitectures: [type.architecture], SustainedClockSpeedInGhz: type.clockGhz },
    VCpuInfo: { DefaultVCpus: type.vcpus, DefaultCores: cores, DefaultThreadsPerCore: type.threadsPerCore },
    MemoryInfo: { SizeInMiB: type.memoryMiB },
    InstanceStorageSupported: false,
    NetworkInfo: {
      MaximumNetworkInterfaces: type.maxInterfaces,
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      Ipv4AddressesPerInterface: type.addressesPerInterface,
      Ipv6Supported: false,
      EnaSupport: type.hypervisor === 'nitro' ? 'required' : 'unsupported',
    },
    PlacementGroupInfo: { SupportedStrategies: [] },
    HibernationSupported: false,
    BurstablePerformanceSupported: type.burstable,
    DedicatedHostsSupported: false,
    AutoRecoverySupported: true,
    SupportedBootModes: ['legacy-bios'],
  };
}

interface Offering {
  readonly name: string;
  readonly location: string;
}

const OFFERING_FIELDS: FilterFields<Offering> = {
  'instance-type': (offering) => offering.name,
  location: (offering) => offering.location,
};

/** Every type is there in every zone. */
export const DescribeInstanceTypeOfferings = operation('DescribeInstanceTypeOfferings', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(OFFERING_FIELDS, input.Filters);
    const kind = input.LocationType ?? 'region';
    if (kind === 'outpost')
      throw unsupportedValue(kind, 'LocationType', 'Ask for region, availability-zone or availability-zone-id.');
    const zones = zonesOf(ctx.region);
    const locations =
      kind === 'region' ? [ctx.region] : zones.map((zone) => (kind === 'availability-zone' ? zone.name : zone.id));
    const all = [...INSTANCE_TYPES.keys()].flatMap((name) =>
      locations.map((location): Offering => ({ name, location })),
    );
    const page = pageOf(
      all.filter((one) => matches(one)),
      (one) => `${one.name} ${one.location}`,
      input,
    );
    const view = ({ name, location }: Offering): InstanceTypeOffering => ({
      InstanceType: name as TypeName,
      LocationType: kind,
      Location: location,
    });
    return { InstanceTypeOfferings: page.items.map(view), ...nextTokenOf(page) };
  },
});
