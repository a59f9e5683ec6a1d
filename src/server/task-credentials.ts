import type { SessionTokens } from '../identity/session-credentials.ts';
import type { Scope } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { taskRoles } from '../services/ecs/index.ts';
import { ECS_TASKS } from './execution-role.ts';
import type { AssumeRoleForService } from './service-identities.ts';
import type { FindCredentials } from './task-endpoint.ts';

/** ECS's credentials last six hours; SDKs ask anew shortly before they end. */
const LIFE_MS = 6 * 60 * 60 * 1000;

/** Fresh credentials of a task's role, each time they are asked for; none where the role does not trust ECS's tasks. */
export function taskCredentials(
  find: ReturnType<typeof taskRoles>,
  sessions: SessionTokens,
  assume: AssumeRoleForService,
): FindCredentials {
  return async (credentialsId) => {
    const role = await find(credentialsId);
    if (!role) return undefined;
    const { account, region, roleArn, taskId } = role;
    try {
      const use = { roleArn, sessionName: taskId, service: ECS_TASKS, lifeMs: LIFE_MS };
      return { roleArn, credentials: sessions.issue(await assume(use, { account, region })) };
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  };
}

/** Whether a task may have a role. */
export async function tasksMayAssume(
  assume: AssumeRoleForService,
  roleArn: string,
  scope: Scope,
  service = ECS_TASKS,
): Promise<boolean> {
  try {
    await assume({ roleArn, sessionName: 'check', service }, scope);
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}
