import type { Principal } from '../identity/principal.ts';
import type { Scope } from '../kernel/arn.ts';
import type { SealedBox } from '../kernel/sealed-box.ts';

const TOKEN_LIFE_MS = 12 * 60 * 60 * 1000;
/** The only user name that ECR knows. */
const USER = 'AWS';
/** A client sends its token with every request; opening it costs more than most of them. */
const MOST_REMEMBERED = 1000;

/** Who speaks the registry's protocol, and to which account's and region's registry. */
export interface RegistryCaller extends Scope {
  /** Who asked for the token: it may do what its holder may, no more. */
  readonly principal: Principal;
}

export interface RegistryToken {
  /** base64 of `AWS:password`, as GetAuthorizationToken answers it. */
  readonly authorizationToken: string;
  readonly expiresAtMs: number;
}

/**
 * Passwords for `docker login`, valid for twelve hours. They are sealed, not stored: a restarted server knows them.
 */
export class RegistryTokens {
  readonly #box: SealedBox;
  /** What the headers of late said, the oldest first. Only those that were ours: nobody else can fill it. */
  readonly #opened = new Map<string, Claims>();

  /** @param box sealed for the purpose `ecr-token` */
  constructor(box: SealedBox) {
    this.#box = box;
  }

  issue(caller: RegistryCaller, now: number): RegistryToken {
    const { account, region, principal } = caller;
    const expiresAtMs = now + TOKEN_LIFE_MS;
    const password = this.#box.seal(JSON.stringify({ account, region, principal, expiresAtMs }));
    return { authorizationToken: Buffer.from(`${USER}:${password}`).toString('base64'), expiresAtMs };
  }

  /**
   * Reads `Authorization: Basic ...` and `Bearer ...`: a bearer gives GetAuthorizationToken's token or its password.
   * Undefined for none, and for one that this server did not issue.
   */
  authenticate(header: string | undefined, now: number): RegistryCaller | 'expired' | undefined {
    if (header === undefined) return undefined;
    const claims = this.#opened.get(header) ?? this.#open(header);
    if (!claims) return undefined;
    return now < claims.expiresAtMs ? claims.caller : 'expired';
  }

  #open(header: string): Claims | undefined {
    const password = passwordOf(header);
    const claims = password === undefined ? undefined : parseClaims(this.#box.open(password));
    if (!claims) return undefined;
    const oldest = this.#opened.keys().next().value;
    if (this.#opened.size >= MOST_REMEMBERED && oldest !== undefined) this.#opened.delete(oldest);
    this.#opened.set(header, claims);
    return claims;
  }
}

interface Claims {
  readonly caller: RegistryCaller;
  readonly expiresAtMs: number;
}

function passwordOf(header: string): string | undefined {
  const [, scheme, token = ''] = /^(basic|bearer) +([\w+/=-]+) *$/i.exec(header) ?? [];
  if (scheme === undefined) return undefined;
  const [user, password, ...rest] = Buffer.from(token, 'base64').toString('utf8').split(':');
  if (user === USER && password !== undefined && rest.length === 0) return password;
  return scheme.toLowerCase() === 'bearer' ? token : undefined;
}

function parseClaims(text: string | undefined): Claims | undefined {
  if (text === undefined) return undefined;
  const { account, region, principal, expiresAtMs }: Partial<RegistryCaller & { expiresAtMs: number }> =
    JSON.parse(text);
  if (typeof account !== 'string' || typeof region !== 'string') return undefined;
  if (typeof principal?.arn !== 'string' || typeof expiresAtMs !== 'number') return undefined;
  return { caller: { account, region, principal }, expiresAtMs };
}
