import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { ROOT, prefixesOf } from './domain/template-prefix.ts';
import { creationTemplates, repositories, templateKey } from './tables.ts';
import type { CreationTemplateRow, RepositoryRow, TemplateUse } from './tables.ts';

/** The template for a repository that ECR makes: of those that are for this use, the one with the longest prefix. */
export async function findTemplate(
  tx: ReadTx,
  scope: Scope,
  name: string,
  use: TemplateUse,
): Promise<CreationTemplateRow | undefined> {
  for (const prefix of [...prefixesOf(name), ROOT]) {
    const template = await tx.get(creationTemplates, templateKey(scope, prefix));
    if (template?.appliedFor.includes(use)) return template;
  }
  return undefined;
}

/**
 * Makes a repository that nobody made by CreateRepository, as its template says; without one, with the settings of a
 * CreateRepository that names none. It must not be there.
 */
export async function createForUse(
  tx: WriteTx,
  { account, region }: Scope,
  name: string,
  { use, now }: { readonly use: TemplateUse; readonly now: number },
): Promise<RepositoryRow> {
  const template = await findTemplate(tx, { account, region }, name, use);
  const own = { account, region, name, scanOnPush: false, createdAtMs: now };
  if (!template) return tx.put(repositories, { ...own, imageTagMutability: 'MUTABLE', tags: {} });
  const { imageTagMutability, mutabilityExclusions, encryption, policy, tags, lifecyclePolicy } = template;
  return tx.put(repositories, {
    ...own,
    imageTagMutability,
    tags,
    ...(mutabilityExclusions && { mutabilityExclusions }),
    ...(encryption && { encryption }),
    ...(policy !== undefined && { policy }),
    ...(lifecyclePolicy !== undefined && { lifecycle: { policy: lifecyclePolicy } }),
  });
}
