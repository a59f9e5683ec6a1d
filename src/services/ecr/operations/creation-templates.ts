import type { Permission } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { templateView, templateWith } from '../domain/creation-template.ts';
import type { TemplateInput } from '../domain/creation-template.ts';
import { ROOT, checkPrefix } from '../domain/template-prefix.ts';
import { invalidParameter, templateAlreadyExists, templateNotFound } from '../errors.ts';
import { operation } from '../operation.ts';
import { pageOf, refusePaging } from '../pagination.ts';
import { repositoryArn } from '../scope.ts';
import { creationTemplates, templateKey } from '../tables.ts';
import type { CreationTemplateRow } from '../tables.ts';

const MOST_PREFIXES = 100;
const nothing = () => ['*'];

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html */
export const CreateRepositoryCreationTemplate = operation('CreateRepositoryCreationTemplate', {
  resources: nothing,
  also: permissionsGiven,
  handle: async (ctx, input) => {
    const { account, region, now } = ctx;
    const prefix = checkPrefix(input.prefix);
    const plain: CreationTemplateRow = {
      account,
      region,
      prefix,
      appliedFor: [],
      imageTagMutability: 'MUTABLE',
      tags: {},
      createdAtMs: now,
      updatedAtMs: now,
    };
    const row = templateWith(plain, { ...input, appliedFor: input.appliedFor ?? [] }, account);
    await ctx.write(async (tx) => {
      if (await tx.get(creationTemplates, templateKey(ctx, prefix))) throw templateAlreadyExists(prefix, ctx);
      await tx.put(creationTemplates, row);
    });
    return { registryId: account, repositoryCreationTemplate: templateView(row) };
  },
});

export const UpdateRepositoryCreationTemplate = operation('UpdateRepositoryCreationTemplate', {
  resources: nothing,
  also: permissionsGiven,
  handle: async (ctx, input) => {
    const prefix = checkPrefix(input.prefix);
    const row = await ctx.write(async (tx) => {
      const changed = templateWith(await requireTemplate(tx, ctx, prefix), input, ctx.account);
      return tx.put(creationTemplates, { ...changed, updatedAtMs: ctx.now });
    });
    return { registryId: ctx.account, repositoryCreationTemplate: templateView(row) };
  },
});

export const DeleteRepositoryCreationTemplate = operation('DeleteRepositoryCreationTemplate', {
  resources: nothing,
  handle: async (ctx, input) => {
    const prefix = checkPrefix(input.prefix);
    const row = await ctx.write(async (tx) => {
      const found = await requireTemplate(tx, ctx, prefix);
      await tx.delete(creationTemplates, templateKey(ctx, prefix));
      return found;
    });
    return { registryId: ctx.account, repositoryCreationTemplate: templateView(row) };
  },
});

export const DescribeRepositoryCreationTemplates = operation('DescribeRepositoryCreationTemplates', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx, input) => {
    const prefixes = input.prefixes?.length ? input.prefixes.map((prefix) => checkPrefix(prefix)) : undefined;
    if (prefixes !== undefined) refusePaging(input, 'prefixes');
    if (prefixes !== undefined && prefixes.length > MOST_PREFIXES) {
      throw invalidParameter('prefixes', `Member must have length less than or equal to ${MOST_PREFIXES}`);
    }
    const rows = await ctx.read((tx) =>
      prefixes
        ? Promise.all([...new Set(prefixes)].map((prefix) => requireTemplate(tx, ctx, prefix)))
        : tx.list(creationTemplates, { where: ['scope', scopeKey(ctx)] }),
    );
    const { items, nextToken } = prefixes
      ? { items: rows }
      : pageOf(rows, (row) => templateKey(row, row.prefix), input);
    return {
      registryId: ctx.account,
      repositoryCreationTemplates: items.map(templateView),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
});

/**
 * What a template gives to the repositories that it makes, whoever writes it must be allowed to give.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create.html
 */
function permissionsGiven(
  input: TemplateInput & { readonly prefix?: string | undefined },
  scope: Scope,
): readonly Permission[] {
  const { prefix = '', repositoryPolicy, lifecyclePolicy, customRoleArn, resourceTags } = input;
  const all = prefix === ROOT ? '*' : `${prefix.replace(/\/$/, '')}/*`;
  const on = (action: string) => ({ action: `ecr:${action}`, resources: [repositoryArn(scope, all)] });
  const conditions = { 'iam:passedtoservice': 'ecr.amazonaws.com' };
  return [
    on('CreateRepository'),
    ...(repositoryPolicy ? [on('SetRepositoryPolicy')] : []),
    ...(lifecyclePolicy ? [on('PutLifecyclePolicy')] : []),
    ...(resourceTags?.length ? [on('TagResource')] : []),
    ...(customRoleArn ? [{ action: 'iam:PassRole', resources: [customRoleArn], conditions }] : []),
  ];
}

/** @throws ServiceError TemplateNotFoundException */
async function requireTemplate(tx: ReadTx, scope: Scope, prefix: string): Promise<Stored<CreationTemplateRow>> {
  const row = await tx.get(creationTemplates, templateKey(scope, prefix));
  if (!row) throw templateNotFound(prefix, scope);
  return row;
}
