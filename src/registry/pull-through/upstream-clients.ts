import { RuntimeError, ServiceError } from '../../kernel/errors.ts';
import type { HttpLine } from '../client/http.ts';
import { RegistryClient } from '../client/registry-client.ts';
import type { RegistryCredentials, Upstream, UpstreamCredentials } from './upstream.ts';

interface Kept {
  readonly client: RegistryClient;
  readonly credentials: RegistryCredentials | undefined;
}

/** A client for each registry and secret, as tokens are kept in it, for as long as the secret says the same. */
export class UpstreamClients {
  readonly #credentials: UpstreamCredentials | undefined;
  readonly #line: HttpLine;
  readonly #clients = new Map<string, Kept>();

  constructor({ credentials, ...line }: HttpLine & { readonly credentials: UpstreamCredentials | undefined }) {
    this.#credentials = credentials;
    this.#line = line;
  }

  /** @throws RuntimeError `rejected` if its credentials cannot be had, or its address is none */
  async of({ url, credentialArn }: Pick<Upstream, 'url' | 'credentialArn'>): Promise<RegistryClient> {
    const credentials = credentialArn === undefined ? undefined : await this.#read(credentialArn);
    const key = `${url} ${credentialArn ?? ''}`;
    const known = this.#clients.get(key);
    if (known && isSame(known.credentials, credentials)) return known.client;
    const client = new RegistryClient({ url, ...this.#line, ...(credentials && { credentials }) });
    this.#clients.set(key, { client, credentials });
    return client;
  }

  async #read(secretArn: string): Promise<RegistryCredentials> {
    if (!this.#credentials) throw new RuntimeError('rejected', 'There are no secrets here.');
    try {
      return await this.#credentials(secretArn);
    } catch (error) {
      // What is cached is served all the same, and who pulls what is not reads why.
      if (error instanceof ServiceError) throw new RuntimeError('rejected', error.message, error);
      throw error;
    }
  }
}

function isSame(a: RegistryCredentials | undefined, b: RegistryCredentials | undefined): boolean {
  return a?.username === b?.username && a?.password === b?.password;
}
