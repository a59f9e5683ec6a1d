import type { InstanceRequirements } from '@aws-sdk/client-auto-scaling';
import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { costOf, meets, requirementsOf, type TypeFacts } from '../../../api/instance-requirements.ts';

/**
 * The types that meet what is asked for, the cheapest first.
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRequirements.html
 */
export function typesMeeting(wanted: InstanceRequirements, types: readonly InstanceTypeInfo[]): readonly string[] {
  const requirements = requirementsOf(wanted);
  return types
    .map(factsOf)
    .filter((type) => meets(type, requirements))
    .toSorted((a, b) => costOf(a) - costOf(b) || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

function factsOf(info: InstanceTypeInfo): TypeFacts {
  return {
    name: info.InstanceType ?? '',
    vcpus: info.VCpuInfo?.DefaultVCpus ?? 0,
    memoryMiB: info.MemoryInfo?.SizeInMiB ?? 0,
    interfaces: info.NetworkInfo?.MaximumNetworkInterfaces ?? 0,
    isBurstable: info.BurstablePerformanceSupported ?? false,
    isBareMetal: info.BareMetal ?? false,
    isCurrent: info.CurrentGeneration ?? true,
    hasLocalStorage: info.InstanceStorageSupported ?? false,
  };
}
