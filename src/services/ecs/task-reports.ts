import type { ReportTask } from '../../executor/executor.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { pinDigests } from './domain/image-pins.ts';
import { withReport } from './domain/task-report.ts';
import { services, taskDefinitions, tasks } from './tables.ts';
import type { TaskRow } from './tables.ts';

/** Where the executor's reports go: into the task's row, from which everything follows. */
export function taskReports(store: Store, clock: Clock): ReportTask {
  return async (report) => {
    await store.write(async (tx) => {
      const task = await tx.get(tasks, report.taskArn);
      if (!task || task.lastStatus === 'STOPPED') return;
      const changed = withReport(task, report, clock.now());
      if (changed === task) return;
      await tx.put(tasks, { ...changed, revision: task.revision });
      await pinImages(tx, changed);
    });
  };
}

/** Later tasks of a deployment run what its first task has pulled. */
async function pinImages(tx: WriteTx, task: TaskRow): Promise<void> {
  if (!task.serviceArn || !task.containers.some((container) => container.imageDigest)) return;
  const service = await tx.get(services, task.serviceArn);
  const definition = service && (await tx.get(taskDefinitions, task.taskDefinitionArn));
  if (!service || !definition) return;
  const deployments = service.deployments.map((deployment) => pinDigests(deployment, task, definition));
  if (deployments.some((one, i) => one !== service.deployments[i])) await tx.put(services, { ...service, deployments });
}
