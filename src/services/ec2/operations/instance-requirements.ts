import type { ArchitectureType, InstanceRequirementsRequest, VirtualizationType } from '@aws-sdk/client-ec2';
import { meets, requirementsOf, unknownRequirement, type TypeFacts } from '../../../api/instance-requirements.ts';
import { nextTokenOf, pageOf } from '../describe.ts';
import { INSTANCE_TYPES, type InstanceType } from '../domain/instance-types.ts';
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  unsupportedParameter,
} from '../errors.ts';
import { operation } from '../operation.ts';

const ARCHITECTURES: readonly ArchitectureType[] = ['i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac'];
const VIRTUALIZATIONS: readonly VirtualizationType[] = ['hvm', 'paravirtual'];
const INCLUSIONS = ['included', 'excluded', 'required'];

/** Of requirements with values of a list. */
const LISTED = {
  CpuManufacturers: ['intel', 'amd', 'amazon-web-services', 'apple'],
  InstanceGenerations: ['current', 'previous'],
  BareMetal: INCLUSIONS,
  BurstablePerformance: INCLUSIONS,
  LocalStorage: INCLUSIONS,
} as const satisfies { readonly [K in keyof InstanceRequirementsRequest]?: readonly string[] };

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetInstanceTypesFromInstanceRequirements.html */
export const GetInstanceTypesFromInstanceRequirements = operation('GetInstanceTypesFromInstanceRequirements', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (_, { ArchitectureTypes: architectures, VirtualizationTypes: virtualizations, ...input }) => {
    check('ArchitectureType', architectures, ARCHITECTURES, 3);
    check('VirtualizationType', virtualizations, VIRTUALIZATIONS, 2);
    const wanted = requirementsOf(checked(input.InstanceRequirements));
    const found = [...INSTANCE_TYPES.values()].filter(
      (type) =>
        architectures?.includes(type.architecture) && virtualizations?.includes('hvm') && meets(factsOf(type), wanted),
    );
    const page = pageOf(found, (type) => type.name, input);
    return { InstanceTypes: page.items.map((type) => ({ InstanceType: type.name })), ...nextTokenOf(page) };
  },
});

function check(name: string, given: readonly string[] | undefined, values: readonly string[], most: number): void {
  if (!given?.length) throw missingParameter(name);
  if (given.length > most) throw invalidParameterValue(`The parameter ${name} can have at most ${most} values.`);
  checkValues(name, given, values);
}

function checkValues(name: string, given: readonly string[], values: readonly string[]): void {
  const wrong = given.find((one) => !values.includes(one));
  if (wrong !== undefined) throw invalidParameterValue(`Value (${wrong}) for parameter ${name} is invalid.`);
}

/** The requirements, where they can be asked of a type here. */
function checked(wanted: InstanceRequirementsRequest | undefined): InstanceRequirementsRequest {
  const name = (member: keyof InstanceRequirementsRequest) => `InstanceRequirements.${member}`;
  if (wanted?.VCpuCount?.Min === undefined) throw missingParameter(`${name('VCpuCount')}.Min`);
  if (wanted.MemoryMiB?.Min === undefined) throw missingParameter(`${name('MemoryMiB')}.Min`);
  const unknown = unknownRequirement(wanted);
  if (unknown) throw unsupportedParameter(`InstanceRequirements.${unknown}`);
  if (wanted.AllowedInstanceTypes?.length && wanted.ExcludedInstanceTypes?.length) {
    throw invalidParameterCombination(
      'You cannot specify both AllowedInstanceTypes and ExcludedInstanceTypes in InstanceRequirements.',
    );
  }
  for (const member of ['VCpuCount', 'MemoryMiB', 'MemoryGiBPerVCpu', 'NetworkInterfaceCount'] as const) {
    const { Min: min = 0, Max: max = Infinity } = wanted[member] ?? {};
    if (min < 0 || max < min) throw invalidParameterValue(`The range of ${name(member)} is invalid.`);
  }
  for (const member of Object.keys(LISTED) as (keyof typeof LISTED)[]) {
    checkValues(name(member), [wanted[member] ?? []].flat(), LISTED[member]);
  }
  return wanted;
}

/** As DescribeInstanceTypes shows it: no type has metal, or disks of its own, here. */
function factsOf(type: InstanceType): TypeFacts {
  return {
    name: type.name,
    vcpus: type.vcpus,
    memoryMiB: type.memoryMiB,
    interfaces: type.maxInterfaces,
    isBurstable: type.burstable,
    isBareMetal: false,
    isCurrent: type.currentGeneration,
    hasLocalStorage: false,
  };
}
