import type { CreateRoleRequest } from '@aws-sdk/client-iam';
import { uniqueId } from '../../../identity/unique-id.ts';
import type { WriteTx } from '../../../store/store.ts';
import { roleArn } from '../arns.ts';
import { boundaryOf } from '../boundaries.ts';
import { checkPathPrefix } from '../domain/names.ts';
import { checkQuota } from '../domain/quotas.ts';
import {
  checkMaxSessionDuration,
  checkNewRole,
  checkRoleDescription,
  DEFAULT_SESSION_SECONDS,
} from '../domain/role-rules.ts';
import { checkTrustPolicy } from '../domain/trust-policy.ts';
import { alreadyExists, deleteConflict } from '../errors.ts';
import { forgetUses } from '../last-use.ts';
import { operation } from '../operation.ts';
import { byName, pageOf } from '../pages.ts';
import {
  boundaryCondition,
  refuseLinkedRole,
  requireOwnRole,
  requireRole,
  roleConditions,
  roleResource,
} from '../role-lookup.ts';
import { createdRole, describedRole, roleListing, roleView } from '../role-views.ts';
import { iamKey, instanceProfiles, lastUses, roles, type RoleRow } from '../tables.ts';
import { tagsFrom } from '../tagging.ts';
import { requireTrustedPrincipals } from '../trusted-principals.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export const CreateRole = operation('CreateRole', {
  resources: (input, scope) => [newRoleArn(scope.account, input)],
  conditions: (input) => boundaryCondition(input.PermissionsBoundary),
  also: (input, scope) =>
    input.Tags?.length ? [{ action: 'iam:TagRole', resources: [newRoleArn(scope.account, input)] }] : [],
  handle: async (ctx, input) => {
    const row: RoleRow = { ...newRole(ctx.account, input), id: uniqueId('AROA', ctx.ids), createdAtMs: ctx.now };
    await ctx.write((tx) => putNewRole(tx, row));
    return { Role: createdRole(row) };
  },
});

function newRoleArn(account: string, { RoleName = '', Path = '/' }: CreateRoleRequest): string {
  return roleArn({ account, name: RoleName, path: Path });
}

function newRole(account: string, input: CreateRoleRequest): Omit<RoleRow, 'id' | 'createdAtMs'> {
  const { Description: description, PermissionsBoundary: boundaryArn } = input;
  return {
    account,
    ...checkNewRole(input),
    inline: {},
    attached: [],
    tags: tagsFrom(input.Tags),
    ...(boundaryArn !== undefined && { boundaryArn }),
    trustPolicy: checkTrustPolicy(input.AssumeRolePolicyDocument ?? '', 'assumeRolePolicyDocument'),
    ...(description !== undefined && { description: checkRoleDescription(description) }),
    maxSessionDurationSeconds: checkMaxSessionDuration(input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS),
  };
}

async function putNewRole(tx: WriteTx, row: RoleRow): Promise<void> {
  const { account, name } = row;
  if (await tx.get(roles, iamKey(account, name))) throw alreadyExists('Role', name);
  // Services' own roles do not count: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  const own = await tx.list(roles, { where: ['account', account] });
  checkQuota('RolesPerAccount', own.filter((one) => one.linkedService === undefined).length);
  await boundaryOf(tx, account, row.boundaryArn); // Throws where it is none.
  await requireTrustedPrincipals(tx, account, row.trustPolicy);
  await tx.put(roles, row);
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html */
export const GetRole = operation('GetRole', {
  resources: roleResource,
  conditions: roleConditions,
  readOnly: true,
  handle: async (ctx, input) =>
    ctx.read(async (tx) => {
      const row = await requireRole(tx, ctx.account, input.RoleName);
      return { Role: roleView(row, await tx.get(lastUses, row.id)) };
    }),
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
export const ListRoles = operation('ListRoles', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const prefix = checkPathPrefix(input.PathPrefix);
    const rows = await ctx.read((tx) => tx.list(roles, { where: ['account', ctx.account] }));
    const found = rows.filter((row) => row.path.startsWith(prefix));
    const { items, page } = pageOf(found, byName, input);
    return { Roles: items.map(roleListing), ...page };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html; of a service's own role only the description. */
export const UpdateRole = operation('UpdateRole', {
  resources: roleResource,
  conditions: roleConditions,
  handle: async (ctx, input) => {
    const { Description: description, MaxSessionDuration: seconds } = input;
    const change = {
      ...(description !== undefined && { description: checkRoleDescription(description) }),
      ...(seconds !== undefined && { maxSessionDurationSeconds: checkMaxSessionDuration(seconds) }),
    };
    await ctx.write(async (tx) => {
      const row = await requireRole(tx, ctx.account, input.RoleName);
      if (seconds !== undefined) refuseLinkedRole(row);
      await tx.put(roles, { ...row, ...change });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html */
export const UpdateRoleDescription = operation('UpdateRoleDescription', {
  resources: roleResource,
  conditions: roleConditions,
  handle: async (ctx, input) => {
    const description = checkRoleDescription(input.Description ?? '');
    const row = await ctx.write(async (tx) =>
      tx.put(roles, { ...(await requireRole(tx, ctx.account, input.RoleName)), description }),
    );
    return { Role: describedRole(row) };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html */
export const UpdateAssumeRolePolicy = operation('UpdateAssumeRolePolicy', {
  resources: roleResource,
  conditions: roleConditions,
  handle: async (ctx, input) => {
    const trustPolicy = checkTrustPolicy(input.PolicyDocument ?? '', 'policyDocument');
    await ctx.write(async (tx) => {
      const row = await requireOwnRole(tx, ctx.account, input.RoleName);
      await requireTrustedPrincipals(tx, ctx.account, trustPolicy);
      await tx.put(roles, { ...row, trustPolicy });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export const DeleteRole = operation('DeleteRole', {
  resources: roleResource,
  conditions: roleConditions,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireOwnRole(tx, ctx.account, input.RoleName);
      await refuseRoleInUse(tx, row);
      await tx.delete(roles, iamKey(row.account, row.name));
      await forgetUses(tx, row.id);
    });
    return {};
  },
});

async function refuseRoleInUse(tx: WriteTx, row: RoleRow): Promise<void> {
  const where = ['role', iamKey(row.account, row.name)] as const;
  if ((await tx.list(instanceProfiles, { where, limit: 1 })).length > 0) {
    throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
  }
  if (row.attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (Object.keys(row.inline).length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
}
