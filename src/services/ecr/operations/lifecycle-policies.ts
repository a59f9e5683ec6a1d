import { parseLifecyclePolicy } from '../domain/lifecycle-policy.ts';
import { lifecyclePolicyNotFound } from '../errors.ts';
import { operation } from '../operation.ts';
import { requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';
import { repositories } from '../tables.ts';
import type { RepositoryRow } from '../tables.ts';

/** It is evaluated at once, by a reconciler. */
export const PutLifecyclePolicy = operation('PutLifecyclePolicy', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'PutLifecyclePolicy', input);
    const { repositoryName = '', lifecyclePolicyText = '' } = input;
    const { text } = parseLifecyclePolicy(lifecyclePolicyText);
    await ctx.write(async (tx) => {
      const row = await requireRepository(tx, scope, repositoryName);
      await tx.put(repositories, { ...row, lifecycle: { policy: text } });
    });
    return { registryId: scope.account, repositoryName, lifecyclePolicyText: text };
  },
});

export const GetLifecyclePolicy = operation('GetLifecyclePolicy', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'GetLifecyclePolicy', input);
    return lifecycleView(await ctx.read((tx) => requireRepository(tx, scope, input.repositoryName ?? '')));
  },
});

export const DeleteLifecyclePolicy = operation('DeleteLifecyclePolicy', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DeleteLifecyclePolicy', input);
    return ctx.write(async (tx) => {
      const row = await requireRepository(tx, scope, input.repositoryName ?? '');
      const view = lifecycleView(row);
      const { lifecycle: _, ...rest } = row;
      await tx.put(repositories, rest);
      return view;
    });
  },
});

/** @throws ServiceError LifecyclePolicyNotFoundException */
function lifecycleView({ account, name, lifecycle }: RepositoryRow) {
  if (!lifecycle) throw lifecyclePolicyNotFound({ account, name });
  const { policy, evaluatedAtMs } = lifecycle;
  return {
    registryId: account,
    repositoryName: name,
    lifecyclePolicyText: policy,
    ...(evaluatedAtMs !== undefined && { lastEvaluatedAt: new Date(evaluatedAtMs) }),
  };
}
