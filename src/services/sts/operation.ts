import type { Context } from '../../api/context.ts';
import { operationsOf } from '../../api/operation.ts';
import type { KeySets } from '../../identity/oidc/key-sets.ts';
import type { SessionTokens } from '../../identity/session-credentials.ts';
import type { SealedBox } from '../../kernel/sealed-box.ts';

/** What STS is lent. */
export interface StsPorts {
  readonly sessions: SessionTokens;
  /** Of purpose `authorization-messages`: the gateway seals why a call was refused, DecodeAuthorizationMessage opens it. */
  readonly messages: SealedBox;
  readonly keySets: KeySets;
}

export type StsContext = Context<StsPorts>;

export const operation = operationsOf<'sts', StsPorts>();
