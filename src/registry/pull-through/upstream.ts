import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { RegistryCredentials } from '../client/authorization.ts';
import type { RegistryRepository } from '../repository.ts';

/** Another registry's repository, of which one of ours is the cache. */
export interface Upstream {
  /** A host, with or without a port, or the URL of one. */
  readonly url: string;
  readonly repository: string;
  /** Of the secret with our credentials there; left out, we are nobody. */
  readonly credentialArn?: string;
}

export type { RegistryCredentials };

/** Reads credentials from a secret. @throws ServiceError */
export type UpstreamCredentials = (secretArn: string) => Promise<RegistryCredentials>;

/** What the cache asks ECR: its rules, and for repositories to keep images in. */
export interface Upstreams {
  /** The upstream of a repository of ours, whether that exists or not. */
  find(tx: ReadTx, scope: Scope, name: string): Promise<Upstream | undefined>;
  /** The repository, made if it is not there. */
  openRepository(tx: WriteTx, scope: Scope, name: string, now: number): Promise<RegistryRepository>;
}

/** A client that wants an image of `name`. */
export interface Pull extends Scope {
  readonly name: string;
  /** Why the client may not do `action` on the repository; undefined if it may. */
  refusal(action: string): Promise<string | undefined>;
}

/** A manifest that is served before all it names is here. */
export interface CachedManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly body: string;
}

/** The client may not have the image brought in. */
export class PullRefused extends Error {
  override readonly name = 'PullRefused';
}
