import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

/** The process on this host that is 1 inside an instance, and the id of the container that it is. */
export interface InitProcess {
  readonly pid: number;
  readonly containerId: string;
}

interface Seen {
  readonly pid: number;
  readonly namespacePids: readonly number[];
  readonly group: string;
}

/**
 * Finds processes of instances by their ids inside. A host has thousands of processes, and each task is asked for: a look
 * reads those that have come since the last one, and those who ask meanwhile share it. What was read may be of a process
 * before: it is read again before it is answered, and all of them are before the answer is no.
 */
export class HostProcesses {
  readonly #proc: string;
  readonly #found = new Map<string, number>();
  /** By their ids on this host, as they were when they were read. */
  #known = new Map<number, Seen>();
  #look: Promise<readonly Seen[]> | undefined;

  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  /** Whether the process is (still) one of that container. */
  async isOf({ pid, containerId }: InitProcess): Promise<boolean> {
    // The group's path names the container, under version 1 and 2, and under systemd.
    return this.#text(`${pid}/cgroup`).includes(containerId);
  }

  async find(init: InitProcess, pid: number): Promise<number | undefined> {
    const depth = namespacePids(this.#text(`${init.pid}/status`)).length;
    if (depth === 0 || !(await this.isOf(init))) return undefined;
    const isIt = (seen: Seen) => seen.namespacePids[depth - 1] === pid && seen.group.includes(init.containerId);
    const key = `${init.containerId} ${init.pid} ${pid}`;
    const known = this.#found.get(key);
    if (known !== undefined && isIt(this.#read(known))) return known;
    this.#found.delete(key);
    const isStill = (seen: Seen) => isIt(seen) && isIt(this.#read(seen.pid));
    // A look that was under way may have passed the place of a process that has begun since.
    const found =
      (await this.#look)?.find(isStill) ??
      (await this.#lookAround()).find(isStill) ??
      (await this.#lookAround({ isAnew: true })).find(isStill);
    if (found) this.#found.set(key, found.pid);
    return found?.pid;
  }

  /** Forgets the processes of a container. */
  forget(containerId: string): void {
    for (const key of this.#found.keys()) if (key.startsWith(`${containerId} `)) this.#found.delete(key);
  }

  #lookAround({ isAnew = false } = {}): Promise<readonly Seen[]> {
    const look = this.#readAll(isAnew).finally(() => {
      if (this.#look === look) this.#look = undefined;
    });
    this.#look = look;
    return look;
  }

  async #readAll(isAnew: boolean): Promise<readonly Seen[]> {
    const names = (await readdir(this.#proc)).filter((name) => /^\d+$/.test(name));
    const before = isAnew ? undefined : this.#known;
    const all = names.map(Number).map((pid) => before?.get(pid) ?? this.#read(pid));
    this.#known = new Map(all.map((seen) => [seen.pid, seen]));
    return all;
  }

  #read(pid: number): Seen {
    const ids = namespacePids(this.#text(`${pid}/status`));
    // Most processes are in no namespace below.
    const group = ids.length > 1 ? this.#text(`${pid}/cgroup`) : '';
    return { pid, namespacePids: ids, group };
  }

  /** A process that has ended has no text. The kernel writes it as it is read: nobody waits for a disk. */
  #text(path: string): string {
    try {
      return readFileSync(`${this.#proc}/${path}`, 'utf8');
    } catch {
      return '';
    }
  }
}

/** The ids of a process in each PID namespace that it is in, from the reader's own inwards. */
function namespacePids(status: string): number[] {
  const line = /^NSpid:\s*(.*)$/m.exec(status)?.[1];
  return line === undefined ? [] : line.trim().split(/\s+/).map(Number);
}
