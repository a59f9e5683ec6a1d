import { checkRepositoryPolicy } from '../domain/policy-text.ts';
import { locksOut } from '../domain/policy-lockout.ts';
import { invalidParameter, repositoryPolicyNotFound } from '../errors.ts';
import { checkPrincipals } from '../policy-principals.ts';
import { operation } from '../operation.ts';
import { checkRepositoryName, requireRepository } from '../repositories.ts';
import { registryOf, repositoryArn, repositoryResource } from '../scope.ts';
import { repositories } from '../tables.ts';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html */
export const SetRepositoryPolicy = operation('SetRepositoryPolicy', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'SetRepositoryPolicy', input);
    const repositoryName = checkRepositoryName(ctx, input.repositoryName);
    const policyText = checkRepositoryPolicy(input.policyText ?? '');
    await checkPrincipals(ctx, policyText);
    if (input.force !== true && locksOut(ctx, repositoryArn(scope, repositoryName), policyText)) {
      throw invalidParameter(
        'PolicyText',
        'The policy would keep you from setting another policy in the future: use force to set it nevertheless',
      );
    }
    await ctx.write(async (tx) =>
      tx.put(repositories, { ...(await requireRepository(tx, scope, repositoryName)), policy: policyText }),
    );
    return { registryId: scope.account, repositoryName, policyText };
  },
});

export const GetRepositoryPolicy = operation('GetRepositoryPolicy', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'GetRepositoryPolicy', input);
    const repositoryName = checkRepositoryName(ctx, input.repositoryName);
    const { policy, ...row } = await ctx.read((tx) => requireRepository(tx, scope, repositoryName));
    if (policy === undefined) throw repositoryPolicyNotFound(row);
    return { registryId: scope.account, repositoryName, policyText: policy };
  },
});

export const DeleteRepositoryPolicy = operation('DeleteRepositoryPolicy', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DeleteRepositoryPolicy', input);
    const repositoryName = checkRepositoryName(ctx, input.repositoryName);
    const policyText = await ctx.write(async (tx) => {
      const { policy, ...row } = await requireRepository(tx, scope, repositoryName);
      if (policy === undefined) throw repositoryPolicyNotFound(row);
      await tx.put(repositories, row);
      return policy;
    });
    return { registryId: scope.account, repositoryName, policyText };
  },
});
