import { controlGroupStats } from '../cgroups/control-group-stats.ts';
import type { CpuStats } from '../cgroups/control-group-stats.ts';
import type { ContainerStats } from '../runtime.ts';

interface Sample {
  readonly read: string;
  readonly cpu: CpuStats;
}

const NOTHING = { cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 }, throttling_data: {} };

/** Samples with both `cpu_stats` and `precpu_stats`, as the ECS agent answers them; the first has nothing before it. */
export class StatsSampler {
  readonly #previous = new Map<string, Sample>();
  readonly #read: typeof controlGroupStats;

  constructor(read: typeof controlGroupStats = controlGroupStats) {
    this.#read = read;
  }

  /** @returns undefined where the process is gone */
  async sample(
    container: { readonly id: string; readonly name: string; readonly pid: number },
    now: Date,
  ): Promise<ContainerStats | undefined> {
    const { id, name, pid } = container;
    const own = await this.#read(pid);
    if (!own) return undefined;
    const read = now.toISOString();
    const before = this.#previous.get(id);
    this.#previous.set(id, { read, cpu: own.cpu_stats });
    // A restart begins the count anew.
    const isGoingOn = before !== undefined && before.cpu.cpu_usage.total_usage <= own.cpu_stats.cpu_usage.total_usage;
    return {
      read,
      preread: isGoingOn ? before.read : '0001-01-01T00:00:00Z',
      name: `/${name}`,
      id,
      num_procs: 0,
      storage_stats: {},
      ...own,
      precpu_stats: isGoingOn ? before.cpu : NOTHING,
    };
  }

  forget(id: string): void {
    this.#previous.delete(id);
  }
}
