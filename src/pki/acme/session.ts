import type { Clock } from '../../kernel/clock.ts';
import { AcmeProblem, type AcmeAccountKeys } from '../acme.ts';
import { accountKeyOf, newAccountKeyPem, signed, type AccountKey } from './jws.ts';
import type { HttpAnswer, Transport } from './transport.ts';

export interface AcmeSessionOptions {
  /** Of the directory. */
  readonly directoryUrl: string;
  readonly email?: string;
  readonly keys: AcmeAccountKeys;
  readonly transport: Transport;
  readonly clock: Clock;
}

interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
}

/** How often a request whose nonce is refused is made again. */
const NONCE_ATTEMPTS = 4;

/** Signed requests in the name of one account, which is made at first use. */
export class AcmeSession {
  readonly #options: AcmeSessionOptions;
  #directory: Directory | undefined;
  #account: Promise<{ readonly key: AccountKey; readonly url: string }> | undefined;
  #nonces: string[] = [];

  constructor(options: AcmeSessionOptions) {
    this.#options = options;
  }

  async directory(): Promise<Directory> {
    const { directoryUrl, transport } = this.#options;
    this.#directory ??= objectOf<Directory>(this.#checked(await transport(directoryUrl, { method: 'GET' })));
    return this.#directory;
  }

  /** RFC 8555, 8.1: what the file of a challenge must say. */
  async keyAuthorization(token: string): Promise<string> {
    return `${token}.${(await this.#signIn()).key.thumbprint}`;
  }

  /** Without a payload it is a POST-as-GET. @throws AcmeProblem */
  async post(url: string, payload?: object): Promise<HttpAnswer> {
    const account = await this.#signIn();
    return this.#send(account.key, url, payload, account.url);
  }

  #signIn(): Promise<{ readonly key: AccountKey; readonly url: string }> {
    this.#account ??= this.#openAccount().catch((error: unknown) => {
      this.#account = undefined;
      throw error;
    });
    return this.#account;
  }

  /** Answers the account that the key has, or makes it. */
  async #openAccount() {
    const { keys, email } = this.#options;
    const key = accountKeyOf((await keys.read()) ?? (await keys.keep(newAccountKeyPem())));
    const { newAccount } = await this.directory();
    const contact = email === undefined ? {} : { contact: [`mailto:${email}`] };
    const answer = await this.#send(key, newAccount, { termsOfServiceAgreed: true, ...contact });
    return { key, url: answer.headers.location ?? '' };
  }

  async #send(key: AccountKey, url: string, payload: object | undefined, kid?: string): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const nonce = this.#nonces.pop() ?? (await this.#newNonce());
      const body = signed(key, { url, nonce, ...(kid === undefined ? {} : { kid }) }, payload);
      const answer = await this.#options.transport(url, { method: 'POST', body });
      this.#keepNonce(answer);
      try {
        return this.#checked(answer);
      } catch (error) {
        // RFC 8555, 6.5: a nonce may be too old; the refusal brings a new one.
        if (!(error instanceof AcmeProblem && error.type === 'badNonce') || attempt >= NONCE_ATTEMPTS) throw error;
      }
    }
  }

  async #newNonce(): Promise<string> {
    const { newNonce } = await this.directory();
    const { headers } = await this.#options.transport(newNonce, { method: 'HEAD' });
    const nonce = headers['replay-nonce'];
    if (typeof nonce !== 'string') throw new Error('The ACME server gives no nonce.');
    return nonce;
  }

  #keepNonce({ headers }: HttpAnswer): void {
    const nonce = headers['replay-nonce'];
    if (typeof nonce === 'string') this.#nonces = [nonce];
  }

  #checked(answer: HttpAnswer): HttpAnswer {
    if (answer.status < 400) return answer;
    const problem = answer.body.startsWith('{') ? objectOf<{ type?: string; detail?: string }>(answer) : {};
    const type = (problem.type ?? 'serverInternal').split(':').at(-1) ?? '';
    const detail = problem.detail ?? `HTTP ${answer.status}`;
    throw new AcmeProblem(type, `${type}: ${detail}`, retryAt(answer, this.#options.clock.now()));
  }
}

/** What Retry-After says, in seconds or as a date. */
export function retryAt({ headers }: HttpAnswer, now: number): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? now + Number(text) * 1000 : Date.parse(text) || undefined;
}

export function objectOf<T extends object>(answer: HttpAnswer): T {
  const parsed: unknown = JSON.parse(answer.body);
  if (typeof parsed !== 'object' || parsed === null) throw new Error('The ACME server answers no JSON object.');
  return parsed as T;
}
