import type { ListTasksCommandInput } from '@aws-sdk/client-ecs';
import { invalidParameter } from '../errors.ts';

/**
 * `startedBy` stands alone; the desired status goes with every filter.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
 */
export function checkListTasks(input: ListTasksCommandInput): void {
  const { startedBy, family, serviceName, daemonName, containerInstance, launchType } = input;
  if (serviceName && daemonName) throw invalidParameter('serviceName and daemonName cannot be specified together.');
  if (startedBy === undefined) return;
  if ([family, serviceName, daemonName, containerInstance, launchType].some((filter) => filter !== undefined)) {
    throw invalidParameter('When you specify startedBy as the filter, it must be the only filter that you use.');
  }
}
