import { closeSync, constants, openSync, readSync } from 'node:fs';
import { systemCode } from '../../kernel/errors.ts';

const KERNEL_LOG = '/dev/kmsg';
/** The most that the kernel puts into one record: `CONSOLE_EXT_LOG_MAX` of its source. */
const RECORD_BYTES = 8192;

/**
 * Which containers the kernel's log says a process was killed of for want of memory. The engine may not know: the control
 * group of a container that ends at once can be gone before the notice of it is read. The kernel writes at most ten such
 * lines in five seconds, and a user who may not read its log learns nothing: false then, as where nothing is said.
 *
 * https://www.kernel.org/doc/Documentation/ABI/testing/dev-kmsg
 */
export class OomKills {
  readonly #asked = new Map<string, { readonly run: string; readonly kill?: number; readonly isNew: boolean }>();
  readonly #records: () => Iterable<string>;

  constructor(records: () => Iterable<string> = kernelRecords) {
    this.#records = records;
  }

  /**
   * Reads the log once for each run of a container, since its lines are overwritten in time.
   *
   * @param run tells a run of the container from its earlier ones, whose kills do not count
   */
  has(containerId: string, run: string): boolean {
    const before = this.#asked.get(containerId);
    if (before?.run === run) return before.isNew;
    const kill = this.#lastKill(containerId);
    const isNew = kill !== undefined && kill !== before?.kill;
    this.#asked.set(containerId, { run, isNew, ...(kill === undefined ? {} : { kill }) });
    return isNew;
  }

  forget(containerId: string): void {
    this.#asked.delete(containerId);
  }

  /** The sequence number of the newest line. */
  #lastKill(containerId: string): number | undefined {
    let last: number | undefined;
    for (const record of this.#records()) {
      if (namesOomKill(record, containerId)) last = Number(record.split(',', 2)[1]);
    }
    return last;
  }
}

/** @param record such as `6,5309,69252987,-;oom-kill:constraint=CONSTRAINT_MEMCG,…,task_memcg=/docker/ID,task=tail,pid=7474` */
function namesOomKill(record: string, containerId: string): boolean {
  if (!record.includes(';oom-kill:')) return false;
  const group = /,task_memcg=([^,\s]*)/.exec(record)?.[1];
  // A driver that asks systemd for groups calls this one `docker-ID.scope`; processes may be in groups below it.
  return group !== undefined && group.split(/[/.-]/).includes(containerId);
}

/** All that the log holds now, the oldest first. Nothing where it may not be read. */
function* kernelRecords(): Generator<string> {
  let log: number;
  try {
    log = openSync(KERNEL_LOG, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return;
  }
  try {
    const buffer = Buffer.alloc(RECORD_BYTES);
    for (;;) {
      const bytes = readRecord(log, buffer);
      if (bytes === 0) return;
      if (bytes !== undefined) yield buffer.toString('utf8', 0, bytes);
    }
  } finally {
    closeSync(log);
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
