import { formatArn } from '../../../kernel/arn.ts';
import { checkRegistryPolicy } from '../domain/policy-text.ts';
import { registryPolicyNotFound } from '../errors.ts';
import { checkPrincipals } from '../policy-principals.ts';
import { operation } from '../operation.ts';
import { changeRegistry, findRegistry } from '../registries.ts';
import { registries } from '../tables.ts';

const nothing = () => ['*'];

/**
 * The registry's policy decides about every action on every repository: REGISTRY_POLICY_SCOPE is V2.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryPolicy.html
 */
export const PutRegistryPolicy = operation('PutRegistryPolicy', {
  resources: nothing,
  handle: async (ctx, input) => {
    const policyText = checkRegistryPolicy(input.policyText ?? '', formatArn('ecr', ctx, ''));
    await checkPrincipals(ctx, policyText);
    await changeRegistry(ctx, (row) => ({ ...row, policy: policyText }));
    return { registryId: ctx.account, policyText };
  },
});

export const GetRegistryPolicy = operation('GetRegistryPolicy', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx) => {
    const { policy } = await ctx.read((tx) => findRegistry(tx, ctx));
    if (policy === undefined) throw registryPolicyNotFound(ctx);
    return { registryId: ctx.account, policyText: policy };
  },
});

export const DeleteRegistryPolicy = operation('DeleteRegistryPolicy', {
  resources: nothing,
  handle: async (ctx) => {
    const policyText = await ctx.write(async (tx) => {
      const { policy, ...row } = await findRegistry(tx, ctx);
      if (policy === undefined) throw registryPolicyNotFound(ctx);
      await tx.put(registries, row);
      return policy;
    });
    return { registryId: ctx.account, policyText };
  },
});
