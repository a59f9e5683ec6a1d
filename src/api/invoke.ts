import type { Scope } from '../kernel/arn.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import type { Call, Context, Principal } from './context.ts';

/** What a context is made of, for one call of one service. */
export interface ContextParts extends Scope {
  readonly principal: Principal;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly now: number;
  readonly ids: Ids;
  readonly log: Log;
  readonly ports: unknown;
  readonly endpoint: string;
  readonly store: Store;
  readonly call: Call;
  readonly callAsCaller: Call;
}

export function createContext<Ports>(parts: ContextParts & { readonly ports: Ports }): Context<Ports> {
  const { store, ...rest } = parts;
  return { ...rest, read: (fn) => store.read(fn), write: (fn) => store.write(fn) };
}

/** The principal of a service that calls another: it acts in the caller's account, under its own name. */
export function servicePrincipal(service: string, account: string): Principal {
  return { kind: 'service', account, arn: `arn:aws:iam::${account}:service-principal/${service}`, userId: service };
}

export function rootPrincipal(account: string): Principal {
  return { kind: 'root', account, arn: `arn:aws:iam::${account}:root`, userId: account };
}

/** The bearer of an OIDC provider's token, before the token is read. */
export function webIdentityPrincipal(account: string): Principal {
  return { kind: 'web-identity', account, arn: `arn:aws:iam::${account}:oidc-provider/*`, userId: 'anonymous' };
}
