import { RuntimeError } from '../../kernel/errors.ts';
import { jsonFields } from '../../kernel/json-fields.ts';
import type { Challenge } from './challenge.ts';
import { bytesOf, sendHttp } from './http.ts';
import type { HttpLine } from './http.ts';

const MOST_TOKEN_BYTES = 64 * 1024;
/** What the token specification says of a token without `expires_in`. */
const DEFAULT_LIFE_SECONDS = 60;
/** A token must outlive the request that it is sent with. */
const SPARE_MS = 10_000;

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Answers a registry's challenges: anonymously, with a user name and password, or with a bearer token fetched from
 * where the challenge says, as Docker Hub, GHCR and Quay want it. Tokens are kept until they expire.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export class RegistryAuthorization {
  readonly #line: HttpLine;
  readonly #credentials: RegistryCredentials | undefined;
  readonly #isSecure: boolean;
  /** By scope: one for each repository that anybody names, until it expires. */
  readonly #tokens = new Map<string, { readonly header: string; readonly untilMs: number }>();
  #wantsBasic = false;

  /** @param options.origin of the registry: over HTTPS, tokens are fetched over HTTPS only */
  constructor(options: { line: HttpLine; origin: string; credentials?: RegistryCredentials | undefined }) {
    this.#line = options.line;
    this.#credentials = options.credentials;
    this.#isSecure = options.origin.startsWith('https:');
  }

  /** The `Authorization` to come with at once, for e.g. `repository:library/nginx:pull`: what worked before. */
  held(scope: string): string | undefined {
    const token = this.#tokens.get(scope);
    if (token && token.untilMs > this.#line.clock.now()) return token.header;
    return this.#wantsBasic ? this.#basic() : undefined;
  }

  /**
   * A new `Authorization` for what was refused; undefined if there is nothing to answer the challenge with.
   * @throws RuntimeError
   */
  async answer(challenge: Challenge, scope: string): Promise<string | undefined> {
    if (challenge.scheme === 'basic') {
      // What carries bytes cannot be sent twice, so it must come with this at once.
      this.#wantsBasic = true;
      return this.#basic();
    }
    const { token, lifeMs } = await this.#fetchToken(challenge, challenge.scope ?? scope);
    const header = `Bearer ${token}`;
    const now = this.#line.clock.now();
    for (const [other, { untilMs }] of this.#tokens) if (untilMs <= now) this.#tokens.delete(other);
    this.#tokens.set(scope, { header, untilMs: now + lifeMs - SPARE_MS });
    return header;
  }

  #basic(): string | undefined {
    if (!this.#credentials) return undefined;
    const { username, password } = this.#credentials;
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  async #fetchToken(
    { realm, service }: Extract<Challenge, { scheme: 'bearer' }>,
    scope: string,
  ): Promise<{ token: string; lifeMs: number }> {
    const url = URL.parse(realm);
    if (!url || (url.protocol !== 'https:' && (this.#isSecure || url.protocol !== 'http:'))) {
      throw new RuntimeError('rejected', `The registry's tokens are at '${realm}', which is no HTTPS address.`);
    }
    if (service !== undefined) url.searchParams.set('service', service);
    if (scope !== '') url.searchParams.set('scope', scope);
    const basic = this.#basic();
    const headers = { Accept: 'application/json', ...(basic !== undefined && { Authorization: basic }) };
    const { status, body } = await sendHttp({ method: 'GET', url, headers }, this.#line);
    const text = (await bytesOf(body, MOST_TOKEN_BYTES)).toString('utf8');
    if (status !== 200) {
      const kind = status >= 500 || status === 429 ? 'temporary' : 'rejected';
      throw new RuntimeError(kind, `${url.host} gave no token for '${scope}': it answered ${status}.`);
    }
    return tokenIn(text, url);
  }
}

function tokenIn(text: string, url: URL): { token: string; lifeMs: number } {
  const { token, access_token: accessToken, expires_in: seconds } = jsonFields(text);
  const found = typeof token === 'string' ? token : accessToken;
  if (typeof found !== 'string' || !/^[\x21-\x7e]+$/.test(found)) {
    throw new RuntimeError('rejected', `${url.host} answered no token.`);
  }
  return { token: found, lifeMs: (typeof seconds === 'number' ? seconds : DEFAULT_LIFE_SECONDS) * 1000 };
}
