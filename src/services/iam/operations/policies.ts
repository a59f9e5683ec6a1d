import type { CreatePolicyRequest, ListPoliciesRequest } from '@aws-sdk/client-iam';
import { uniqueId } from '../../../identity/unique-id.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { policyArn } from '../arns.ts';
import { checkEnum, POLICY_SCOPES, USAGE_TYPES } from '../domain/enums.ts';
import { checkManagedPolicy } from '../domain/identity-policy.ts';
import { checkLength, checkName, checkPath, checkPathPrefix } from '../domain/names.ts';
import { checkQuota } from '../domain/quotas.ts';
import { deleteConflict, validationError } from '../errors.ts';
import {
  ofCustomer,
  policiesOf,
  policyOrder,
  requireCustomerPolicy,
  requireManagedPolicy,
} from '../managed-policies.ts';
import type { ManagedPolicy } from '../managed-policies.ts';
import { createdPolicy, policyListing, policyView } from '../managed-policy-views.ts';
import { operation, type IamContext } from '../operation.ts';
import { pageOf } from '../pages.ts';
import { policyUsage, policyUsages, UNUSED, type PolicyUsage } from '../policy-usage.ts';
import { iamKey, policies, type PolicyRow } from '../tables.ts';
import { tagsFrom } from '../tagging.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
export const CreatePolicy = operation('CreatePolicy', {
  resources: (input, { account }) => [newPolicyArn(account, input)],
  also: (input, { account }) =>
    input.Tags?.length ? [{ action: 'iam:TagPolicy', resources: [newPolicyArn(account, input)] }] : [],
  handle: async (ctx, input) => {
    const row = newPolicy(ctx, input);
    await ctx.write(async (tx) => {
      if (await tx.get(policies, iamKey(row.account, row.name))) throw nameTaken(row.name);
      checkQuota('PoliciesPerAccount', (await tx.list(policies, { where: ['account', row.account] })).length);
      await tx.put(policies, row);
    });
    return { Policy: createdPolicy(ofCustomer(row), UNUSED) };
  },
});

export const GetPolicy = operation('GetPolicy', {
  resources: (input) => [input.PolicyArn ?? ''],
  readOnly: true,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const policy = await requireManagedPolicy(tx, ctx.account, input.PolicyArn ?? '');
      return { Policy: policyView(policy, await policyUsage(tx, ctx.account, policy.arn)) };
    }),
});

/** Customer policies, then AWS's own, each by name. */
export const ListPolicies = operation('ListPolicies', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const scope = checkEnum(input.Scope, 'scope', POLICY_SCOPES) ?? 'All';
    checkEnum(input.PolicyUsageFilter, 'policyUsageFilter', USAGE_TYPES);
    const prefix = checkPathPrefix(input.PathPrefix);
    const [found, usages] = await ctx.read(async (tx) => {
      const all = await policiesOf(tx, ctx.account, { customer: scope !== 'AWS', aws: scope !== 'Local' });
      return [all, await policyUsages(tx, ctx.account)] as const;
    });
    const usageOf = ({ arn }: ManagedPolicy) => usages.get(arn) ?? UNUSED;
    const asked = found.filter((policy) => policy.path.startsWith(prefix) && isAskedFor(usageOf(policy), input));
    const { items, page } = pageOf(asked, policyOrder, input);
    return { Policies: items.map((policy) => policyListing(policy, usageOf(policy))), ...page };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html */
export const DeletePolicy = operation('DeletePolicy', {
  resources: (input) => [input.PolicyArn ?? ''],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireCustomerPolicy(tx, ctx.account, input.PolicyArn ?? '');
      const { attachments, boundaries } = await policyUsage(tx, ctx.account, row.arn);
      if (attachments + boundaries > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
      if (row.versions.length > 1) {
        throw deleteConflict(
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        );
      }
      await tx.delete(policies, iamKey(row.account, row.name));
    });
    return {};
  },
});

function newPolicyArn(account: string, { PolicyName = '', Path = '/' }: CreatePolicyRequest): string {
  return policyArn({ account, name: PolicyName, path: Path });
}

function newPolicy({ account, now, ids }: IamContext, input: CreatePolicyRequest): PolicyRow {
  const name = checkName('policy', input.PolicyName ?? '');
  const path = checkPath(input.Path, 'path');
  const description = input.Description;
  return {
    account,
    name,
    path,
    id: uniqueId('ANPA', ids),
    arn: policyArn({ account, name, path }),
    ...(description !== undefined && { description: checkDescription(description) }),
    createdAtMs: now,
    updatedAtMs: now,
    tags: tagsFrom(input.Tags),
    defaultVersionId: 'v1',
    versions: [{ id: 'v1', document: checkManagedPolicy(input.PolicyDocument ?? ''), createdAtMs: now }],
    lastVersion: 1,
  };
}

function checkDescription(description: string): string {
  checkLength(description, 'description', 1000);
  if (!/^[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*$/u.test(description)) {
    const pattern = '[\\p{L}\\p{M}\\p{Z}\\p{S}\\p{N}\\p{P}]*';
    throw validationError('description', `Member must satisfy regular expression pattern: ${pattern}`);
  }
  return description;
}

function nameTaken(name: string): ServiceError {
  const message = `A policy called ${name} already exists. Duplicate names are not allowed.`;
  return new ServiceError('EntityAlreadyExistsException', message, { httpStatus: 409 });
}

function isAskedFor(
  { attachments, boundaries }: PolicyUsage,
  { OnlyAttached = false, PolicyUsageFilter }: ListPoliciesRequest,
): boolean {
  if (OnlyAttached && attachments === 0) return false;
  if (PolicyUsageFilter === 'PermissionsPolicy') return attachments > 0;
  return PolicyUsageFilter !== 'PermissionsBoundary' || boundaries > 0;
}
