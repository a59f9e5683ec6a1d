import { parseArn } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { linkedService } from './domain/linked-services.ts';
import { roleArn } from './arns.ts';
import { iamKey, roles } from './tables.ts';
import type { RoleRow } from './tables.ts';

/** The role that an ARN names, with its path; undefined where there is none. */
export async function roleByArn(tx: ReadTx, arn: string): Promise<RoleRow | undefined> {
  const parsed = parseArn(arn);
  const name = parsed?.resource.split('/').at(-1);
  if (!parsed || name === undefined) return undefined;
  const row = await tx.get(roles, iamKey(parsed.account, name));
  return row && roleArn(row) === arn ? row : undefined;
}

/** A service's own role in an account, if it was made already. */
export async function serviceLinkedRole(
  tx: ReadTx,
  account: string,
  servicePrincipal: string,
): Promise<RoleRow | undefined> {
  const service = linkedService(servicePrincipal);
  return service && tx.get(roles, iamKey(account, service.roleName));
}
