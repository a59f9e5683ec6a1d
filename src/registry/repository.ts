import type { Scope } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { ReadTx, WriteTx } from '../store/store.ts';
import type { ManifestRow } from './tables.ts';

/** What the registry must know of a repository. Repositories are made and removed by ECR's API only. */
export interface RegistryRepository extends Scope {
  readonly name: string;
  /** `account/region/name`. A name holds neither `@` nor `:`, so `key@digest` and `key:tag` are unambiguous. */
  readonly key: string;
  /** Whether a tag that points to one image may be made to point to another. */
  readonly isMutable: (tag: string) => boolean;
  /** Told of each manifest that was not here before, in the transaction that adds it. */
  readonly pushed?: (tx: WriteTx, manifest: ManifestRow) => Promise<void>;
}

/** Asked inside the transaction that acts on the answer, so that a push and a DeleteRepository cannot pass each other. */
export interface RepositoryLookup {
  find(tx: ReadTx, scope: Scope, name: string): Promise<RegistryRepository | undefined>;
  /** Whether a blob of one repository may be mounted into another; left out, it may. */
  mayMount?(tx: ReadTx, scope: Scope): Promise<boolean>;
  /** Whether the first push to a repository makes it; left out, none does. */
  createsOnPush?(tx: ReadTx, scope: Scope, name: string): Promise<boolean>;
  /** Makes it, unless another push has just done so. */
  createOnPush?(tx: WriteTx, scope: Scope, name: string, now: number): Promise<void>;
}

/** @throws ServiceError RepositoryNotFoundException */
export async function requireRepository(
  lookup: RepositoryLookup,
  tx: ReadTx,
  scope: Scope,
  name: string,
): Promise<RegistryRepository> {
  const repository = await lookup.find(tx, scope, name);
  if (repository) return repository;
  throw new ServiceError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${scope.account}'`,
  );
}
