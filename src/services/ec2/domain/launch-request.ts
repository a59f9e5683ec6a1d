import type { RequestLaunchTemplateData, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { unsupportedParameter } from '../errors.ts';

/** What a launch asks for, whoever said it: the request, or the launch template where the request says nothing. */
export type LaunchRequest = Omit<
  RunInstancesRequest,
  'LaunchTemplate' | 'MinCount' | 'MaxCount' | 'ClientToken' | 'DryRun'
>;

/** Members of a request and of a template that ask for what is not built. */
const UNSUPPORTED = [
  'CapacityReservationSpecification',
  'CpuOptions',
  'ElasticGpuSpecification',
  'ElasticGpuSpecifications',
  'ElasticInferenceAccelerators',
  'EnablePrimaryIpv6',
  'EnclaveOptions',
  'HibernationOptions',
  'InstanceRequirements',
  'Ipv6AddressCount',
  'Ipv6Addresses',
  'KernelId',
  'LicenseSpecifications',
  'RamDiskId',
  'RamdiskId',
  'SecondaryInterfaces',
] as const;

/** What these say when they ask for nothing. */
const HARMLESS: Readonly<Record<string, (value: any) => boolean>> = {
  CapacityReservationSpecification: (value) =>
    value.CapacityReservationTarget === undefined &&
    value.CapacityReservationPreference !== 'capacity-reservations-only',
  EnclaveOptions: (value) => value.Enabled !== true,
  HibernationOptions: (value) => value.Configured !== true,
};

const PLACEMENT = [
  'Affinity',
  'GroupId',
  'GroupName',
  'HostId',
  'HostResourceGroupArn',
  'PartitionNumber',
  'SpreadDomain',
];

/** Throws InvalidParameterValue naming what cannot be done. */
export function checkSupported(request: object): void {
  const members = request as Readonly<Record<string, unknown>>;
  for (const name of UNSUPPORTED) {
    if (isGiven(members[name]) && !HARMLESS[name]?.(members[name])) throw unsupportedParameter(name);
  }
  const placement = (members['Placement'] ?? {}) as Readonly<Record<string, unknown>>;
  const odd = PLACEMENT.find((name) => isGiven(placement[name]));
  if (odd) throw unsupportedParameter(`Placement.${odd}`);
  if (isGiven(placement['Tenancy']) && placement['Tenancy'] !== 'default')
    throw unsupportedParameter('Placement.Tenancy');
}

/** The request's own members win; tags of one resource type are put together. */
export function mergeLaunch(request: LaunchRequest, template: RequestLaunchTemplateData | undefined): LaunchRequest {
  if (!template) return request;
  const { TagSpecifications: ofTemplate = [], ...rest } = template as LaunchRequest;
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => isGiven(value) || value === false));
  const { TagSpecifications: own = [], ...members } = given as LaunchRequest;
  // Groups and subnet of a template's interface give way to those of the request only as a whole.
  return { ...rest, ...members, TagSpecifications: mergeTagSpecifications(ofTemplate, own) };
}

type Specifications = NonNullable<LaunchRequest['TagSpecifications']>;

function mergeTagSpecifications(base: Specifications, over: Specifications): Specifications {
  const types = [...new Set([...base, ...over].map((one) => one.ResourceType))];
  return types.map((ResourceType) => {
    const of = (list: Specifications) =>
      list.filter((one) => one.ResourceType === ResourceType).flatMap((one) => one.Tags ?? []);
    const overriding = of(over);
    const kept = of(base).filter((tag) => !overriding.some((other) => other.Key === tag.Key));
    return { ResourceType, Tags: [...kept, ...overriding] };
  });
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return false;
  return !(Array.isArray(value) && value.length === 0);
}
