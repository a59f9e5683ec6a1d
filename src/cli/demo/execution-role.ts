import { type ServiceRole, trustOf } from './service-role.ts';
import { SHARED } from './site.ts';

/** What pulls the image and sends the log lines. */
export const EXECUTION_ROLE: ServiceRole = {
  name: SHARED.executionRole,
  trustPolicy: trustOf('ecs-tasks.amazonaws.com'),
  policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy',
};
