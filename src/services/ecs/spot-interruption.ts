import type { Clock } from '../../kernel/clock.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { Store } from '../../store/store.ts';
import { stopTask } from './domain/task-stop.ts';
import { invalidParameter } from './errors.ts';
import { tasks } from './tables.ts';
import type { TaskRow } from './tables.ts';

/**
 * Takes a task's Spot capacity away, as Fargate does: SIGTERM at once, then its containers' stop timeouts, of two minutes
 * at most; a task that is stopping already goes on as it is.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
 * @throws InvalidParameterException for a task that is not on FARGATE_SPOT
 */
export async function interruptSpotTask(store: Store, clock: Clock, taskArn: string): Promise<TaskRow> {
  return store.write(async (tx) => {
    const task = await tx.get(tasks, taskArn);
    if (!task) throw new ServiceError('InvalidParameterException', 'The referenced task was not found.');
    if (task.capacityProviderName !== 'FARGATE_SPOT') {
      throw invalidParameter('Only tasks of the capacity provider FARGATE_SPOT are interrupted.');
    }
    const stopped = stopTask(task, 'SpotInterruption', 'Your Spot Task was interrupted.', clock.now());
    return stopped === task ? task : tx.put(tasks, { ...stopped, revision: task.revision });
  });
}
