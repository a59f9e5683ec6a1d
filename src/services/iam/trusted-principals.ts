import { parseArn } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { roleArn, userArn } from './arns.ts';
import { awsPrincipals } from './domain/trust-policy.ts';
import { malformedPolicy } from './errors.ts';
import { iamKey, roles, users } from './tables.ts';

/**
 * Whom a trust policy names must exist, as far as it is of this account; other accounts' principals are taken as they
 * are. Throws MalformedPolicyDocument.
 */
export async function requireTrustedPrincipals(tx: ReadTx, account: string, trustPolicy: string): Promise<void> {
  for (const principal of awsPrincipals(trustPolicy)) {
    if (await exists(tx, account, principal)) continue;
    throw malformedPolicy(`Invalid principal in policy: "AWS":"${principal}"`);
  }
}

async function exists(tx: ReadTx, account: string, principal: string): Promise<boolean> {
  if (principal === '*' || /^\d{12}$/.test(principal)) return true;
  const arn = parseArn(principal);
  if (!arn || arn.region !== '' || !/^\d{12}$/.test(arn.account)) return false;
  if (arn.service === 'sts') return /^(assumed-role\/[^/]+|federated-user)\/[^/]+$/.test(arn.resource);
  if (arn.service !== 'iam') return false;
  if (arn.resource === 'root') return true;
  const [kind, ...path] = arn.resource.split('/');
  const name = path.at(-1) ?? '';
  if (name === '' || (kind !== 'user' && kind !== 'role')) return false;
  if (arn.account !== account) return true;
  const key = iamKey(account, name);
  if (kind === 'user') {
    const user = await tx.get(users, key);
    return user !== undefined && userArn(user) === principal;
  }
  const role = await tx.get(roles, key);
  return role !== undefined && roleArn(role) === principal;
}
