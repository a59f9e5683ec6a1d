/** A control group around all containers of a task, with the task's own limits. Implementations: host-cgroups.ts, fake-cgroups.ts. */
export interface TaskCgroups {
  /** Makes it, or sets its limits anew. Answers what to give as `cgroupParent`; undefined where this host cannot have one. */
  ensure(taskId: string, limits: TaskLimits): Promise<string | undefined>;
  /** Once no container of the task is left. Gone already: no error. */
  remove(taskId: string): Promise<void>;
  /** The ids of every task that has one. */
  list(): Promise<readonly string[]>;
}

export interface TaskLimits {
  /** In units of 1/1024 of a CPU: a hard limit. */
  readonly cpuUnits?: number;
  readonly memoryBytes?: number;
}
