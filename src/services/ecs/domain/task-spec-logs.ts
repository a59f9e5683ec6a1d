import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { LogDestination } from '../../../executor/executor.ts';
import { logDelivery } from './log-options.ts';
import type { ContainerPlace } from './task-spec-container.ts';

/**
 * The stream is `prefix/container/task`, or `container/task` where no prefix is set.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
 */
export function logDestination(
  { task, executionRoleArn }: ContainerPlace,
  container: ContainerDefinition,
): LogDestination | undefined {
  const options = container.logConfiguration?.options;
  if (!options) return undefined;
  const prefix = options['awslogs-stream-prefix'];
  // Checked when the definition was registered.
  const delivery = logDelivery(options);
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
