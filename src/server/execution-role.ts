import type { CallAs } from '../api/service.ts';
import { ECS_TASKS } from './task-credentials.ts';

/** How ECS calls for a task: under its execution role, so that what the role lacks is refused as in AWS. */
export function underExecutionRole(
  role: { readonly arn: string; readonly sessionName: string } | undefined,
): CallAs | undefined {
  return role && { role: { ...role, service: ECS_TASKS } };
}
