import { checkManagedPolicy } from '../domain/identity-policy.ts';
import { withDefault, withoutVersion, withVersion } from '../domain/policy-versions.ts';
import { invalidInput } from '../errors.ts';
import { requireAttachablePolicy, requireCustomerPolicy } from '../managed-policies.ts';
import { newestFirst, versionListing, versionView } from '../managed-policy-views.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../pages.ts';
import { noSuchVersion } from '../policy-errors.ts';
import { policies } from '../tables.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html */
export const CreatePolicyVersion = operation('CreatePolicyVersion', {
  resources: (input) => [input.PolicyArn ?? ''],
  handle: async (ctx, input) => {
    const document = checkManagedPolicy(input.PolicyDocument ?? '');
    const asDefault = input.SetAsDefault ?? false;
    const row = await ctx.write(async (tx) => {
      const before = await requireCustomerPolicy(tx, ctx.account, input.PolicyArn ?? '');
      return tx.put(policies, withVersion(before, document, { now: ctx.now, asDefault }));
    });
    const version = row.versions.at(-1);
    return version ? { PolicyVersion: versionListing(row, version) } : {};
  },
});

export const GetPolicyVersion = operation('GetPolicyVersion', {
  resources: (input) => [input.PolicyArn ?? ''],
  readOnly: true,
  handle: async (ctx, input) => {
    const versionId = checkVersionId(input.VersionId ?? '');
    const policy = await ctx.read((tx) => requireAttachablePolicy(tx, ctx.account, input.PolicyArn ?? ''));
    const version = policy.versions.find(({ id }) => id === versionId);
    if (!version) throw noSuchVersion(policy.arn, versionId);
    return { PolicyVersion: versionView(policy, version) };
  },
});

/** Newest first. */
export const ListPolicyVersions = operation('ListPolicyVersions', {
  resources: (input) => [input.PolicyArn ?? ''],
  readOnly: true,
  handle: async (ctx, input) => {
    const policy = await ctx.read((tx) => requireAttachablePolicy(tx, ctx.account, input.PolicyArn ?? ''));
    const { items, page } = pageOf(newestFirst(policy), ({ id }) => newestLowest(id), input);
    return { Versions: items.map((version) => versionListing(policy, version)), ...page };
  },
});

export const DeletePolicyVersion = operation('DeletePolicyVersion', {
  resources: (input) => [input.PolicyArn ?? ''],
  handle: async (ctx, input) => {
    const versionId = checkVersionId(input.VersionId ?? '');
    await ctx.write(async (tx) => {
      const row = await requireCustomerPolicy(tx, ctx.account, input.PolicyArn ?? '');
      await tx.put(policies, withoutVersion(row, versionId));
    });
    return {};
  },
});

export const SetDefaultPolicyVersion = operation('SetDefaultPolicyVersion', {
  resources: (input) => [input.PolicyArn ?? ''],
  handle: async (ctx, input) => {
    const versionId = checkVersionId(input.VersionId ?? '');
    await ctx.write(async (tx) => {
      const row = await requireCustomerPolicy(tx, ctx.account, input.PolicyArn ?? '');
      await tx.put(policies, withDefault(row, versionId));
    });
    return {};
  },
});

function checkVersionId(versionId: string): string {
  if (!/^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$/.test(versionId)) {
    throw invalidInput(`Policy version ${versionId} is not valid.`);
  }
  return versionId;
}

/** Pages go up by key. */
function newestLowest(versionId: string): string {
  return String(1e9 - Number(versionId.slice(1))).padStart(10, '0');
}
