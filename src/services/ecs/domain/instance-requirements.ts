import type { InstanceRequirementsRequest } from '@aws-sdk/client-ecs';
import { invalidParameter, refuseUnsupported } from '../errors.ts';

export { costOf, meets, type TypeFacts } from '../../../api/instance-requirements.ts';

/** What no instance type here could tell, or has. */
const UNSUPPORTED = [
  'spotMaxPricePercentageOverLowestPrice',
  'maxSpotPriceAsPercentageOfOptimalOnDemandPrice',
  'onDemandMaxPricePercentageOverLowestPrice',
  'requireHibernateSupport',
  'localStorageTypes',
  'totalLocalStorageGB',
  'baselineEbsBandwidthMbps',
  'networkBandwidthGbps',
  'acceleratorTypes',
  'acceleratorCount',
  'acceleratorManufacturers',
  'acceleratorNames',
  'acceleratorTotalMemoryMiB',
];

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceRequirementsRequest.html
 * @throws InvalidParameterException, ClientException for what cannot be asked of a type here
 */
export function checkRequirements(wanted: InstanceRequirementsRequest): void {
  refuseUnsupported(wanted, UNSUPPORTED, 'instanceRequirements.');
  if (wanted.allowedInstanceTypes?.length && wanted.excludedInstanceTypes?.length) {
    throw invalidParameter('Only one of allowedInstanceTypes and excludedInstanceTypes can be specified.');
  }
  const { vCpuCount, memoryMiB, memoryGiBPerVCpu, networkInterfaceCount } = wanted;
  const ranges = { vCpuCount, memoryMiB, memoryGiBPerVCpu, networkInterfaceCount };
  for (const [name, range] of Object.entries(ranges)) {
    const { min = 0, max = Infinity } = range ?? {};
    if (min < 0 || max < min) throw invalidParameter(`The range of instanceRequirements.${name} is invalid.`);
  }
}
