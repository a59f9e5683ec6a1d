import type { ConditionValues } from '../../api/operation.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { roleArn } from './arns.ts';
import { checkName } from './domain/names.ts';
import { noSuchEntity, unmodifiable } from './errors.ts';
import { iamKey, roles, type RoleRow } from './tables.ts';

/** Throws ValidationError for what cannot be a name, NoSuchEntity for a role that is not there. */
export async function requireRole(tx: ReadTx, account: string, name = ''): Promise<Stored<RoleRow>> {
  checkName('role', name);
  const row = await tx.get(roles, iamKey(account, name));
  if (!row) throw noSuchEntity('role', name);
  return row;
}

/** A role that is not a service's own; throws NoSuchEntity or UnmodifiableEntity. */
export async function requireOwnRole(tx: ReadTx, account: string, name: string | undefined): Promise<Stored<RoleRow>> {
  const row = await requireRole(tx, account, name);
  refuseLinkedRole(row);
  return row;
}

/** Throws UnmodifiableEntity. */
export function refuseLinkedRole(row: RoleRow): void {
  if (row.linkedService === undefined) return;
  throw unmodifiable(
    `Cannot perform the operation on the protected role '${row.name}' - this role is only modifiable by AWS`,
  );
}

type ByRole = { readonly RoleName: string | undefined };

/** For authorization: the role's ARN, with its path where there is such a role. */
export async function roleResource(
  { RoleName = '' }: ByRole,
  { account }: { readonly account: string },
  tx: ReadTx,
): Promise<readonly string[]> {
  const row = await tx.get(roles, iamKey(account, RoleName));
  return [roleArn(row ?? { account, name: RoleName, path: '/' })];
}

/** For authorization: iam:PermissionsBoundary is the boundary that the role has. */
export async function roleConditions(
  { RoleName = '' }: ByRole,
  { account }: { readonly account: string },
  tx: ReadTx,
): Promise<ConditionValues> {
  const row = await tx.get(roles, iamKey(account, RoleName));
  return boundaryCondition(row?.boundaryArn);
}

export function boundaryCondition(boundaryArn: string | undefined): ConditionValues {
  return boundaryArn === undefined ? {} : { 'iam:permissionsboundary': boundaryArn };
}
