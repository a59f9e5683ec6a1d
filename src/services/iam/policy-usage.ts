import type { ReadTx } from '../../store/store.ts';
import { groups, roles, users, type GroupRow, type RoleRow, type UserRow } from './tables.ts';

/** How often a managed policy is in use. */
export interface PolicyUsage {
  readonly attachments: number;
  readonly boundaries: number;
}

/** Who uses a managed policy. */
export interface PolicyUsers {
  readonly attachedTo: Users;
  /** Groups have no boundaries. */
  readonly boundaryOf: Users;
}

interface Users {
  readonly groups: readonly GroupRow[];
  readonly users: readonly UserRow[];
  readonly roles: readonly RoleRow[];
}

export async function policyUsers(tx: ReadTx, account: string, arn: string): Promise<PolicyUsers> {
  const value = `${account} ${arn}`;
  return {
    attachedTo: {
      groups: await tx.list(groups, { where: ['attached', value] }),
      users: await tx.list(users, { where: ['attached', value] }),
      roles: await tx.list(roles, { where: ['attached', value] }),
    },
    boundaryOf: {
      groups: [],
      users: await tx.list(users, { where: ['boundary', value] }),
      roles: await tx.list(roles, { where: ['boundary', value] }),
    },
  };
}

export async function policyUsage(tx: ReadTx, account: string, arn: string): Promise<PolicyUsage> {
  const { attachedTo, boundaryOf } = await policyUsers(tx, account, arn);
  return { attachments: count(attachedTo), boundaries: count(boundaryOf) };
}

/** Of every managed policy of the account in one pass; what nobody uses is not in it. */
export async function policyUsages(tx: ReadTx, account: string): Promise<ReadonlyMap<string, PolicyUsage>> {
  const where = ['account', account] as const;
  const bounded = [...(await tx.list(users, { where })), ...(await tx.list(roles, { where }))];
  const all = [...bounded, ...(await tx.list(groups, { where }))];
  const usages = new Map<string, { attachments: number; boundaries: number }>();
  const usageOf = (arn: string) => {
    const usage = usages.get(arn) ?? { attachments: 0, boundaries: 0 };
    usages.set(arn, usage);
    return usage;
  };
  for (const row of all) for (const arn of row.attached) usageOf(arn).attachments++;
  for (const { boundaryArn } of bounded) if (boundaryArn !== undefined) usageOf(boundaryArn).boundaries++;
  return usages;
}

export const UNUSED: PolicyUsage = { attachments: 0, boundaries: 0 };

function count({ groups: someGroups, users: someUsers, roles: someRoles }: Users): number {
  return someGroups.length + someUsers.length + someRoles.length;
}
