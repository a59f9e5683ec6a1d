import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { clientError } from '../errors.ts';
import { DELIVERY_OPTIONS, logDelivery } from './log-options.ts';

const REQUIRED = ['awslogs-region', 'awslogs-group'];
const OPTIONS = new Set([...REQUIRED, 'awslogs-stream-prefix', 'awslogs-create-group', ...DELIVERY_OPTIONS]);

/** awslogs alone; its options. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html */
export function checkLogs({ logConfiguration: logs }: ContainerDefinition): void {
  if (!logs) return;
  if (logs.logDriver !== 'awslogs') {
    throw clientError(`Longshore does not support log driver '${logs.logDriver}' yet: use awslogs.`);
  }
  if (logs.secretOptions?.length) throw clientError('Longshore does not support logConfiguration.secretOptions yet.');
  const options = logs.options ?? {};
  if (REQUIRED.some((option) => !options[option])) {
    throw clientError(`Log driver awslogs requires options: ${REQUIRED.join(', ')}`);
  }
  const unknown = Object.keys(options).filter((option) => !OPTIONS.has(option));
  if (unknown.length > 0) throw clientError(`Log driver awslogs disallows options: ${unknown.join(', ')}`);
  const delivery = logDelivery(options);
  if ('problem' in delivery) throw clientError(delivery.problem);
}
