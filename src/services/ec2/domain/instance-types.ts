/** Instance types with their real figures: https://docs.aws.amazon.com/ec2/latest/instancetypes/ */

export interface InstanceType {
  /** e.g. `t3.medium` */
  readonly name: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly vcpus: number;
  readonly threadsPerCore: 1 | 2;
  readonly memoryMiB: number;
  readonly burstable: boolean;
  readonly currentGeneration: boolean;
  readonly hypervisor: 'nitro' | 'xen';
  /** In GHz, all cores. */
  readonly clockGhz: number;
  readonly maxInterfaces: number;
  readonly addressesPerInterface: number;
}

interface Family {
  readonly architecture?: 'arm64';
  readonly threadsPerCore?: 1;
  /** GiB for each vCPU. */
  readonly memoryRatio: 2 | 4 | 8;
  readonly clockGhz: number;
  /** vCPUs by size are `VCPUS`. */
  readonly sizes: readonly string[];
}

const sizes = (text: string) => text.split(' ').map((size) => (/^\d/.test(size) ? `${size}xlarge` : size));

const VCPUS: Readonly<Record<string, number>> = { medium: 1, large: 2, xlarge: 4 };
const vcpusOf = (size: string) => VCPUS[size] ?? 4 * Number.parseInt(size, 10);

const FIFTH = sizes('large xlarge 2 4 8 12 16 24');
const C_FIFTH = sizes('large xlarge 2 4 9 12 18 24');
const INTEL_6 = sizes('large xlarge 2 4 8 12 16 24 32');
const AMD_6 = [...INTEL_6, '48xlarge'];
const INTEL_7 = sizes('large xlarge 2 4 8 12 16 24 48');
const AMD_7 = ['medium', ...AMD_6];
const ARM = sizes('medium large xlarge 2 4 8 12 16');
const FLEX = sizes('large xlarge 2 4 8 12 16');

const intel = (memoryRatio: 2 | 4 | 8, clockGhz: number, list: readonly string[]): Family => ({
  memoryRatio,
  clockGhz,
  sizes: list,
});
const arm = (memoryRatio: 2 | 4 | 8, clockGhz: number): Family => ({
  ...intel(memoryRatio, clockGhz, ARM),
  architecture: 'arm64',
  threadsPerCore: 1,
});
const amd7 = (memoryRatio: 2 | 4 | 8): Family => ({ ...intel(memoryRatio, 3.7, AMD_7), threadsPerCore: 1 });

/** Sizes that scale: so many vCPUs, and memory in proportion. */
const FAMILIES: Readonly<Record<string, Family>> = {
  m5: intel(4, 3.1, FIFTH),
  m5a: intel(4, 2.5, FIFTH),
  m5d: intel(4, 3.1, FIFTH),
  m5n: intel(4, 3.1, FIFTH),
  m6i: intel(4, 3.5, INTEL_6),
  m6id: intel(4, 3.5, INTEL_6),
  m6a: intel(4, 3.6, AMD_6),
  m6g: arm(4, 2.5),
  m6gd: arm(4, 2.5),
  m7i: intel(4, 3.2, INTEL_7),
  'm7i-flex': intel(4, 3.2, FLEX),
  m7a: amd7(4),
  m7g: arm(4, 2.6),
  m7gd: arm(4, 2.6),
  c5: intel(2, 3.4, C_FIFTH),
  c5a: intel(2, 3.3, FIFTH),
  c5d: intel(2, 3.4, C_FIFTH),
  c6i: intel(2, 3.5, INTEL_6),
  c6id: intel(2, 3.5, INTEL_6),
  c6a: intel(2, 3.6, AMD_6),
  c6g: arm(2, 2.5),
  c6gd: arm(2, 2.5),
  c7i: intel(2, 3.2, INTEL_7),
  'c7i-flex': intel(2, 3.2, FLEX),
  c7a: amd7(2),
  c7g: arm(2, 2.6),
  c7gd: arm(2, 2.6),
  r5: intel(8, 3.1, FIFTH),
  r5a: intel(8, 2.5, FIFTH),
  r5d: intel(8, 3.1, FIFTH),
  r5n: intel(8, 3.1, FIFTH),
  r6i: intel(8, 3.5, INTEL_6),
  r6id: intel(8, 3.5, INTEL_6),
  r6a: intel(8, 3.6, AMD_6),
  r6g: arm(8, 2.5),
  r6gd: arm(8, 2.5),
  r7i: intel(8, 3.2, INTEL_7),
  r7a: amd7(8),
  r7g: arm(8, 2.6),
  r7gd: arm(8, 2.6),
};

/** Burstable sizes: vCPUs of t2, vCPUs of the others, GiB. */
const BURSTABLE: Readonly<Record<string, readonly [t2: number, others: number, gib: number]>> = {
  nano: [1, 2, 0.5],
  micro: [1, 2, 1],
  small: [1, 2, 2],
  medium: [2, 2, 4],
  large: [2, 2, 8],
  xlarge: [4, 4, 16],
  '2xlarge': [8, 8, 32],
};

const BURSTABLE_CLOCKS: Readonly<Record<string, number>> = { t2: 2.3, t3: 2.5, t3a: 2.2, t4g: 2.5 };

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html: interfaces, and addresses of each. */
function interfaceLimits(family: string, size: string): readonly [interfaces: number, addresses: number] {
  const burstable = family in BURSTABLE_CLOCKS;
  switch (size) {
    case 'nano':
    case 'micro':
      return [2, 2];
    case 'small':
      return [3, 4];
    case 'medium':
      return burstable ? [3, 6] : [2, 4];
    case 'large':
      return burstable ? [3, 12] : [3, 10];
    case 'xlarge':
    case '2xlarge':
      return family === 't2' ? [3, 15] : [4, 15];
    default:
      return vcpusOf(size) < 64 ? [8, 30] : [15, 50];
  }
}

const withLimits = (family: string, size: string) => {
  const [maxInterfaces, addressesPerInterface] = interfaceLimits(family, size);
  return { maxInterfaces, addressesPerInterface };
};

function burstableTypes(): InstanceType[] {
  return Object.entries(BURSTABLE_CLOCKS).flatMap(([family, clockGhz]) =>
    Object.entries(BURSTABLE).map(([size, [t2, others, gib]]) => ({
      name: `${family}.${size}`,
      architecture: family === 't4g' ? ('arm64' as const) : ('x86_64' as const),
      vcpus: family === 't2' ? t2 : others,
      threadsPerCore: family === 't2' || family === 't4g' ? (1 as const) : (2 as const),
      memoryMiB: gib * 1024,
      burstable: true,
      currentGeneration: true,
      hypervisor: family === 't2' ? ('xen' as const) : ('nitro' as const),
      clockGhz,
      ...withLimits(family, size),
    })),
  );
}

function scalingTypes(): InstanceType[] {
  return Object.entries(FAMILIES).flatMap(
    ([family, { architecture, threadsPerCore, memoryRatio, clockGhz, ...rest }]) =>
      rest.sizes.map((size) => ({
        name: `${family}.${size}`,
        architecture: architecture ?? ('x86_64' as const),
        vcpus: vcpusOf(size),
        threadsPerCore: threadsPerCore ?? (size === 'medium' ? 1 : 2),
        memoryMiB: vcpusOf(size) * memoryRatio * 1024,
        burstable: false,
        currentGeneration: true,
        hypervisor: 'nitro' as const,
        clockGhz,
        ...withLimits(family, size),
      })),
  );
}

export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = new Map(
  [...burstableTypes(), ...scalingTypes()].map((type) => [type.name, type]),
);
