import type { Scope } from '../../kernel/arn.ts';
import { parseArn, scopeKey } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { mergePolicies } from './domain/policy-text.ts';
import type { EcrContext } from './operation.ts';
import { registries, repositories, repositoryKey } from './tables.ts';
import type { RegistryRow } from './tables.ts';

/** A region's registry; of one where nothing was set, what is set is left out. */
export async function findRegistry(tx: ReadTx, { account, region }: Scope): Promise<RegistryRow> {
  return (await tx.get(registries, scopeKey({ account, region }))) ?? { account, region };
}

/** Changes the settings of the caller's registry. */
export function changeRegistry(ctx: EcrContext, change: (row: RegistryRow) => RegistryRow): Promise<RegistryRow> {
  return ctx.write(async (tx) => tx.put(registries, change(await findRegistry(tx, ctx))));
}

/**
 * What decides about a repository besides the caller's own policies: the policy on it and the policy of its registry,
 * which is also about repositories that are not there yet.
 */
export async function policyOnArn(tx: ReadTx, arn: string): Promise<string | undefined> {
  const { account, region, resource } = parseArn(arn) ?? {};
  if (account === undefined || region === undefined || !resource?.startsWith('repository/')) return undefined;
  const name = resource.slice('repository/'.length);
  const onRepository = (await tx.get(repositories, repositoryKey({ account, region }, name)))?.policy;
  const onRegistry = (await findRegistry(tx, { account, region })).policy;
  return mergePolicies([onRepository, onRegistry].filter((text) => text !== undefined));
}
