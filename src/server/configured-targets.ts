import { scopeKey } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import { RuntimeError } from '../kernel/errors.ts';
import { ImagePush } from '../registry/client/image-push.ts';
import { RegistryClient, RegistryRefusal } from '../registry/client/registry-client.ts';
import type { RegistryCredentials, UpstreamCredentials } from '../registry/pull-through/upstream.ts';
import type { Registry } from '../registry/registry.ts';
import type { ImageToPush, ReplicationTargets } from '../services/ecr/index.ts';
import type { ReplicationTarget } from './replication-file.ts';
import { EcrRefusal, callEcrAt } from './signed-ecr-call.ts';

interface TargetOptions {
  readonly targets: readonly ReplicationTarget[];
  readonly registry: Registry;
  readonly credentials: UpstreamCredentials;
  readonly clock: Clock;
}

/** The registries of the operator's file. Credentials are asked for with each image, so that new ones hold at once. */
export class ConfiguredTargets implements ReplicationTargets {
  readonly #targets: ReadonlyMap<string, ReplicationTarget>;
  readonly #credentials: UpstreamCredentials;
  readonly #images: ImagePush;
  readonly #clock: Clock;
  readonly #closing = new AbortController();

  constructor({ targets, registry, credentials, clock }: TargetOptions) {
    this.#targets = new Map(targets.map((target) => [scopeKey(target), target]));
    this.#credentials = credentials;
    this.#images = new ImagePush(registry);
    this.#clock = clock;
  }

  has(destination: Scope): boolean {
    return this.#targets.has(scopeKey(destination));
  }

  async push(destination: Scope, image: ImageToPush): Promise<void> {
    const target = this.#targets.get(scopeKey(destination));
    if (!target) throw new RuntimeError('rejected', `There is no registry for ${scopeKey(destination)}.`);
    const { url, repositoryPrefix } = target;
    const { name } = image.from;
    const repository = repositoryPrefix === undefined ? name : `${repositoryPrefix}/${name}`;
    const login = await this.#loginTo(target);
    const line = { clock: this.#clock, signal: this.#closing.signal };
    const client = new RegistryClient({ url, ...line, ...(login && { credentials: login }) });
    const push = () =>
      this.#images.run(image.from, image.digest, { client, repository, registry: scopeKey(target) }, image.tags);
    try {
      await push();
    } catch (error) {
      if (!(error instanceof RegistryRefusal) || error.status !== 404) throw error;
      if (!(await this.#makeRepository(target, repository))) throw error;
      await push();
    }
  }

  /** Gives up what is on its way; the next start goes on. */
  close(): void {
    this.#closing.abort(new Error('the server stops'));
  }

  async #loginTo(target: ReplicationTarget): Promise<RegistryCredentials | undefined> {
    const { login, region } = target;
    switch (login.type) {
      case 'anonymous':
        return undefined;
      case 'password':
        return { username: login.username, password: login.password };
      case 'secret':
        return this.#credentials(login.arn);
      default:
        return tokenIn(await this.#call({ ...login, region }, 'GetAuthorizationToken', {}));
    }
  }

  /** ECR makes the repository at the destination; of other registries the first push does. Answers whether it is new. */
  async #makeRepository({ login, region }: ReplicationTarget, repositoryName: string): Promise<boolean> {
    if (login.type !== 'access-key') return false;
    try {
      await this.#call({ ...login, region }, 'CreateRepository', { repositoryName });
    } catch (error) {
      if (!(error instanceof EcrRefusal) || error.code !== 'RepositoryAlreadyExistsException') throw error;
    }
    return true;
  }

  #call(at: Parameters<typeof callEcrAt>[0], operation: string, input: object) {
    return callEcrAt(at, operation, input, { clock: this.#clock, signal: this.#closing.signal });
  }
}

function tokenIn({ authorizationData }: Readonly<Record<string, unknown>>): RegistryCredentials {
  const [first]: unknown[] = Array.isArray(authorizationData) ? authorizationData : [];
  const token =
    typeof first === 'object' && first !== null && 'authorizationToken' in first ? first.authorizationToken : '';
  const [username = '', ...password] = Buffer.from(String(token), 'base64').toString().split(':');
  if (password.length > 0) return { username, password: password.join(':') };
  throw new RuntimeError('rejected', 'The other ECR answered no token.');
}
