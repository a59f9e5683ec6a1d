import { parseArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { RegistryRepository, RepositoryLookup } from '../../registry/repository.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { createForUse, findTemplate } from './creation.ts';
import { accountSettingOf } from './domain/account-settings.ts';
import { isMutable } from './domain/tag-mutability.ts';
import { invalidParameter, repositoryNotFound } from './errors.ts';
import type { EcrContext } from './operation.ts';
import { findRegistry } from './registries.ts';
import { scanOnPush } from './scans.ts';
import { repositories, repositoryKey } from './tables.ts';
import type { RepositoryRow } from './tables.ts';

const NAME_RULE = "must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'";

/** How the registry asks which repositories there are. */
export const ecrRepositories: RepositoryLookup = {
  async find(tx, scope, name) {
    const row = await tx.get(repositories, repositoryKey(scope, name));
    return row && inRegistry(row);
  },
  mayMount: async (tx, scope) => accountSettingOf(await findRegistry(tx, scope), 'BLOB_MOUNTING') === 'ENABLED',
  createsOnPush: async (tx, scope, name) => (await findTemplate(tx, scope, name, 'CREATE_ON_PUSH')) !== undefined,
  async createOnPush(tx, scope, name, now) {
    if (await tx.get(repositories, repositoryKey(scope, name))) return;
    await createForUse(tx, scope, name, { use: 'CREATE_ON_PUSH', now });
  },
};

/** A repository as the registry knows it. */
export function inRegistry(row: RepositoryRow): RegistryRepository {
  const { account, region, name } = row;
  return {
    account,
    region,
    name,
    key: repositoryKey(row, name),
    isMutable: (tag) => isMutable(row, tag),
    pushed: (tx, image) => scanOnPush(tx, row, image),
  };
}

/** The repository behind an ARN, for `aws:ResourceTag`. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const { account, region, resource } = parseArn(arn) ?? {};
  if (account === undefined || region === undefined || !resource?.startsWith('repository/')) return undefined;
  return (await tx.get(repositories, repositoryKey({ account, region }, resource.slice('repository/'.length))))?.tags;
}

/** @throws ServiceError RepositoryNotFoundException */
export async function requireRepository(tx: ReadTx, scope: Scope, name: string): Promise<Stored<RepositoryRow>> {
  const row = await tx.get(repositories, repositoryKey(scope, name));
  if (!row) throw repositoryNotFound({ account: scope.account, name });
  return row;
}

/** @throws ServiceError InvalidParameterException */
export function checkRepositoryName(ctx: EcrContext, name: string | undefined): string {
  if (name === undefined || !ctx.ports.registry.rules.isRepositoryName(name)) {
    throw invalidParameter('repositoryName', NAME_RULE);
  }
  return name;
}
