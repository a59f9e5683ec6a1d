import { clientError } from '../errors.ts';

const GIB = 1024;

/**
 * Fargate's table of task sizes: CPU in units of 1/1024, memory in MiB.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const SIZES: Readonly<Record<number, readonly number[]>> = {
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
  const cpuUnits = parseCpu(cpu);
  const memoryMib = parseMemory(memory);
  if (cpuUnits === undefined) throw clientError(`Invalid 'cpu' setting for task.`);
  if (memoryMib === undefined) throw clientError(`Invalid 'memory' setting for task.`);
  if (!SIZES[cpuUnits]?.includes(memoryMib)) {
    throw clientError(
      `No Fargate configuration exists for given values: ${cpuUnits} CPU, ${memoryMib} memory. See the Amazon ECS documentation for the valid values.`,
    );
  }
  return { cpu: String(cpuUnits), memory: String(memoryMib) };
}

/** `256`, `.25 vCPU` or `1 vcpu` as CPU units. */
function parseCpu(text: string): number | undefined {
  const plain = /^\d+$/.exec(text.trim());
  if (plain) return Number(text);
  const vcpu = /^(\d*\.?\d+)\s*vcpus?$/i.exec(text.trim());
  return vcpu ? Math.round(Number(vcpu[1]) * 1024) : undefined;
}

/** `512`, `0.5 GB` or `1gb` as MiB. */
export function parseMemory(text: string): number | undefined {
  const plain = /^\d+$/.exec(text.trim());
  if (plain) return Number(text);
  const gib = /^(\d*\.?\d+)\s*gb$/i.exec(text.trim());
  return gib ? Math.round(Number(gib[1]) * GIB) : undefined;
}
