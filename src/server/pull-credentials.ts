import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import type { PullCredentials } from '../executor/executor.ts';
import { parseArn } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import { underExecutionRole } from './execution-role.ts';

const ECR_HOST = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\./;
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** What the engine is given to pull with. */
type Credentials = NonNullable<Awaited<ReturnType<PullCredentials>>>;

/**
 * Asks ECR for a fresh token before each private pull, under the task's execution role: of the registry that the image's
 * host names, else of the task's own scope. For a registry elsewhere: the secret that the container names, if it does.
 */
export function pullCredentials(callIn: (scope: Scope, as?: CallAs) => Call, registryHost: string): PullCredentials {
  return async (task, container) => {
    const own = parseArn(task.taskArn);
    if (!own) return undefined;
    const role =
      task.executionRoleArn === undefined ? undefined : { arn: task.executionRoleArn, sessionName: task.taskId };
    const as = underExecutionRole(role);
    if (container.pullSecret !== undefined) {
      // Without one the call would be made in ECS's own name.
      if (!as) throw new ServiceError('AccessDeniedException', 'The task has no execution role.');
      const serverAddress = registryOf(container.pullReference);
      const { region = own.region } = parseArn(container.pullSecret) ?? {};
      const call = callIn({ account: own.account, region }, as);
      return { ...(await fromSecret(call, container.pullSecret)), serverAddress };
    }
    if (container.pullFrom !== 'ecr') return undefined;
    const named = ECR_HOST.exec(container.image);
    const call = callIn({ account: named?.[1] ?? own.account, region: named?.[2] ?? own.region }, as);
    const { authorizationData = [] } = await call('ecr', 'GetAuthorizationToken', {});
    const token = Buffer.from(authorizationData[0]?.authorizationToken ?? '', 'base64').toString('utf8');
    const colon = token.indexOf(':');
    return { username: token.slice(0, colon), password: token.slice(colon + 1), serverAddress: registryHost };
  };
}

/**
 * `{"username": "...", "password": "..."}`
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
 * @throws what Secrets Manager answers; ServiceError InvalidParameterException for a secret that is something else
 */
async function fromSecret(call: Call, arn: string): Promise<Omit<Credentials, 'serverAddress'>> {
  const { SecretString = '' } = await call('secretsmanager', 'GetSecretValue', { SecretId: arn });
  const { username, password } = parsed(SecretString);
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new ServiceError('InvalidParameterException', `The secret ${arn} has no username and password.`);
  }
  return { username, password };
}

/** Never its text in an error: it may be a password. */
function parsed(text: string): { readonly username?: unknown; readonly password?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The host of an image's name; without one it is Docker Hub. */
function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : DOCKER_HUB;
}
