import type { TaskCgroups, TaskLimits } from './task-cgroups.ts';

/** Control groups in memory. `isAble` false: a host that cannot have them. */
export class FakeCgroups implements TaskCgroups {
  readonly groups = new Map<string, TaskLimits>();
  /** Thrown, one after another, by the next calls. */
  readonly errors: Error[] = [];
  isAble = true;

  async ensure(taskId: string, limits: TaskLimits): Promise<string | undefined> {
    this.#enter();
    if (!this.isAble) return undefined;
    this.groups.set(taskId, limits);
    return `/longshore-fake/${taskId}`;
  }

  async remove(taskId: string): Promise<void> {
    this.#enter();
    this.groups.delete(taskId);
  }

  async list(): Promise<readonly string[]> {
    this.#enter();
    return [...this.groups.keys()].sort();
  }

  #enter(): void {
    const error = this.errors.shift();
    if (error) throw error;
  }
}
