import { scopeKey } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ContainerRuntime, ContainerStats } from '../runtime/runtime.ts';
import type { ClusterCapacity, ListClusterCapacities, ListRunningTasks, RunningTask } from '../services/ecs/index.ts';

/** Where measurements go: CloudWatch's sink has this shape. */
export interface MetricsPort {
  put(scope: Scope, namespace: string, measurements: readonly EcsMeasurement[]): Promise<void>;
}

export interface EcsMeasurement {
  readonly name: 'CPUUtilization' | 'MemoryUtilization' | 'CPUReservation' | 'MemoryReservation';
  readonly dimensions: Readonly<Record<string, string>>;
  /** Percent of what the task may use, or of what the cluster's container instances have. */
  readonly value: number;
  readonly unit: 'Percent';
  readonly atMs: number;
  /** One of three in its minute. */
  readonly isHighResolution?: true;
}

interface Parts {
  readonly tasks: ListRunningTasks;
  readonly capacities: ListClusterCapacities;
  readonly engineOf: (instanceId: string | undefined) => Pick<ContainerRuntime, 'stats'>;
  readonly metrics: MetricsPort;
  readonly clock: Clock;
  readonly log: Log;
}

const MINUTE_MS = 60_000;
/** How often what is to be measured finely is. */
const EVERY_MS = 20_000;
const MIB = 1024 ** 2;

/** What a container had used when it was last looked at. */
interface Used {
  readonly cpuNs: number;
  readonly memoryBytes: number;
  readonly atMs: number;
}

/**
 * Measures what each running task uses of its CPU and memory, each minute: one value of each for its service, and one
 * for its cluster, so that averages are those of the tasks. A service may ask for a value every 20 seconds. Of tasks on
 * container instances, their cluster's is one value: what they use, and have reserved, of all that its instances have.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
 */
export class EcsMetrics {
  readonly #parts: Parts;
  /** At the last minute, and at the last look. */
  #before = new Map<string, Used>();
  #last = new Map<string, Used>();
  #minute = -1;
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
    const minute = Math.floor(this.#parts.clock.now() / MINUTE_MS);
    const isNew = minute !== this.#minute;
    this.#minute = minute;
    try {
      await (isNew ? this.sample() : this.sampleFinely());
    } catch (error) {
      this.#parts.log.warn('the tasks of ECS could not be measured', { error: String(error) });
    }
    if (this.#closed) return;
    const { clock } = this.#parts;
    this.#cancel = clock.after(EVERY_MS - (clock.now() % EVERY_MS), () => void this.#turn());
  }

  /** One look at every task. */
  async sample(): Promise<void> {
    const running = await this.#parts.tasks();
    const used = await this.#lookAt(running);
    await this.#put(running, (task) => [
      ...measurementsOf(task, used, this.#before).filter((one) => !isFine(task, one)),
      ...this.#fine(task, used),
    ]);
    await this.#putClusters(running, used);
    this.#before = used;
    this.#last = used;
  }

  async #putClusters(running: readonly RunningTask[], used: ReadonlyMap<string, Used>): Promise<void> {
    const onInstances = running.filter(({ instanceId }) => instanceId !== undefined);
    if (onInstances.length === 0) return;
    for (const capacity of await this.#parts.capacities()) {
      const own = onInstances.filter((one) => one.clusterName === capacity.clusterName && isSameScope(one, capacity));
      if (own.length === 0) continue;
      const measured = clusterMeasurements(capacity, own, { used, before: this.#before, now: this.#parts.clock.now() });
      await this.#parts.metrics.put(capacity, 'AWS/ECS', measured);
    }
  }

  /** One look at the tasks of services that are measured finely. */
  async sampleFinely(): Promise<void> {
    const running = (await this.#parts.tasks()).filter((task) => task.highResolution.length > 0);
    const used = await this.#lookAt(running);
    await this.#put(running, (task) => this.#fine(task, used));
    this.#last = used;
  }

  /** They tell of the time before the look, and stand at its beginning. */
  #fine(task: RunningTask, used: ReadonlyMap<string, Used>): EcsMeasurement[] {
    if (task.highResolution.length === 0) return [];
    const now = this.#parts.clock.now();
    const atMs = now - (now % EVERY_MS) - EVERY_MS;
    return measurementsOf(task, used, this.#last)
      .filter((one) => isFine(task, one))
      .map((one) => ({ ...one, atMs, isHighResolution: true as const }));
  }

  async #lookAt(running: readonly RunningTask[]): Promise<Map<string, Used>> {
    const used = new Map<string, Used>();
    await Promise.all(
      running.flatMap((task) =>
        task.runtimeIds.map(async (id) => {
          const one = await this.#look(id, task.instanceId);
          if (one) used.set(id, one);
        }),
      ),
    );
    return used;
  }

  async #put(running: readonly RunningTask[], measure: (task: RunningTask) => EcsMeasurement[]): Promise<void> {
    for (const [, own] of Map.groupBy(running, scopeKey)) {
      const [scope] = own;
      const measured = own.flatMap(measure);
      if (scope && measured.length > 0) await this.#parts.metrics.put(scope, 'AWS/ECS', measured);
    }
  }

