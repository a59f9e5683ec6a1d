import type { AuditRecord } from '../../../api/audit.ts';
import type { Principal, SessionFacts } from '../../../identity/principal.ts';
import type { Json, JsonObject } from './parameters.ts';
import { isoSeconds } from './times.ts';

const ISSUER_TYPES = { Role: 'Role', User: 'IAMUser', Root: 'Root' } as const;

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
export function userIdentity({ principal, accessKeyId: signedWith }: AuditRecord): JsonObject {
  const accessKeyId = signedWith ?? principal?.accessKeyId;
  const key = accessKeyId === undefined ? {} : { accessKeyId };
  if (!principal) return { type: 'Unknown', ...key };
  if (principal.kind === 'service') return { type: 'AWSService', invokedBy: principal.userId };
  if (principal.kind === 'web-identity') return webIdentity(principal);
  return {
    type: TYPES[principal.kind],
    principalId: principal.userId,
    arn: principal.arn,
    accountId: principal.account,
    ...key,
    ...(principal.userName !== undefined && { userName: principal.userName }),
    ...(principal.session && { sessionContext: sessionContext(principal.session, principal) }),
    ...(principal.invokedBy !== undefined && { invokedBy: principal.invokedBy }),
  };
}

const TYPES = {
  root: 'Root',
  user: 'IAMUser',
  'assumed-role': 'AssumedRole',
  'federated-user': 'FederatedUser',
} as const;

function webIdentity(principal: Principal): JsonObject {
  const token = principal.session?.webIdentity;
  if (!token) return { type: 'WebIdentityUser', identityProvider: principal.arn };
  const { provider, subject, audience } = token;
  return {
    type: 'WebIdentityUser',
    principalId: `${provider}:${audience}:${subject}`,
    userName: subject,
    identityProvider: provider,
  };
}

/** Only sessions of roles and federated users have an issuer: a user's own session is the user still. */
function sessionContext(session: SessionFacts, principal: Principal): JsonObject {
  const { issuer, issuedAtMs, webIdentity: token, sourceIdentity } = session;
  const attributes = { creationDate: isoSeconds(issuedAtMs), mfaAuthenticated: 'false' };
  if (principal.kind === 'user' || principal.kind === 'root') return { attributes };
  const sessionIssuer: Record<string, Json> = {
    type: ISSUER_TYPES[issuer.type],
    principalId: issuer.id,
    arn: issuer.arn,
    accountId: principal.account,
    ...(issuer.type !== 'Root' && { userName: issuer.name }),
  };
  return {
    sessionIssuer,
    ...(token && { webIdFederationData: { federatedProvider: token.provider, attributes: {} } }),
    attributes,
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
}

/** What LookupEvents calls Username; services have none. */
export function userNameOf(principal: Principal | undefined): string | undefined {
  switch (principal?.kind) {
    case 'root':
      return 'root';
    case 'user':
      return principal.userName ?? principal.arn.split('/').at(-1);
    case 'assumed-role':
    case 'federated-user':
      return principal.session?.name ?? principal.arn.split('/').at(-1);
    case 'web-identity':
      return principal.session?.webIdentity?.subject;
    default:
      return undefined;
  }
}
