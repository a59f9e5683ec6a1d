import { scopeKey } from '../../../kernel/arn.ts';
import { encryptionOf } from '../domain/encryption.ts';
import { exclusionFilters, mutabilityOf } from '../domain/mutability-setting.ts';
import { invalidParameter, repositoryAlreadyExists, repositoryNotEmpty } from '../errors.ts';
import { operation } from '../operation.ts';
import { pageOf, refusePaging } from '../pagination.ts';
import { checkRepositoryName, inRegistry, requireRepository } from '../repositories.ts';
import { registryOf, repositoryArn, repositoryResource } from '../scope.ts';
import { repositories, repositoryKey } from '../tables.ts';
import type { RepositoryRow } from '../tables.ts';
import { withTags } from '../tags.ts';
import { repositoryView } from '../views.ts';

export const CreateRepository = operation('CreateRepository', {
  resources: repositoryResource,
  also: (input, scope) =>
    input.tags?.length ? [{ action: 'ecr:TagResource', resources: repositoryResource(input, scope) }] : [],
  handle: async (ctx, input) => {
    const { account, region } = registryOf(ctx, 'CreateRepository', input);
    const name = checkRepositoryName(ctx, input.repositoryName);
    const encryption = encryptionOf(input.encryptionConfiguration);
    const row: RepositoryRow = {
      account,
      region,
      name,
      ...mutabilityOf(input),
      ...(encryption && { encryption }),
      scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
      tags: withTags({}, input.tags ?? []),
      createdAtMs: ctx.now,
    };
    await ctx.write(async (tx) => {
      if (await tx.get(repositories, repositoryKey(row, name))) throw repositoryAlreadyExists(row);
      await tx.put(repositories, row);
    });
    return { repository: repositoryView(row, ctx.ports.registryHost) };
  },
});

export const DescribeRepositories = operation('DescribeRepositories', {
  readOnly: true,
  resources: (input, scope) => {
    const where = { ...scope, account: input.registryId ?? scope.account };
    return (input.repositoryNames ?? ['*']).map((name) => repositoryArn(where, name));
  },
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DescribeRepositories', { ...input, repositoryName: '*' });
    const names = input.repositoryNames;
    if (names !== undefined) refusePaging(input, 'repositoryNames');
    if (names !== undefined && (names.length < 1 || names.length > 100)) {
      throw invalidParameter('repositoryNames', 'Member must have length between 1 and 100');
    }
    for (const name of names ?? []) checkRepositoryName(ctx, name);
    const rows = await ctx.read((tx) =>
      names
        ? Promise.all([...new Set(names)].map((name) => requireRepository(tx, scope, name)))
        : tx.list(repositories, { where: ['scope', scopeKey(scope)] }),
    );
    const { items, nextToken } = names ? { items: rows } : pageOf(rows, (row) => repositoryKey(row, row.name), input);
    return {
      repositories: items.map((row) => repositoryView(row, ctx.ports.registryHost)),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
});

export const DeleteRepository = operation('DeleteRepository', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DeleteRepository', input);
    const name = checkRepositoryName(ctx, input.repositoryName);
    const { images } = ctx.ports.registry;
    const row = await ctx.write(async (tx) => {
      const found = await requireRepository(tx, scope, name);
      if (input.force !== true && !(await images.isEmpty(tx, inRegistry(found)))) throw repositoryNotEmpty(found);
      await images.erase(tx, inRegistry(found));
      await tx.delete(repositories, repositoryKey(found, name));
      return found;
    });
    return { repository: repositoryView(row, ctx.ports.registryHost) };
  },
});

export const PutImageTagMutability = operation('PutImageTagMutability', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'PutImageTagMutability', input);
    const name = checkRepositoryName(ctx, input.repositoryName);
    const setting = mutabilityOf(input);
    await ctx.write(async (tx) => {
      const { mutabilityExclusions: _, ...row } = await requireRepository(tx, scope, name);
      await tx.put(repositories, { ...row, ...setting });
    });
    const { imageTagMutability } = setting;
    return { registryId: scope.account, repositoryName: name, imageTagMutability, ...exclusionFilters(setting) };
  },
});
