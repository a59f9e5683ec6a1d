import type { TaskLimits } from './task-cgroups.ts';

const PERIOD_US = 100_000;
const UNITS_PER_CPU = 1024;
/** The kernel's least. */
const MIN_QUOTA_US = 1000;

/** One write to a file of a control group. */
export interface LimitFile {
  readonly name: string;
  readonly value: string;
  /** Where the kernel lacks it, the limit holds without it (swap that is not accounted). */
  readonly optional?: true;
}

/**
 * Version 1, memory's folder. Memory with swap may never be below memory: one of the two orders holds, whatever the
 * limits were before.
 */
export function memoryFilesV1({ memoryBytes }: TaskLimits): readonly LimitFile[] {
  const value = memoryBytes === undefined ? '-1' : String(memoryBytes);
  return [
    { name: 'memory.limit_in_bytes', value },
    { name: 'memory.memsw.limit_in_bytes', value, optional: true },
  ];
}

/** Version 1, cpu's folder. */
export function cpuFilesV1({ cpuUnits }: TaskLimits): readonly LimitFile[] {
  return [
    { name: 'cpu.cfs_period_us', value: String(PERIOD_US) },
    { name: 'cpu.cfs_quota_us', value: cpuUnits === undefined ? '-1' : String(quotaUs(cpuUnits)) },
  ];
}

/** Version 2, the one folder. */
export function filesV2({ cpuUnits, memoryBytes }: TaskLimits): readonly LimitFile[] {
  return [
    { name: 'cpu.max', value: `${cpuUnits === undefined ? 'max' : quotaUs(cpuUnits)} ${PERIOD_US}` },
    { name: 'memory.max', value: memoryBytes === undefined ? 'max' : String(memoryBytes) },
    { name: 'memory.swap.max', value: memoryBytes === undefined ? 'max' : '0', optional: true },
  ];
}

function quotaUs(cpuUnits: number): number {
  return Math.max(MIN_QUOTA_US, Math.round((cpuUnits / UNITS_PER_CPU) * PERIOD_US));
}
