import type { ReadTx } from '../../store/store.ts';
import type { InstanceType } from './domain/instance-types.ts';
import { insufficientInstanceCapacity, noInstanceHost } from './errors.ts';
import { instances } from './instance-tables.ts';
import type { InstanceHost } from './ports.ts';

/** How many more of a type the host takes. CPUs are promised more than once, and memory is a limit, not a reservation. */
export async function roomFor(tx: ReadTx, host: InstanceHost, type: InstanceType): Promise<number> {
  const there = await tx.list(instances, { where: ['onHost', 'yes'] });
  const used = (of: (row: { vcpus: number; memoryMiB: number }) => number) =>
    there.reduce((sum, row) => sum + of(row), 0);
  const cpus = (host.vcpus - used((row) => row.vcpus)) / type.vcpus;
  const memory = (host.memoryMiB - used((row) => row.memoryMiB)) / type.memoryMiB;
  return Math.max(0, Math.floor(Math.min(cpus, memory)));
}

/** Throws InsufficientInstanceCapacity. Answers how many of `wanted` there is room for: at least `least`. */
export async function takeRoom(
  tx: ReadTx,
  host: InstanceHost,
  type: InstanceType,
  { least, most, zone }: { readonly least: number; readonly most: number; readonly zone: string },
): Promise<number> {
  const room = await roomFor(tx, host, type);
  if (room < least) throw insufficientInstanceCapacity(type.name, zone);
  return Math.min(room, most);
}

/** Throws Unsupported. */
export function requireHost(ports: { readonly instances?: InstanceHost }): InstanceHost {
  if (!ports.instances) throw noInstanceHost();
  return ports.instances;
}
