import { rootPrincipal } from '../api/invoke.ts';
import type { Directory } from '../identity/directory.ts';
import type { SessionTokens } from '../identity/session-credentials.ts';
import type { Principal } from '../api/context.ts';
import type { Scope } from '../kernel/arn.ts';
import { isRegion } from '../kernel/region.ts';
import { AuthError, dialectOf } from '../wire/auth-errors.ts';
import type { AuthReason } from '../wire/auth-errors.ts';
import { claimedScope } from '../wire/credential-scope.ts';
import type { Identified } from '../wire/identified.ts';
import type { RawRequest } from '../wire/raw-request.ts';
import { authenticate } from '../wire/sigv4.ts';

export interface Caller {
  readonly principal: Principal;
  readonly accessKeyId: string;
  readonly scope: Scope;
}

/** Whose signature is asked for, and in whose words a refusal is put. */
export type Called = Pick<Identified, 'service' | 'protocol'> & {
  readonly contract: Pick<Identified['contract'], 'signingName'>;
};

/** Finds out who signed a request, and in which region it is meant. */
export type Authenticate = (request: RawRequest, called: Called, now: number) => Promise<Caller>;

export interface RootCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface StrictOptions {
  readonly root: RootCredentials;
  readonly account: string;
  readonly sessions: SessionTokens;
  readonly directory: Directory;
}

/** The rule: every request is signed with a key that this server gave out, and that still stands for somebody. */
export function strictAuthentication(options: StrictOptions): Authenticate {
  return async (request, called, now) => {
    const { protocol, contract } = called;
    const refused = (reason: AuthReason) => new AuthError(reason, dialectOf(called));
    let principal: Principal | undefined;
    const signed = await authenticate(request, {
      now,
      protocol,
      signingName: contract.signingName,
      findSecret: async (accessKeyId, sessionToken) => {
        const found = await find(options, accessKeyId, sessionToken);
        principal = found?.principal;
        return found?.secretAccessKey;
      },
    });
    if (!principal) throw new Error('A signature was verified without a principal.');
    if (principal.session && now >= principal.session.expiresAtMs) throw refused('expired-token');
    if (!(await options.directory.attached(principal))) throw refused('unknown-key');
    const { region, accessKeyId } = signed;
    options.directory.used({ principal, accessKeyId, service: signed.signingName, region, at: now });
    return { principal, accessKeyId, scope: { account: principal.account, region } };
  };
}

/** The key's secret, and whom it stands for; undefined for a key that this server does not know or that is inactive. */
async function find(
  { root, account, sessions, directory }: StrictOptions,
  accessKeyId: string,
  sessionToken: string | undefined,
): Promise<{ readonly principal: Principal; readonly secretAccessKey: string } | undefined> {
  if (sessionToken !== undefined) return sessions.open(accessKeyId, sessionToken);
  if (accessKeyId === root.accessKeyId) {
    return { principal: { ...rootPrincipal(account), accessKeyId }, secretAccessKey: root.secretAccessKey };
  }
  const key = await directory.accessKey(accessKeyId);
  return key?.active ? key : undefined;
}

/** `--auth permissive`, for use as an emulator: whoever calls is root, signed or not. */
export function permissiveAuthentication(account: string, defaultRegion: string): Authenticate {
  return async (request) => {
    const claimed = claimedScope(request);
    return {
      principal: rootPrincipal(account),
      accessKeyId: claimed?.accessKeyId ?? 'anonymous',
      scope: { account, region: claimed && isRegion(claimed.region) ? claimed.region : defaultRegion },
    };
  };
}
