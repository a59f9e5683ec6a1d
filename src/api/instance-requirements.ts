import type { InstanceRequirementsRequest } from '@aws-sdk/client-ecs';

/** As ECS has them; EC2 Auto Scaling has the same, with capitals. */
export type Requirements = Partial<InstanceRequirementsRequest>;

/** An EC2 instance type, as far as requirements look at it. */
export interface TypeFacts {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** Network interfaces, its own included. */
  readonly interfaces: number;
  readonly isBurstable: boolean;
  readonly isBareMetal: boolean;
  readonly isCurrent: boolean;
  readonly hasLocalStorage: boolean;
}

interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Left out: general-purpose types of all families. Burstable and bare metal types must be asked for. */
export function meets(type: TypeFacts, wanted: Requirements = {}): boolean {
  const { allowedInstanceTypes: allowed = [], excludedInstanceTypes: excluded = [] } = wanted;
  const { cpuManufacturers = [], instanceGenerations = [] } = wanted;
  return (
    isWithin(type.vcpus, wanted.vCpuCount) &&
    isWithin(type.memoryMiB, wanted.memoryMiB) &&
    isWithin(type.memoryMiB / 1024 / type.vcpus, wanted.memoryGiBPerVCpu) &&
    isWithin(type.interfaces, wanted.networkInterfaceCount) &&
    isIncluded(type.isBurstable, wanted.burstablePerformance ?? 'excluded') &&
    isIncluded(type.isBareMetal, wanted.bareMetal ?? 'excluded') &&
    isIncluded(type.hasLocalStorage, wanted.localStorage ?? 'included') &&
    (allowed.length === 0 || allowed.some((pattern) => isNamed(type.name, pattern))) &&
    !excluded.some((pattern) => isNamed(type.name, pattern)) &&
    (cpuManufacturers.length === 0 || cpuManufacturers.includes(manufacturerOf(type.name))) &&
    (instanceGenerations.length === 0 || instanceGenerations.includes(type.isCurrent ? 'current' : 'previous'))
  );
}

/** What an hour costs, roughly, in dollars: EC2's price list follows CPUs and memory closely. Only the order matters. */
export function costOf({ vcpus, memoryMiB }: Pick<TypeFacts, 'vcpus' | 'memoryMiB'>): number {
  return vcpus * 0.0355 + (memoryMiB / 1024) * 0.0035;
}

function isWithin(value: number, { min = 0, max = Infinity }: Range = {}): boolean {
  return value >= min && value <= max;
}

function isIncluded(has: boolean, wanted: 'included' | 'excluded' | 'required'): boolean {
  return wanted === 'included' || has === (wanted === 'required');
}

/** `*` stands for any text. */
function isNamed(name: string, pattern: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[.^$+?()[\]{}|\\]/g, String.raw`\$&`));
  return new RegExp(`^${source.join('.*')}$`).test(name);
}

/** `m7g.large` and `m7a.large` say it; what says nothing is Intel's. */
function manufacturerOf(name: string): 'intel' | 'amd' | 'amazon-web-services' {
  const [, letters = ''] = /^[a-z]+\d+([a-z]*)/.exec(name) ?? [];
  if (letters.includes('g')) return 'amazon-web-services';
  return letters.includes('a') ? 'amd' : 'intel';
}
