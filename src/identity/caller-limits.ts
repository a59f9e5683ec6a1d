import { ServiceError } from '../kernel/errors.ts';
import type { Principal } from './principal.ts';

/** What sessions of users and of root may call of STS, and federated users. */
const STS_OF_USER_SESSIONS: ReadonlySet<string> = new Set(['sts:GetCallerIdentity', 'sts:AssumeRole']);
const STS_OF_FEDERATED_USERS: ReadonlySet<string> = new Set(['sts:GetCallerIdentity']);
const STS_OF_LONG_TERM_KEYS: ReadonlySet<string> = new Set(['sts:GetSessionToken', 'sts:GetFederationToken']);

/**
 * Why a principal may not call an operation whatever policies say, or undefined where it may: what AWS keeps from root
 * and from temporary credentials. There are no MFA devices here, so no session of a user was made with one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 * @param action of the operation that was called, e.g. `iam:ListUsers`
 */
export function callerRefusal(principal: Principal, action: string): ServiceError | undefined {
  if (principal.kind === 'root' && action === 'sts:AssumeRole') {
    return accessDenied('Roles may not be assumed by root accounts.');
  }
  return principal.session === undefined ? undefined : sessionRefusal(principal, action);
}

function sessionRefusal({ kind }: Principal, action: string): ServiceError | undefined {
  const [service, operation] = action.split(':');
  if (STS_OF_LONG_TERM_KEYS.has(action)) return noSessionCredentials(operation);
  if (kind !== 'user' && kind !== 'root' && kind !== 'federated-user') return undefined;
  if (service === 'iam') return invalidToken();
  if (service !== 'sts') return undefined;
  const may = kind === 'federated-user' ? STS_OF_FEDERATED_USERS : STS_OF_USER_SESSIONS;
  return may.has(action) ? undefined : noSessionCredentials(operation);
}

function noSessionCredentials(operation = ''): ServiceError {
  return accessDenied(`Cannot call ${operation} with session credentials`);
}

function accessDenied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message, { httpStatus: 403 });
}

/** IAM answers them as if the token were not valid. */
function invalidToken(): ServiceError {
  return new ServiceError('InvalidClientTokenId', 'The security token included in the request is invalid', {
    httpStatus: 403,
  });
}
