import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as x509 from '../x509.ts';

/** Signs what was asked for: DER of a PKCS #10 request in, a chain in PEM out. */
export type SignRequest = (names: readonly string[], request: x509.Pkcs10CertificateRequest) => Promise<string>;

export interface AcmeServerOptions {
  readonly sign: SignRequest;
  /** Fetches a challenge as the authority does; the text that is there. */
  readonly fetchChallenge: (name: string, path: string) => Promise<string>;
}

interface Order {
  status: 'pending' | 'ready' | 'valid' | 'invalid';
  readonly names: readonly string[];
  readonly authorizations: readonly number[];
  chain?: string;
}

interface Authorization {
  status: 'pending' | 'valid' | 'invalid';
  readonly name: string;
  readonly token: string;
  detail?: string;
}

interface Call {
  readonly path: string;
  readonly account: number | undefined;
  readonly payload: Record<string, any>;
}

interface Reply {
  readonly status?: number;
  readonly body: object | string;
  readonly headers?: Record<string, string>;
}

/** A small RFC 8555 server for tests: real nonces and signatures, challenges really fetched, failures on demand. */
export class TestAcmeServer {
  /** Each is refused to one signed request, from the first on: e.g. `badNonce`, `rateLimited`. */
  readonly failures: string[] = [];
  /** Path of each signed request that was let through. */
  readonly log: string[] = [];
  retryAfter = '3600';
  readonly #options: AcmeServerOptions;
  readonly #server: Server;
  readonly #nonces = new Set<string>();
  readonly #accounts: JsonWebKey[] = [];
  readonly #orders: Order[] = [];
  readonly #authorizations: Authorization[] = [];

