import { parseArn } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { Context } from './context.ts';

/**
 * Whether the users and roles of the caller's account that a policy names are all there. Of another account nothing is
 * known: what it has is taken to be there.
 * @param principals e.g. `arn:aws:iam::123456789012:user/ann`
 */
export async function areThere(ctx: Pick<Context, 'account' | 'call'>, principals: Iterable<string>): Promise<boolean> {
  const found = await Promise.all([...new Set(principals)].map((principal) => isThere(ctx, principal)));
  return !found.includes(false);
}

async function isThere(ctx: Pick<Context, 'account' | 'call'>, principal: string): Promise<boolean> {
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
