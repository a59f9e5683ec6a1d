import type { ConditionValues } from '../../../api/operation.ts';
import { boundaryOf } from '../boundaries.ts';
import { currentBoundary, identityArns, ROLE, USER, type IdentityKind } from '../identities.ts';
import { operation, type IamContext } from '../operation.ts';
import type { RoleRow, UserRow } from '../tables.ts';

type Bounding = { readonly PermissionsBoundary: string | undefined };

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html and its neighbours */
export const PutUserPermissionsBoundary = operation('PutUserPermissionsBoundary', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  conditions: newBoundary,
  handle: (ctx, input) => putBoundary(ctx, USER, input.UserName, input),
});

export const PutRolePermissionsBoundary = operation('PutRolePermissionsBoundary', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  conditions: newBoundary,
  handle: (ctx, input) => putBoundary(ctx, ROLE, input.RoleName, input),
});

export const DeleteUserPermissionsBoundary = operation('DeleteUserPermissionsBoundary', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  conditions: (input, scope, tx) => currentBoundary(tx, USER, scope, input.UserName),
  handle: (ctx, input) => deleteBoundary(ctx, USER, input.UserName),
});

export const DeleteRolePermissionsBoundary = operation('DeleteRolePermissionsBoundary', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  conditions: (input, scope, tx) => currentBoundary(tx, ROLE, scope, input.RoleName),
  handle: (ctx, input) => deleteBoundary(ctx, ROLE, input.RoleName),
});

async function putBoundary<R extends UserRow | RoleRow>(
  ctx: IamContext,
  kind: IdentityKind<R>,
  name = '',
  { PermissionsBoundary = '' }: Bounding,
): Promise<Record<never, never>> {
  await ctx.write(async (tx) => {
    const row = await kind.requireOwn(tx, ctx.account, name);
    await tx.put(kind.table, { ...row, ...(await boundaryOf(tx, ctx.account, PermissionsBoundary)) });
  });
  return {};
}

/** Taking away what is not there is no error. */
async function deleteBoundary<R extends UserRow | RoleRow>(
  ctx: IamContext,
  kind: IdentityKind<R>,
  name = '',
): Promise<Record<never, never>> {
  await ctx.write(async (tx) => {
    const row = await kind.requireOwn(tx, ctx.account, name);
    if (row.boundaryArn === undefined) return;
    await tx.put(kind.table, withoutBoundary(row));
  });
  return {};
}

function withoutBoundary<R extends { readonly boundaryArn?: string }>(row: R): R {
  const { boundaryArn: _, ...rest } = row;
  return rest as R;
}

function newBoundary({ PermissionsBoundary = '' }: Bounding): ConditionValues {
  return { 'iam:permissionsboundary': PermissionsBoundary };
}
