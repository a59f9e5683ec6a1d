import { rootPrincipal } from '../api/invoke.ts';
import { assumedRoleArn, assumedRoleId } from '../identity/session-credentials.ts';
import type { RoleSession, SessionTokens } from '../identity/session-credentials.ts';
import type { Principal } from '../api/context.ts';
import type { Scope } from '../kernel/arn.ts';
import { claimedScope } from '../wire/credential-scope.ts';
import type { Identified } from '../wire/identified.ts';
import type { RawRequest } from '../wire/raw-request.ts';
import { authenticate } from '../wire/sigv4.ts';

export interface Caller {
  readonly principal: Principal;
  readonly accessKeyId: string;
  readonly scope: Scope;
}

/** Finds out who signed a request, and in which region it is meant. */
export type Authenticate = (request: RawRequest, identified: Identified, now: number) => Promise<Caller>;

export interface RootCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The rule: every request is signed with a key that this server gave out. */
export function strictAuthentication(root: RootCredentials, account: string, sessions: SessionTokens): Authenticate {
  return async (request, identified, now) => {
    let session: RoleSession | undefined;
    const signed = await authenticate(request, {
      now,
      protocol: identified.protocol,
      signingName: identified.contract.signingName,
      findSecret: async (accessKeyId, sessionToken) => {
        if (sessionToken === undefined) return accessKeyId === root.accessKeyId ? root.secretAccessKey : undefined;
        const opened = sessions.open(accessKeyId, sessionToken, now);
        session = opened?.session;
        return opened?.secretAccessKey;
      },
    });
    return {
      principal: session ? sessionPrincipal(session) : rootPrincipal(account),
      accessKeyId: signed.accessKeyId,
      scope: { account: session?.account ?? account, region: signed.region },
    };
  };
}

function sessionPrincipal(session: RoleSession): Principal {
  return {
    kind: 'assumed-role',
    account: session.account,
    arn: assumedRoleArn(session),
    userId: assumedRoleId(session),
  };
}

/** `--auth permissive`, for use as an emulator: whoever calls is root, signed or not. */
export function permissiveAuthentication(account: string, defaultRegion: string): Authenticate {
  return async (request) => {
    const claimed = claimedScope(request);
    return {
      principal: rootPrincipal(account),
      accessKeyId: claimed?.accessKeyId ?? 'anonymous',
      scope: { account, region: claimed?.region ?? defaultRegion },
    };
  };
}
