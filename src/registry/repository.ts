import type { Scope } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { ReadTx } from '../store/store.ts';

/** What the registry must know of a repository. Repositories are made and removed by ECR's API only. */
export interface RegistryRepository extends Scope {
  readonly name: string;
  /** `account/region/name`. A name holds neither `@` nor `:`, so `key@digest` and `key:tag` are unambiguous. */
  readonly key: string;
  readonly imageTagMutability: 'MUTABLE' | 'IMMUTABLE';
}

/** Asked inside the transaction that acts on the answer, so that a push and a DeleteRepository cannot pass each other. */
export interface RepositoryLookup {
  find(tx: ReadTx, scope: Scope, name: string): Promise<RegistryRepository | undefined>;
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
