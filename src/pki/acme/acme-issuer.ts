import { sleep, type Clock } from '../../kernel/clock.ts';
import { AcmeProblem } from '../acme.ts';
import type { AcmeCertificate, AcmeIssuer, AcmeRequest, AcmeState, ChallengeAnswers } from '../acme.ts';
import { certificateRequest, newKeyPem } from './certificate-request.ts';
import { objectOf, retryAt, type AcmeSession } from './session.ts';

interface Order {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: Problem;
}

interface Authorization {
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  readonly identifier: { readonly value: string };
  readonly challenges: readonly Challenge[];
}

interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly error?: Problem;
}

interface Problem {
  readonly type?: string;
  readonly detail?: string;
}

const POLL_MS = 1000;
const LONGEST_POLL_MS = 15_000;
/** An authority that has not decided by then is asked again at the next pass, with the same order. */
const PATIENCE_MS = 90_000;

/** RFC 8555, 7.4: order -> challenges laid out and accepted -> finalize with a request -> download. */
export class HttpAcmeIssuer implements AcmeIssuer {
  readonly #session: AcmeSession;
  readonly #answers: ChallengeAnswers;
  readonly #clock: Clock;

  constructor(session: AcmeSession, answers: ChallengeAnswers, clock: Clock) {
    this.#session = session;
    this.#answers = answers;
    this.#clock = clock;
  }

  async issue(request: AcmeRequest): Promise<AcmeCertificate> {
    let state = request.state;
    const note = async (change: AcmeState) => {
      state = { ...state, ...change };
      await request.progress(state);
      return state;
    };
    const orderUrl = state.orderUrl ?? (await this.#newOrder(request.names));
    if (state.orderUrl === undefined) await note({ orderUrl });
    let order = await this.#get<Order>(orderUrl);
    if (order.status === 'pending') {
      for (const url of order.authorizations) await this.#prove(url);
      order = await this.#settled<Order>(orderUrl, (one) => one.status !== 'pending');
    }
    const privateKeyPem = state.privateKeyPem ?? (await newKeyPem(request.keyAlgorithm));
    if (order.status === 'ready') {
      // The key is kept first: after a crash the certificate would be of no use without it.
      if (state.privateKeyPem === undefined) await note({ privateKeyPem });
      const csr = await certificateRequest(request.names, request.keyAlgorithm, privateKeyPem);
      await this.#session.post(order.finalize, { csr });
      order = await this.#settled<Order>(orderUrl, (one) => one.status === 'valid' || one.status === 'invalid');
    } else if (order.status === 'processing') {
      order = await this.#settled<Order>(orderUrl, (one) => one.status !== 'processing');
    }
    if (order.status !== 'valid' || order.certificate === undefined)
      throw problemOf(order.error, 'The order is invalid.');
    const { body } = await this.#session.post(order.certificate);
    return { ...splitChain(body), privateKeyPem };
  }

  async #newOrder(names: readonly string[]): Promise<string> {
    const { newOrder } = await this.#session.directory();
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    const { headers } = await this.#session.post(newOrder, { identifiers });
    if (headers.location === undefined) throw new Error('The ACME server names no order.');
    return headers.location;
  }

  /** Lays the challenge out while the authority looks. */
  async #prove(url: string): Promise<void> {
    const authorization = await this.#get<Authorization>(url);
    if (authorization.status === 'valid') return;
    const name = authorization.identifier.value;
    const challenge = authorization.challenges.find((one) => one.type === 'http-01');
    if (authorization.status !== 'pending' || !challenge) {
      throw problemOf(errorIn(authorization), `The authority takes no HTTP-01 challenge for ${name}.`);
    }
    this.#answers.put(challenge.token, await this.#session.keyAuthorization(challenge.token));
    try {
      await this.#session.post(challenge.url, {});
      const decided = await this.#settled<Authorization>(url, (one) => one.status !== 'pending');
      if (decided.status !== 'valid')
        throw problemOf(errorIn(decided), `The challenge for ${name} is ${decided.status}.`);
    } finally {
      this.#answers.remove(challenge.token);
    }
  }

  async #get<T extends object>(url: string): Promise<T> {
    return objectOf<T>(await this.#session.post(url));
  }

  async #settled<T extends object>(url: string, isSettled: (one: T) => boolean): Promise<T> {
    const giveUpAt = this.#clock.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.#session.post(url);
      const one = objectOf<T>(answer);
      if (isSettled(one)) return one;
      const now = this.#clock.now();
      if (now >= giveUpAt) throw new Error('The ACME server has not decided yet.');
      const asked = (retryAt(answer, now) ?? now + POLL_MS) - now;
      await sleep(this.#clock, Math.min(Math.max(asked, POLL_MS), LONGEST_POLL_MS));
    }
  }
}

function errorIn(authorization: Authorization): Problem | undefined {
  return authorization.challenges.find((one) => one.error)?.error;
}

function problemOf(problem: Problem | undefined, otherwise: string): AcmeProblem {
  const type = problem?.type?.split(':').at(-1) ?? 'orderInvalid';
  return new AcmeProblem(type, `${type}: ${problem?.detail ?? otherwise}`);
}

function splitChain(pem: string): { certificatePem: string; chainPem: string } {
  const [leaf, ...issuers] = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (leaf === undefined) throw new Error('The ACME server answers no certificate.');
  return { certificatePem: `${leaf}\n`, chainPem: issuers.map((issuer) => `${issuer}\n`).join('') };
}