  constructor(options: AcmeServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  get directoryUrl(): string {
    return this.#url('/directory');
  }

  get accounts(): number {
    return this.#accounts.length;
  }

  #url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = createHash('sha256').update(`${this.#nonces.size}`).digest('base64url');
    this.#nonces.add(nonce);
    const {
      status = 200,
      body,
      headers = {},
    } = await this.#answer(request).catch((error: unknown) => problem(500, 'serverInternal', String(error)));
    response.writeHead(status, { 'replay-nonce': nonce, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const path = request.url ?? '';
    if (path === '/directory') {
      const [newNonce, newAccount, newOrder] = ['/nonce', '/account', '/order'].map((one) => this.#url(one));
      return { body: { newNonce, newAccount, newOrder } };
    }
    if (path === '/nonce') return { body: '' };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const call = this.#open(path, Buffer.concat(chunks).toString());
    if ('body' in call) return call;
    this.log.push(path);
    return this.#route(call);
  }

  /** Checks nonce and signature. */
  #open(path: string, text: string): Call | Reply {
    const jws = JSON.parse(text) as { protected: string; payload: string; signature: string };
    const header = parse(jws.protected);
    const account = header['kid'] === undefined ? undefined : Number(String(header['kid']).split('/').at(-1));
    const jwk = account === undefined ? header['jwk'] : this.#accounts[account];
    const failure = this.failures.shift();
    const fresh = this.#nonces.delete(header['nonce']);
    if (failure === 'badNonce' || !fresh) return problem(400, 'badNonce', 'The nonce is not one of mine.');
    if (failure) return problem(429, failure, 'No.', { 'retry-after': this.retryAfter });
    const good = verify(
      'sha256',
      Buffer.from(`${jws.protected}.${jws.payload}`),
      { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(jws.signature, 'base64url'),
    );
    if (!good || header['url'] !== this.#url(path)) return problem(401, 'unauthorized', 'The signature is wrong.');
    if (path === '/account') return this.#accountOf(jwk);
    return { path, account, payload: jws.payload === '' ? {} : parse(jws.payload) };
  }

  #accountOf(jwk: JsonWebKey): Reply {
    const known = this.#accounts.findIndex((one) => one.x === jwk.x);
    const at = known < 0 ? this.#accounts.push(jwk) - 1 : known;
    const headers = { location: this.#url(`/accounts/${at}`) };
    return { status: known < 0 ? 201 : 200, body: { status: 'valid' }, headers };
  }

  async #route({ path, account, payload }: Call): Promise<Reply> {
    const [, kind = '', number = ''] = path.split('/');
    const at = Number(number);
    const order = this.#orders[at];
    const authorization = this.#authorizations[at];
    if (path === '/order') return this.#newOrder(payload);
    if (kind === 'orders' && order) return { body: this.#orderView(at, order) };
    if (kind === 'authz' && authorization) return { body: this.#authorizationView(at, authorization) };
    if (kind === 'challenge' && authorization) {
      await this.#check(authorization, account ?? 0);
      return { body: {} };
    }
    if (kind === 'finalize' && order) return this.#finalize(at, order, String(payload['csr']));
    if (kind === 'certificate' && order?.chain) return { body: order.chain };
    return problem(404, 'malformed', 'There is no such thing.');
  }

  #newOrder(payload: Record<string, any>): Reply {
    const names = (payload['identifiers'] as { value: string }[]).map((one) => one.value);
    const authorizations = names.map((name) => {
      const token = createHash('sha256').update(`${name} ${this.#authorizations.length}`).digest('base64url');
      return this.#authorizations.push({ status: 'pending', name, token }) - 1;
    });
    const at = this.#orders.push({ status: 'pending', names, authorizations }) - 1;
    return { status: 201, body: {}, headers: { location: this.#url(`/orders/${at}`) } };
  }

  #orderView(at: number, order: Order): object {
    const all = order.authorizations.map((one) => this.#authorizations[one]?.status);
    if (order.status === 'pending' && all.every((status) => status === 'valid')) order.status = 'ready';
    if (order.status === 'pending' && all.includes('invalid')) order.status = 'invalid';
    return {
      status: order.status,
      authorizations: order.authorizations.map((one) => this.#url(`/authz/${one}`)),
      finalize: this.#url(`/finalize/${at}`),
      ...(order.chain === undefined ? {} : { certificate: this.#url(`/certificate/${at}`) }),
    };
  }

  #authorizationView(at: number, { status, name, token, detail }: Authorization): object {
    const error = detail === undefined ? {} : { error: { type: 'urn:ietf:params:acme:error:unauthorized', detail } };
    return {
      status,
      identifier: { type: 'dns', value: name },
      challenges: [
        { type: 'dns-01', url: this.#url('/none'), token },
        { type: 'http-01', url: this.#url(`/challenge/${at}`), token, ...error },
      ],
    };
  }

  async #check(authorization: Authorization, account: number): Promise<void> {
    const { crv, kty, x, y } = this.#accounts[account] ?? {};
    const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
    const path = `/.well-known/acme-challenge/${authorization.token}`;
    const found = await this.#options.fetchChallenge(authorization.name, path).catch(String);
    authorization.status = found.trim() === `${authorization.token}.${thumbprint}` ? 'valid' : 'invalid';
    if (authorization.status === 'invalid') authorization.detail = `The file at ${path} says: ${found}`;
  }

  async #finalize(at: number, order: Order, csr: string): Promise<Reply> {
    if (order.status !== 'ready') return problem(403, 'orderNotReady', `The order is ${order.status}.`);
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(csr, 'base64url'));
    if (!(await request.verify())) return problem(400, 'badCSR', 'The request is not signed with its key.');
    const extension = request.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension);
    const names = extension?.names.items.map((one) => one.value) ?? [];
    if (names.toSorted().join() !== order.names.toSorted().join())
      return problem(400, 'badCSR', `Other names: ${names.join()}`);
    order.chain = await this.#options.sign(order.names, request);
    order.status = 'valid';
    return { body: this.#orderView(at, order) };
  }
}

function parse(part: string): Record<string, any> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, any>;
}

function problem(status: number, type: string, detail: string, headers: Record<string, string> = {}): Reply {
  return { status, body: { type: `urn:ietf:params:acme:error:${type}`, detail }, headers };
}
