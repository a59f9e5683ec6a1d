import type { ReadTx } from '../../store/store.ts';
import { roleByArn } from './role-by-arn.ts';

/** The policy on a resource of IAM: a role's trust policy. Others have none. */
export async function resourcePolicy(tx: ReadTx, arn: string): Promise<string | undefined> {
  return (await roleByArn(tx, arn))?.trustPolicy;
}
