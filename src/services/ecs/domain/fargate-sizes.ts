import { clientError } from '../errors.ts';

const GIB = 1024;

/**
 * Fargate's table of task sizes: CPU in units of 1/1024, memory in MiB.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
export const FARGATE_SIZES: Readonly<Record<number, readonly number[]>> = {
  256: [512, GIB, 2 * GIB],
  512: range(1, 4, 1),
  1024: range(2, 8, 1),
  2048: range(4, 16, 1),
  4096: range(8, 30, 1),
  8192: range(16, 60, 4),
  16384: range(32, 120, 8),
};

function range(fromGib: number, toGib: number, stepGib: number): number[] {
  const sizes = [];
  for (let gib = fromGib; gib <= toGib; gib += stepGib) sizes.push(gib * GIB);
  return sizes;
}

/** A task's size as ECS shows it, in CPU units and MiB; ECS's own refusals for what Fargate does not have. */
export function fargateSize(cpu: string, memory: string): { cpu: string; memory: string } {
  const size = { cpu: taskCpu(cpu), memory: taskMemory(memory) };
  if (!FARGATE_SIZES[Number(size.cpu)]?.includes(Number(size.memory))) {
    throw clientError(
      `No Fargate configuration exists for given values: ${size.cpu} CPU, ${size.memory} memory. See the Amazon ECS documentation for the valid values.`,
    );
  }
  return size;
}

/** `256`, `.25 vCPU` or `1 vcpu` as CPU units. */
export function taskCpu(text: string): string {
  const units = quantity(text, /^(\d*\.?\d+)\s*vcpus?$/i);
  if (!units) throw clientError(`Invalid 'cpu' setting for task.`);
  return String(units);
}

/** `512`, `0.5 GB` or `1gb` as MiB. */
export function taskMemory(text: string): string {
  const mib = quantity(text, /^(\d*\.?\d+)\s*gb$/i);
  if (!mib) throw clientError(`Invalid 'memory' setting for task.`);
  return String(mib);
}

/** A plain number is taken as it is; one with the unit is a multiple of 1024. */
function quantity(text: string, withUnit: RegExp): number | undefined {
  const trimmed = text.trim();
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed);
  const many = withUnit.exec(trimmed);
  return many ? Math.round(Number(many[1]) * 1024) : undefined;
}
