import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import type { PullCredentials } from '../executor/executor.ts';
import { parseArn } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import { underExecutionRole } from './execution-role.ts';

const ECR_HOST = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\./;

/**
 * Asks ECR for a fresh token before each private pull, under the task's execution role: of the registry that the image's
 * host names, else of the task's own scope.
 */
export function pullCredentials(callIn: (scope: Scope, as?: CallAs) => Call, registryHost: string): PullCredentials {
  return async (task, container) => {
    if (container.pullFrom !== 'ecr') return undefined;
    const named = ECR_HOST.exec(container.image);
    const own = parseArn(task.taskArn);
    const account = named?.[1] ?? own?.account;
    const region = named?.[2] ?? own?.region;
    if (!account || !region) return undefined;
    const role =
      task.executionRoleArn === undefined ? undefined : { arn: task.executionRoleArn, sessionName: task.taskId };
    const call = callIn({ account, region }, underExecutionRole(role));
    const { authorizationData = [] } = await call('ecr', 'GetAuthorizationToken', {});
    const token = Buffer.from(authorizationData[0]?.authorizationToken ?? '', 'base64').toString('utf8');
    const colon = token.indexOf(':');
    return { username: token.slice(0, colon), password: token.slice(colon + 1), serverAddress: registryHost };
  };
}
