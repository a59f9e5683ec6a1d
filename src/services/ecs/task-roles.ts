import type { Store } from '../../store/store.ts';
import { definitionOfTask } from './daemons/lookups.ts';
import { roleArnOf } from './domain/role-arn.ts';
import { tasks } from './tables.ts';

/** A task that acts under a role: what credentials are made for. */
export interface TaskRole {
  readonly account: string;
  readonly region: string;
  readonly roleArn: string;
  readonly taskId: string;
}

/** Finds the role behind the id in a task's AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; a task that has stopped has none. */
export function taskRoles(store: Store): (credentialsId: string) => Promise<TaskRole | undefined> {
  return (credentialsId) =>
    store.read(async (tx) => {
      const [task] = await tx.list(tasks, { where: ['credentials', credentialsId], limit: 1 });
      if (!task || task.lastStatus === 'STOPPED') return undefined;
      const definition = await definitionOfTask(tx, task.taskDefinitionArn);
      const roleArn = task.overrides.taskRoleArn ?? definition?.definition.taskRoleArn;
      if (!roleArn) return undefined;
      return { account: task.account, region: task.region, roleArn: roleArnOf(task, roleArn), taskId: task.id };
    });
}
