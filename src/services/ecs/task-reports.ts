import type { ReportTask } from '../../executor/executor.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import { withReport } from './domain/task-report.ts';
import { tasks } from './tables.ts';

/** Where the executor's reports go: into the task's row, from which everything follows. */
export function taskReports(store: Store, clock: Clock): ReportTask {
  return async (report) => {
    await store.write(async (tx) => {
      const task = await tx.get(tasks, report.taskArn);
      if (!task || task.lastStatus === 'STOPPED') return;
      const changed = withReport(task, report, clock.now());
      if (changed !== task) await tx.put(tasks, { ...changed, revision: task.revision });
    });
  };
}
