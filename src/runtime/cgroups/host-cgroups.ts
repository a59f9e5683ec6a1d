import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../../kernel/clock.ts';
import { messageOf, RuntimeError, systemCode } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { ContainerRuntime, RuntimeInfo } from '../runtime.ts';
import { delegate, foldersIn, makeGroup, removeGroup, removeIfEmpty, writeLimits } from './control-group.ts';
import { cpuFilesV1, filesV2, memoryFilesV1 } from './limit-files.ts';
import { NoSystemd, type SystemdSlices } from './systemd-slices.ts';
import type { TaskCgroups, TaskLimits } from './task-cgroups.ts';

const MOUNT_POINT = '/sys/fs/cgroup';
const CONTROLLERS = ['cpu', 'memory', 'pids'];
/** The last process of a container leaves its group a moment after it has ended: some 5 seconds are given. */
const REMOVE_TRIES = 100;
const REMOVE_PAUSE_MS = 50;
/** What a host says that lets nobody make groups, or not with these limits. */
const UNABLE = ['EROFS', 'EACCES', 'EPERM', 'ENOENT', 'ENOTSUP', 'EOPNOTSUPP'];

export interface HostCgroupsOptions {
  /** 8 hexadecimal digits: the name of the group above the tasks'. */
  readonly instanceId: string;
  readonly runtime: Pick<ContainerRuntime, 'info'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Left out: where the kernel's are. */
  readonly root?: string;
  /** Where the engine may leave its groups to systemd. Left out: tasks of such an engine have none. */
  readonly slices?: SystemdSlices;
}

/**
 * `/longshore-INSTANCE/TASK` in the kernel's control groups, version 1 or 2, for engines with the `cgroupfs` driver, and a
 * slice of systemd with the other one. Where this process may make neither, a task has none.
 */
export class HostCgroups implements TaskCgroups {
  readonly #runtime: HostCgroupsOptions['runtime'];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #root: string;
  readonly #parent: string;
  readonly #slices: SystemdSlices | undefined;
  #info: RuntimeInfo | undefined;
  /** Said once: this host cannot. */
  #isUnable = false;

  constructor({ instanceId, runtime, clock, log, root = MOUNT_POINT, slices }: HostCgroupsOptions) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#log = log;
    this.#root = root;
    this.#slices = slices;
    this.#parent = `longshore-${instanceId}`;
  }

  async ensure(taskId: string, limits: TaskLimits): Promise<string | undefined> {
    checkTaskId(taskId);
    if (this.#isUnable) return undefined;
    this.#info ??= await this.#runtime.info();
    const { cgroupDriver, cgroupVersion } = this.#info;
    try {
      if (cgroupDriver === 'systemd' && this.#slices) return await this.#slices.ensure(taskId, limits);
      if (cgroupDriver !== 'cgroupfs') return this.#unable(`the engine's cgroup driver is ${cgroupDriver}`);
      if (cgroupVersion === 1) this.#ensureV1(taskId, limits);
      else this.#ensureV2(taskId, limits);
      return `/${this.#parent}/${taskId}`;
    } catch (error) {
      if (error instanceof RuntimeError) throw error;
      if (error instanceof NoSystemd) return this.#unable(error.message);
      if (UNABLE.includes(systemCode(error) ?? '')) {
        this.#removeEverywhere(taskId);
        return this.#unable(messageOf(error));
      }
      const words = `The control group of task ${taskId} cannot be set up: ${messageOf(error)}`;
      throw new RuntimeError('temporary', words, error);
    }
  }

  async remove(taskId: string): Promise<void> {
    checkTaskId(taskId);
    await this.#slices?.remove(taskId);
    for (let tries = 1; !this.#removeEverywhere(taskId); tries++) {
      if (tries === REMOVE_TRIES) {
        throw new RuntimeError('temporary', `The control group of task ${taskId} is in use still`);
      }
      await sleep(this.#clock, REMOVE_PAUSE_MS);
    }
  }

  async list(): Promise<readonly string[]> {
    const ids = this.#hierarchies().flatMap((folder) => foldersIn(join(folder, this.#parent)));
    return [...new Set([...ids, ...((await this.#slices?.list()) ?? [])])].sort();
  }

  /** In each hierarchy, so that the engine finds it whole, and our parent is never empty while a task has a group. */
  #ensureV1(taskId: string, limits: TaskLimits): void {
    for (const folder of this.#hierarchies()) makeGroup(join(folder, this.#parent, taskId));
    writeLimits(join(this.#root, 'memory', this.#parent, taskId), memoryFilesV1(limits));
    writeLimits(join(this.#root, 'cpu', this.#parent, taskId), cpuFilesV1(limits));
  }

  #ensureV2(taskId: string, limits: TaskLimits): void {
    const parent = join(this.#root, this.#parent);
    delegate(this.#root, CONTROLLERS);
    makeGroup(parent);
    delegate(parent, CONTROLLERS);
    makeGroup(join(parent, taskId));
    writeLimits(join(parent, taskId), filesV2(limits));
  }

  /** False while a process is left in it. */
  #removeEverywhere(taskId: string): boolean {
    const folders = this.#hierarchies()
      .map((folder) => join(folder, this.#parent))
      .filter((folder) => existsSync(folder));
    const removed = folders.map((folder) => removeGroup(join(folder, taskId)));
    for (const folder of folders) removeIfEmpty(folder);
    return removed.every(Boolean);
  }

  /** Version 1 has one folder for each controller, and maybe `unified`; version 2 is one. */
  #hierarchies(): string[] {
    if (existsSync(join(this.#root, 'cgroup.controllers'))) return [this.#root];
    return foldersIn(this.#root).map((name) => join(this.#root, name));
  }

  #unable(why: string): undefined {
    this.#isUnable = true;
    this.#log.warn("tasks have no control group of their own here: a task's limits bound each of its containers", {
      why,
    });
  }
}

/** It becomes the name of a folder. */
function checkTaskId(taskId: string): void {
  if (!/^[a-zA-Z0-9_-]+$/.test(taskId)) throw new RuntimeError('rejected', `${taskId} is no id of a task`);
}
