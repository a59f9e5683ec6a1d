import type { InstanceRequirementsRequest } from '@aws-sdk/client-ecs';

/** As ECS has them; EC2 and EC2 Auto Scaling have the same, with capitals. */
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

/** Members, with capitals, that ask for what is not known of a type here, and what they say when they ask for nothing. */
const UNKNOWN: Readonly<Record<string, (value: any) => boolean>> = {
  SpotMaxPricePercentageOverLowestPrice: () => false,
  MaxSpotPriceAsPercentageOfOptimalOnDemandPrice: () => false,
  OnDemandMaxPricePercentageOverLowestPrice: () => false,
  RequireHibernateSupport: (value) => value === false,
  RequireEncryptionInTransit: (value) => value === false,
  LocalStorageTypes: (value) => value.length === 0,
  TotalLocalStorageGB: () => false,
  BaselineEbsBandwidthMbps: () => false,
  AcceleratorTypes: (value) => value.length === 0,
  AcceleratorCount: (value) => value.Max === 0 || (value.Min ?? 0) === 0,
  AcceleratorManufacturers: (value) => value.length === 0,
  AcceleratorNames: (value) => value.length === 0,
  AcceleratorTotalMemoryMiB: () => false,
  NetworkBandwidthGbps: () => false,
  BaselinePerformanceFactors: () => false,
};

/** The first member, with capitals, that no type here could be judged by. */
export function unknownRequirement(wanted: object): string | undefined {
  const asked = Object.entries(wanted).find(([name, value]) => value !== undefined && UNKNOWN[name]?.(value) === false);
  return asked?.[0];
}

/** `{VCpuCount: {Min: 2}}` as `{vCpuCount: {min: 2}}`. */
export function requirementsOf(wanted: object): Requirements {
  return uncapitalized(wanted) as Requirements;
}

function uncapitalized(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const small = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [small(name), uncapitalized(one)]));
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
