import type { SessionCredentials, SessionPrincipal } from '../../identity/session-credentials.ts';

export function credentialsView(credentials: SessionCredentials) {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(credentials.expiresAtMs),
  };
}

export function assumedRoleUserView({ arn, userId }: SessionPrincipal) {
  return { AssumedRoleId: userId, Arn: arn };
}
