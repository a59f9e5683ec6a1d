import { scopeKey } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ContainerRuntime, ContainerStats } from '../runtime/runtime.ts';
import type { ListRunningTasks, RunningTask } from '../services/ecs/index.ts';

/** Where measurements go: CloudWatch's sink has this shape. */
export interface MetricsPort {
  put(scope: Scope, namespace: string, measurements: readonly EcsMeasurement[]): Promise<void>;
}

export interface EcsMeasurement {
  readonly name: 'CPUUtilization' | 'MemoryUtilization';
  readonly dimensions: Readonly<Record<string, string>>;
  /** Percent of what the task may use. */
  readonly value: number;
  readonly unit: 'Percent';
  readonly atMs: number;
}

interface Parts {
  readonly tasks: ListRunningTasks;
  readonly runtime: Pick<ContainerRuntime, 'stats'>;
  readonly metrics: MetricsPort;
  readonly clock: Clock;
  readonly log: Log;
}

const EVERY_MS = 60_000;
const MIB = 1024 ** 2;

/** What a container had used when it was last looked at. */
interface Used {
  readonly cpuNs: number;
  readonly memoryBytes: number;
  readonly atMs: number;
}

/**
 * Measures what each running task uses of its CPU and memory, each minute: one value of each for its service, and one
 * for its cluster, so that averages are those of the tasks.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
 */
export class EcsMetrics {
  readonly #parts: Parts;
  #before = new Map<string, Used>();
  #cancel: () => void = () => {};
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The first look gives no CPU yet: that is what was used between two looks. */
  start(): void {
    void this.#turn();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  async #turn(): Promise<void> {
    try {
      await this.sample();
    } catch (error) {
      this.#parts.log.warn('the tasks of ECS could not be measured', { error: String(error) });
    }
    if (this.#closed) return;
    const { clock } = this.#parts;
    this.#cancel = clock.after(EVERY_MS - (clock.now() % EVERY_MS), () => void this.#turn());
  }

  /** One look at every task. */
  async sample(): Promise<void> {
    const { tasks, metrics } = this.#parts;
    const running = await tasks();
    const used = new Map<string, Used>();
    await Promise.all(
      running.flatMap((task) =>
        task.runtimeIds.map(async (id) => {
          const one = await this.#look(id);
          if (one) used.set(id, one);
        }),
      ),
    );
    const byScope = Map.groupBy(running, scopeKey);
    for (const [, own] of byScope) {
      const [scope] = own;
      const measured = own.flatMap((task) => measurementsOf(task, used, this.#before));
      if (scope && measured.length > 0) await metrics.put(scope, 'AWS/ECS', measured);
    }
    this.#before = used;
  }

  /** Undefined for a container that has gone meanwhile. */
  async #look(runtimeId: string): Promise<Used | undefined> {
    const { runtime, clock, log } = this.#parts;
    try {
      const stats = await runtime.stats(runtimeId);
      return stats && { ...usedOf(stats), atMs: clock.now() };
    } catch (error) {
      log.warn('a container could not be measured', { error: String(error) });
      return undefined;
    }
  }
}

/** Memory without the page cache that can be given back, as `docker stats` shows it. */
function usedOf(stats: ContainerStats): Omit<Used, 'atMs'> {
  const { cpu_stats: cpu, memory_stats: memory } = stats as unknown as {
    readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
    readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> };
  };
  const cache = memory?.stats?.['total_inactive_file'] ?? memory?.stats?.['inactive_file'] ?? 0;
  return { cpuNs: cpu?.cpu_usage?.total_usage ?? 0, memoryBytes: Math.max(0, (memory?.usage ?? 0) - cache) };
}

function measurementsOf(
  task: RunningTask,
  used: ReadonlyMap<string, Used>,
  before: ReadonlyMap<string, Used>,
): EcsMeasurement[] {
  const now = task.runtimeIds.flatMap((id) => used.get(id) ?? []);
  const atMs = Math.max(...now.map((one) => one.atMs));
  if (now.length === 0) return [];
  const memory = now.reduce((sum, one) => sum + one.memoryBytes, 0) / (task.memoryMib * MIB);
  const vcpus = task.runtimeIds.flatMap((id) => vcpusOf(before.get(id), used.get(id)));
  const cpu = vcpus.length === 0 ? undefined : (vcpus.reduce((sum, one) => sum + one, 0) * 1024) / task.cpuUnits;
  const cluster = { ClusterName: task.clusterName };
  const owners = [cluster, ...(task.serviceName === undefined ? [] : [{ ...cluster, ServiceName: task.serviceName }])];
  return owners.flatMap((dimensions) => [
    ...(cpu === undefined ? [] : [{ ...PERCENT, name: 'CPUUtilization' as const, dimensions, value: cpu * 100, atMs }]),
    { ...PERCENT, name: 'MemoryUtilization' as const, dimensions, value: memory * 100, atMs },
  ]);
}

const PERCENT = { unit: 'Percent' } as const;

/** How many CPUs a container kept busy between two looks. */
function vcpusOf(before: Used | undefined, now: Used | undefined): number[] {
  if (!before || !now || now.atMs <= before.atMs || now.cpuNs < before.cpuNs) return [];
  return [(now.cpuNs - before.cpuNs) / ((now.atMs - before.atMs) * 1e6)];
}
