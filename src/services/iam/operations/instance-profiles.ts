import type { CreateInstanceProfileRequest, InstanceProfile } from '@aws-sdk/client-iam';
import { uniqueId } from '../../../identity/unique-id.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx } from '../../../store/store.ts';
import { instanceProfileArn } from '../arns.ts';
import { checkName, checkPath, checkPathPrefix } from '../domain/names.ts';
import { checkQuota } from '../domain/quotas.ts';
import { deleteConflict } from '../errors.ts';
import { instanceProfileResource, requireInstanceProfile } from '../instance-profile-lookup.ts';
import { instanceProfileListing } from '../instance-profile-views.ts';
import { operation } from '../operation.ts';
import { byName, pageOf, type PageInput } from '../pages.ts';
import { requireRole, roleResource } from '../role-lookup.ts';
import { iamKey, instanceProfiles, type InstanceProfileRow } from '../tables.ts';
import { tagList, tagMember, tagsFrom } from '../tagging.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html */
export const CreateInstanceProfile = operation('CreateInstanceProfile', {
  resources: (input, { account }) => [newProfileArn(account, input)],
  also: (input, { account }) =>
    input.Tags?.length ? [{ action: 'iam:TagInstanceProfile', resources: [newProfileArn(account, input)] }] : [],
  handle: async (ctx, input) => {
    const { account } = ctx;
    const row: InstanceProfileRow = {
      account,
      name: checkName('instanceProfile', input.InstanceProfileName ?? ''),
      path: checkPath(input.Path),
      id: uniqueId('AIPA', ctx.ids),
      createdAtMs: ctx.now,
      tags: tagsFrom(input.Tags),
    };
    return ctx.write(async (tx) => {
      if (await tx.get(instanceProfiles, iamKey(account, row.name))) throw profileExists(row.name);
      const own = await tx.list(instanceProfiles, { where: ['account', account] });
      checkQuota('InstanceProfilesPerAccount', own.length);
      await tx.put(instanceProfiles, row);
      return { InstanceProfile: { ...(await instanceProfileListing(tx, row)), ...tagMember(row.tags) } };
    });
  },
});

function newProfileArn(
  account: string,
  { InstanceProfileName: name = '', Path: path = '/' }: CreateInstanceProfileRequest,
): string {
  return instanceProfileArn({ account, name, path });
}

function profileExists(name: string): ServiceError {
  return new ServiceError('EntityAlreadyExistsException', `Instance Profile ${name} already exists.`, {
    httpStatus: 409,
  });
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html */
export const GetInstanceProfile = operation('GetInstanceProfile', {
  resources: instanceProfileResource,
  readOnly: true,
  handle: async (ctx, input) =>
    ctx.read(async (tx) => {
      const row = await requireInstanceProfile(tx, ctx.account, input.InstanceProfileName);
      return { InstanceProfile: { ...(await instanceProfileListing(tx, row)), Tags: tagList(row.tags) } };
    }),
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html */
export const ListInstanceProfiles = operation('ListInstanceProfiles', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const prefix = checkPathPrefix(input.PathPrefix);
    return ctx.read(async (tx) => {
      const rows = await tx.list(instanceProfiles, { where: ['account', ctx.account] });
      const found = rows.filter((row) => row.path.startsWith(prefix));
      return profilePage(tx, found, input);
    });
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html */
export const ListInstanceProfilesForRole = operation('ListInstanceProfilesForRole', {
  resources: roleResource,
  readOnly: true,
  handle: async (ctx, input) =>
    ctx.read(async (tx) => {
      const role = await requireRole(tx, ctx.account, input.RoleName);
      const rows = await tx.list(instanceProfiles, { where: ['role', iamKey(ctx.account, role.name)] });
      return profilePage(tx, rows, input);
    }),
});

async function profilePage(
  tx: ReadTx,
  rows: readonly InstanceProfileRow[],
  input: PageInput,
): Promise<{ InstanceProfiles: InstanceProfile[]; IsTruncated: boolean; Marker?: string }> {
  const { items, page } = pageOf(rows, byName, input);
  const shown: InstanceProfile[] = [];
  for (const row of items) shown.push(await instanceProfileListing(tx, row));
  return { InstanceProfiles: shown, ...page };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html */
export const DeleteInstanceProfile = operation('DeleteInstanceProfile', {
  resources: instanceProfileResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireInstanceProfile(tx, ctx.account, input.InstanceProfileName);
      if (row.roleName !== undefined) {
        throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
      }
      await tx.delete(instanceProfiles, iamKey(row.account, row.name));
    });
    return {};
  },
});
