import { constants, openSync, readSync } from 'node:fs';
import { systemCode } from '../../kernel/errors.ts';

const KERNEL_LOG = '/dev/kmsg';
/** The most that the kernel puts into one record: `CONSOLE_EXT_LOG_MAX` of its source. */
const RECORD_BYTES = 8192;

/** Containers whose last kill is remembered: a host kills processes of strangers too. */
const MAX_KILLED = 1000;
/** Containers whose last start is: those of an instance go with its disk, and nobody says so. */
const MAX_STARTED = 10_000;
/** Of a container, as the engine makes them. */
const CONTAINER_ID = /^[0-9a-f]{64}$/;

/**
 * Which containers the kernel's log says a process was killed of for want of memory. The engine may not know: the control
 * group of a container that ends at once can be gone before the notice of it is read. The kernel writes at most ten such
 * lines in five seconds, and a user who may not read its log learns nothing: false then, as where nothing is said.
 *
 * Lines are told apart by their sequence numbers: the log's own clock parts from the host's with time, and stands still
 * while that sleeps.
 *
 * https://www.kernel.org/doc/Documentation/ABI/testing/dev-kmsg
 */
export class OomKills {
  readonly #newRecords: () => Iterable<string>;
  /** The sequence number of the newest line of each container, that of the newest kill last. */
  readonly #kills = new Map<string, number>();
  /** Where the log stood when a container started, that of the newest start last. */
  readonly #starts = new Map<string, number>();
  readonly #asked = new Map<string, { readonly run: string; readonly kill?: number; readonly isNew: boolean }>();
  /** The sequence number of the newest record that was read. */
  #position = -1;

  /** @param newRecords those that it has not answered before, the oldest first; the same ones again do no harm */
  constructor(newRecords: () => Iterable<string> = kernelRecords()) {
    this.#newRecords = newRecords;
  }

  /** Where the log stands: kills from now on come behind it. */
  position(): number {
    this.#read();
    return this.#position;
  }

  /** @param position from before the start: what was killed up to there is of the container's earlier runs */
  started(containerId: string, position: number): void {
    this.#starts.delete(containerId);
    this.#starts.set(containerId, position);
    keepNewest(this.#starts, MAX_STARTED);
  }

  /**
   * Of a container that started before this process all that the log holds counts: rather a wrong reason than none.
   *
   * @param run tells a run of the container from its earlier ones, whose kills do not count
   */
  has(containerId: string, run: string): boolean {
    const before = this.#asked.get(containerId);
    if (before?.run === run) return before.isNew;
    this.#read();
    const kill = this.#kills.get(containerId);
    const earlier = Math.max(before?.kill ?? -1, this.#starts.get(containerId) ?? -1);
    const isNew = kill !== undefined && kill > earlier;
    this.#asked.set(containerId, { run, isNew, ...(kill === undefined ? {} : { kill }) });
    return isNew;
  }

  forget(containerId: string): void {
    this.#kills.delete(containerId);
    this.#starts.delete(containerId);
    this.#asked.delete(containerId);
  }

  #read(): void {
    for (const record of this.#newRecords()) {
      const sequence = Number(record.split(',', 2)[1]);
      if (sequence > this.#position) this.#position = sequence;
      for (const id of killedContainers(record)) {
        this.#kills.delete(id);
        this.#kills.set(id, sequence);
      }
    }
    keepNewest(this.#kills, MAX_KILLED);
  }
}

function keepNewest(entries: Map<string, number>, most: number): void {
  for (const id of entries.keys()) {
    if (entries.size <= most) return;
    entries.delete(id);
  }
}

/** Of this host, and of all engines on it: the log is read once. */
export const oomKills = new OomKills();

/**
 * The container that the process was in, and those around that one.
 *
 * @param record such as `6,5309,69252987,-;oom-kill:constraint=CONSTRAINT_MEMCG,…,task_memcg=/docker/ID,task=tail,pid=7474`
 */
function killedContainers(record: string): readonly string[] {
  if (!record.includes(';oom-kill:')) return [];
  const group = /,task_memcg=([^,\s]*)/.exec(record)?.[1] ?? '';
  // A driver that asks systemd for groups calls this one `docker-ID.scope`; processes may be in groups below it.
  return group.split(/[/.-]/).filter((part) => CONTAINER_ID.test(part));
}

/** Each call answers what the log has got since the last one, the first all that it holds. Nothing where it may not be read. */
function kernelRecords(): () => Iterable<string> {
  const buffer = Buffer.alloc(RECORD_BYTES);
  let log: number | undefined;
  return function* () {
    log ??= openLog();
    if (log === undefined) return;
    for (let bytes = readRecord(log, buffer); bytes !== 0; bytes = readRecord(log, buffer)) {
      if (bytes !== undefined) yield buffer.toString('utf8', 0, bytes);
    }
  };
}

function openLog(): number | undefined {
  try {
    return openSync(KERNEL_LOG, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** One record's size; 0 at the end, undefined for records that were overwritten before they were read. */
function readRecord(log: number, buffer: Buffer): number | undefined {
  try {
    return readSync(log, buffer);
  } catch (error) {
    return systemCode(error) === 'EPIPE' ? undefined : 0;
  }
}
