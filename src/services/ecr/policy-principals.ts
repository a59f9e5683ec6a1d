import { parseArn } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { awsPrincipals } from './domain/policy-text.ts';
import { invalidParameter } from './errors.ts';
import type { EcrContext } from './operation.ts';

/**
 * The users and roles of the caller's account that a policy names must be there. Of another account nothing is known.
 * @throws ServiceError InvalidParameterException
 */
export async function checkPrincipals(ctx: EcrContext, policy: string): Promise<void> {
  const found = await Promise.all(awsPrincipals(policy).map((principal) => isThere(ctx, principal)));
  if (found.includes(false)) throw invalidParameter('PolicyText', 'Principal not found');
}

async function isThere(ctx: EcrContext, principal: string): Promise<boolean> {
  const { service, account, resource = '' } = parseArn(principal) ?? {};
  const [, kind, name = ''] = /^(user|role)\/(?:.*\/)?([^/]+)$/.exec(resource) ?? [];
  if (service !== 'iam' || account !== ctx.account || kind === undefined) return true;
  const arn =
    kind === 'user'
      ? ctx.call('iam', 'GetUser', { UserName: name }).then(({ User }) => User?.Arn)
      : ctx.call('iam', 'GetRole', { RoleName: name }).then(({ Role }) => Role?.Arn);
  return (await arn.catch(absent)) === principal;
}

function absent(error: unknown): undefined {
  if (error instanceof ServiceError && error.code === 'NoSuchEntityException') return undefined;
  throw error;
}