  /** Undefined for a container that has gone meanwhile. */
  async #look(runtimeId: string, instanceId?: string): Promise<Used | undefined> {
    const { engineOf, clock, log } = this.#parts;
    try {
      const stats = await engineOf(instanceId).stats(runtimeId);
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
  const cpu = cpuUnitsOf(task, used, before);
  const cluster = { ClusterName: task.clusterName };
  const owners = [
    ...(task.instanceId === undefined ? [cluster] : []),
    ...(task.serviceName === undefined ? [] : [{ ...cluster, ServiceName: task.serviceName }]),
  ];
  return owners.flatMap((dimensions) => [
    ...(cpu === undefined ? [] : percent('CPUUtilization', cpu, task.cpuUnits, { dimensions, atMs })),
    ...percent('MemoryUtilization', memoryOf(task, used) / MIB, task.memoryMib, { dimensions, atMs }),
  ]);
}

interface Looks {
  readonly used: ReadonlyMap<string, Used>;
  readonly before: ReadonlyMap<string, Used>;
  readonly now: number;
}

function clusterMeasurements(
  { clusterName, cpuUnits, memoryMib, reservedCpuUnits, reservedMemoryMib }: ClusterCapacity,
  tasks: readonly RunningTask[],
  { used, before, now }: Looks,
): EcsMeasurement[] {
  const place = { dimensions: { ClusterName: clusterName }, atMs: now };
  const cpu = tasks.flatMap((task) => cpuUnitsOf(task, used, before) ?? []);
  const memory = tasks.reduce((sum, task) => sum + memoryOf(task, used), 0);
  return [
    ...(cpu.length === 0
      ? []
      : percent(
          'CPUUtilization',
          cpu.reduce((sum, one) => sum + one, 0),
          cpuUnits,
          place,
        )),
    ...percent('MemoryUtilization', memory / MIB, memoryMib, place),
    ...percent('CPUReservation', reservedCpuUnits, cpuUnits, place),
    ...percent('MemoryReservation', reservedMemoryMib, memoryMib, place),
  ];
}

/** Nothing where there is nothing to have a share of. */
function percent(
  name: EcsMeasurement['name'],
  amount: number,
  of: number,
  place: Pick<EcsMeasurement, 'dimensions' | 'atMs'>,
): EcsMeasurement[] {
  return of > 0 ? [{ ...place, name, unit: 'Percent', value: (amount * 100) / of }] : [];
}

/** Those that a task kept busy between two looks; undefined where none of its containers was there at both. */
function cpuUnitsOf(task: RunningTask, used: Looks['used'], before: Looks['before']): number | undefined {
  const vcpus = task.runtimeIds.flatMap((id) => vcpusOf(before.get(id), used.get(id)));
  return vcpus.length === 0 ? undefined : vcpus.reduce((sum, one) => sum + one, 0) * 1024;
}

function memoryOf(task: RunningTask, used: Looks['used']): number {
  return task.runtimeIds.reduce((sum, id) => sum + (used.get(id)?.memoryBytes ?? 0), 0);
}

function isSameScope(one: Scope, other: Scope): boolean {
  return scopeKey(one) === scopeKey(other);
}

/** Of a service, and measured every 20 seconds. */
function isFine(task: RunningTask, { name, dimensions }: EcsMeasurement): boolean {
  return dimensions['ServiceName'] !== undefined && task.highResolution.includes(name);
}

/** How many CPUs a container kept busy between two looks. */
function vcpusOf(before: Used | undefined, now: Used | undefined): number[] {
  if (!before || !now || now.atMs <= before.atMs || now.cpuNs < before.cpuNs) return [];
  return [(now.cpuNs - before.cpuNs) / ((now.atMs - before.atMs) * 1e6)];
}
