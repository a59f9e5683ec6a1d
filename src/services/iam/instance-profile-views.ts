import type { InstanceProfile } from '@aws-sdk/client-iam';
import type { ReadTx } from '../../store/store.ts';
import { instanceProfileArn } from './arns.ts';
import { roleSummary } from './role-views.ts';
import { iamKey, roles, type InstanceProfileRow } from './tables.ts';
import { wholeSeconds } from './whole-seconds.ts';

/** As the lists answer: without tags. */
export async function instanceProfileListing(tx: ReadTx, row: InstanceProfileRow): Promise<InstanceProfile> {
  const role = row.roleName === undefined ? undefined : await tx.get(roles, iamKey(row.account, row.roleName));
  return {
    Path: row.path,
    InstanceProfileName: row.name,
    InstanceProfileId: row.id,
    Arn: instanceProfileArn(row),
    CreateDate: wholeSeconds(row.createdAtMs),
    Roles: role ? [roleSummary(role)] : [],
  };
}
