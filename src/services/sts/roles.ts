import type { SessionRole } from '../../identity/role-session.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { Tags } from '../../kernel/tags.ts';
import { parseRoleArn } from './domain/members.ts';
import type { StsContext } from './operation.ts';

/** What IAM says of a role that somebody wants to assume. */
export interface AssumableRole extends SessionRole {
  readonly maxSessionSeconds: number;
  readonly trustPolicy: string;
  readonly tags: Tags;
}

/** Answers undefined for a role that is not there, of another path or of another account. */
export async function findRole(ctx: StsContext, arn: string): Promise<AssumableRole | undefined> {
  const { account, name } = parseRoleArn(arn);
  if (account !== ctx.account) return undefined;
  const { Role: role } = await absentIsEmpty(ctx.call('iam', 'GetRole', { RoleName: name }));
  if (role?.Arn !== arn || role.RoleId === undefined) return undefined;
  return {
    arn,
    account,
    id: role.RoleId,
    name: role.RoleName ?? name,
    maxSessionSeconds: role.MaxSessionDuration ?? 3600,
    // IAM answers documents in percent-encoding.
    trustPolicy: decodeURIComponent(role.AssumeRolePolicyDocument ?? ''),
    tags: Object.fromEntries((role.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}

/** An empty answer where IAM knows no such thing. */
export async function absentIsEmpty<T extends object>(answer: Promise<T>): Promise<Partial<T>> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ServiceError && error.code.startsWith('NoSuchEntity')) return {};
    throw error;
  }
}
