import type { SessionTokens } from '../identity/session-credentials.ts';
import type { Clock } from '../kernel/clock.ts';
import type { taskRoles } from '../services/ecs/index.ts';
import type { FindCredentials } from './task-endpoint.ts';

/** ECS's credentials last six hours; SDKs ask anew shortly before they end. */
const LIFE_MS = 6 * 60 * 60 * 1000;

/** Fresh credentials of a task's role, each time they are asked for. */
export function taskCredentials(
  find: ReturnType<typeof taskRoles>,
  sessions: SessionTokens,
  clock: Clock,
): FindCredentials {
  return async (credentialsId) => {
    const role = await find(credentialsId);
    if (!role) return undefined;
    const { account, roleArn, taskId } = role;
    return { roleArn, credentials: sessions.issue({ account, roleArn, sessionName: taskId }, clock.now() + LIFE_MS) };
  };
}
