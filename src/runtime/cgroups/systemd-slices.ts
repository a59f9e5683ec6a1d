import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { absent, messageOf, RuntimeError, systemCode } from '../../kernel/errors.ts';
import type { TaskCgroups, TaskLimits } from './task-cgroups.ts';

/** Where systemd keeps what `set-property --runtime` says: it is gone with the host's memory, as the groups are. */
const CONTROL_FOLDER = '/run/systemd/system.control';
const UNITS_PER_PERCENT = 10.24;
const TIMEOUT_MS = 20_000;

/** systemd does not run here, or cannot be told. */
export class NoSystemd extends Error {
  override readonly name = 'NoSystemd';
}

export interface SystemdSlicesOptions {
  /** 8 hexadecimal digits. */
  readonly instanceId: string;
  readonly controlFolder?: string;
  readonly systemctl?: (...args: readonly string[]) => Promise<void>;
}

/**
 * `longshore-INSTANCE-TASK.slice`, for engines with the `systemd` driver: there only systemd makes groups (systemd.slice(5),
 * systemd.resource-control(5)). Their limits are properties at run time, whose files tell which slices are there.
 */
export class SystemdSlices implements TaskCgroups {
  readonly #prefix: string;
  readonly #controlFolder: string;
  readonly #systemctl: NonNullable<SystemdSlicesOptions['systemctl']>;
  /** Slices that were asked for, ever and now: the one around them all goes while none is made. */
  #asked = 0;
  #making = 0;
  #stopping: Promise<void> | undefined;

  constructor({ instanceId, controlFolder = CONTROL_FOLDER, systemctl = runSystemctl }: SystemdSlicesOptions) {
    this.#prefix = `longshore-${instanceId}-`;
    this.#controlFolder = controlFolder;
    this.#systemctl = systemctl;
  }

  /** @throws NoSystemd */
  async ensure(taskId: string, limits: TaskLimits): Promise<string> {
    const slice = `${this.#prefix}${taskId}.slice`;
    this.#asked++;
    this.#making++;
    try {
      await this.#stopping;
      // Its file comes first: a slice that a killed process has left is found by it.
      await this.#systemctl('set-property', '--runtime', slice, ...properties(limits));
      await this.#systemctl('start', slice);
      return slice;
    } finally {
      this.#making--;
    }
  }

  async remove(taskId: string): Promise<void> {
    if (!(await this.list()).includes(taskId)) return;
    const slice = `${this.#prefix}${taskId}.slice`;
    await this.#systemctl('stop', slice);
    await rm(join(this.#controlFolder, `${slice}.d`), { recursive: true, force: true });
    await this.#removeParent();
  }

  async #removeParent(): Promise<void> {
    const asked = this.#asked;
    const isEmpty = (await this.list()).length === 0;
    if (!isEmpty || this.#making > 0 || this.#asked > asked) return;
    this.#stopping = this.#systemctl('stop', `${this.#prefix.slice(0, -1)}.slice`);
    await this.#stopping.finally(() => (this.#stopping = undefined));
  }

  async list(): Promise<readonly string[]> {
    const names = (await readdir(this.#controlFolder).catch(absent)) ?? [];
    return names
      .filter((name) => name.startsWith(this.#prefix) && name.endsWith('.slice.d'))
      .map((name) => name.slice(this.#prefix.length, -'.slice.d'.length));
  }
}

/** Whole percents of a CPU: from its files systemd reads no others. */
function properties({ cpuUnits, memoryBytes }: TaskLimits): readonly string[] {
  return [
    `CPUQuota=${cpuUnits === undefined ? '' : `${Math.ceil(cpuUnits / UNITS_PER_PERCENT)}%`}`,
    `MemoryMax=${memoryBytes ?? 'infinity'}`,
    `MemorySwapMax=${memoryBytes === undefined ? 'infinity' : 0}`,
  ];
}

async function runSystemctl(...args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('systemctl', ['--no-ask-password', '--quiet', ...args], { timeout: TIMEOUT_MS });
  } catch (error) {
    const words = messageOf(error);
    if (systemCode(error) === 'ENOENT') throw new NoSystemd('there is no systemctl to ask for one');
    if (
      /not been booted with systemd|Failed to connect to (\w+ scope )?bus|Access denied|authentication required/i.test(
        words,
      )
    ) {
      throw new NoSystemd(words);
    }
    throw new RuntimeError('temporary', `systemd: ${words}`, error);
  }
}
