import { scopeKey } from '../../../kernel/arn.ts';
import { invalidParameter, repositoryAlreadyExists, repositoryNotEmpty, unsupported } from '../errors.ts';
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
    checkEncryption(input.encryptionConfiguration?.encryptionType, input.encryptionConfiguration?.kmsKey);
    const row: RepositoryRow = {
      account,
      region,
      name,
      imageTagMutability: mutabilityOf(input),
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
    const scope = registryOf(ctx, 'DescribeRepositories', input);
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
    const imageTagMutability = mutabilityOf(input);
    await ctx.write(async (tx) =>
      tx.put(repositories, { ...(await requireRepository(tx, scope, name)), imageTagMutability }),
    );
    return { registryId: scope.account, repositoryName: name, imageTagMutability };
  },
});

function mutabilityOf(input: {
  imageTagMutability?: string | undefined;
  imageTagMutabilityExclusionFilters?: readonly unknown[] | undefined;
}): RepositoryRow['imageTagMutability'] {
  const value = input.imageTagMutability ?? 'MUTABLE';
  if ((input.imageTagMutabilityExclusionFilters?.length ?? 0) > 0) {
    throw unsupported('imageTagMutabilityExclusionFilters', 'Excluding tags from mutability settings');
  }
  if (value === 'MUTABLE' || value === 'IMMUTABLE') return value;
  if (value === 'MUTABLE_WITH_EXCLUSION' || value === 'IMMUTABLE_WITH_EXCLUSION') {
    throw unsupported('imageTagMutability', value);
  }
  throw invalidParameter('imageTagMutability', 'Member must satisfy enum value set: [IMMUTABLE, MUTABLE]');
}

function checkEncryption(type: string | undefined, kmsKey: string | undefined): void {
  if (type === 'KMS' || type === 'KMS_DSSE') throw unsupported('encryptionConfiguration.encryptionType', type);
  if (type !== undefined && type !== 'AES256') {
    throw invalidParameter(
      'encryptionConfiguration.encryptionType',
      'Member must satisfy enum value set: [AES256, KMS, KMS_DSSE]',
    );
  }
  if (kmsKey !== undefined) throw unsupported('encryptionConfiguration.kmsKey', 'Encryption with a key of AWS KMS');
}
