import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { LogDestination } from '../../../executor/executor.ts';
import type { TaskRow } from '../tables.ts';
import { logDelivery } from './log-options.ts';

/**
 * The stream is `prefix/container/task`, or `container/task` where no prefix is set.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
 */
export function logDestination(
  task: TaskRow,
  executionRoleArn: string | undefined,
  container: ContainerDefinition,
): LogDestination | undefined {
  const options = container.logConfiguration?.options;
  if (!options) return undefined;
  const prefix = options['awslogs-stream-prefix'];
  // Checked when the definition was registered.
  const delivery = logDelivery(options, task.logDriverMode);
  return {
    account: task.account,
    region: options['awslogs-region'] ?? task.region,
    group: options['awslogs-group'] ?? '',
    stream: prefix ? `${prefix}/${container.name}/${task.id}` : `${container.name}/${task.id}`,
    createGroup: options['awslogs-create-group']?.toLowerCase() === 'true',
    ...(executionRoleArn === undefined ? {} : { role: { arn: executionRoleArn, sessionName: task.id } }),
    ...('problem' in delivery ? {} : delivery),
  };
}
