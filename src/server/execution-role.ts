import type { CallAs } from '../api/service.ts';

/** Whom the trust policies of tasks' roles and execution roles must let in. */
export const ECS_TASKS = 'ecs-tasks.amazonaws.com';

/** How ECS calls for a task: under its execution role, so that what the role lacks is refused as in AWS. */
export function underExecutionRole(
  role: { readonly arn: string; readonly sessionName: string } | undefined,
): CallAs | undefined {
  return role && { role: { ...role, service: ECS_TASKS } };
}
