import { readdir, readFile } from 'node:fs/promises';

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
 * Finds processes of instances by their ids inside. A look at all processes of the host takes tens of milliseconds: those
 * who ask meanwhile share it, and one that was found is only looked at again.
 */
export class HostProcesses {
  readonly #proc: string;
  readonly #found = new Map<string, number>();
  #look: Promise<readonly Seen[]> | undefined;

  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  /** Whether the process is (still) one of that container. */
  async isOf({ pid, containerId }: InitProcess): Promise<boolean> {
    // The group's path names the container, under version 1 and 2, and under systemd.
    return (await this.#text(`${pid}/cgroup`)).includes(containerId);
  }

  async find(init: InitProcess, pid: number): Promise<number | undefined> {
    const depth = namespacePids(await this.#text(`${init.pid}/status`)).length;
    if (depth === 0 || !(await this.isOf(init))) return undefined;
    const isIt = (seen: Seen) => seen.namespacePids[depth - 1] === pid && seen.group.includes(init.containerId);
    const key = `${init.containerId} ${init.pid} ${pid}`;
    const known = this.#found.get(key);
    if (known !== undefined && isIt(await this.#read(known))) return known;
    this.#found.delete(key);
    // A look that was under way may have passed the place of a process that has begun since.
    const shared = (await this.#look)?.find(isIt);
    const found = shared ?? (await this.#lookAround()).find(isIt);
    if (found) this.#found.set(key, found.pid);
    return found?.pid;
  }

  /** Forgets the processes of a container. */
  forget(containerId: string): void {
    for (const key of this.#found.keys()) if (key.startsWith(`${containerId} `)) this.#found.delete(key);
  }

  #lookAround(): Promise<readonly Seen[]> {
    const look = this.#readAll().finally(() => {
      if (this.#look === look) this.#look = undefined;
    });
    this.#look = look;
    return look;
  }

  async #readAll(): Promise<readonly Seen[]> {
    const names = (await readdir(this.#proc)).filter((name) => /^\d+$/.test(name));
    return Promise.all(names.map((name) => this.#read(Number(name))));
  }

  async #read(pid: number): Promise<Seen> {
    const ids = namespacePids(await this.#text(`${pid}/status`));
    // Most processes are in no namespace below.
    const group = ids.length > 1 ? await this.#text(`${pid}/cgroup`) : '';
    return { pid, namespacePids: ids, group };
  }

  /** A process that has ended has no text. */
  #text(path: string): Promise<string> {
    return readFile(`${this.#proc}/${path}`, 'utf8').catch(() => '');
  }
}

/** The ids of a process in each PID namespace that it is in, from the reader's own inwards. */
function namespacePids(status: string): number[] {
  const line = /^NSpid:\s*(.*)$/m.exec(status)?.[1];
  return line === undefined ? [] : line.trim().split(/\s+/).map(Number);
}
