import { parseArn } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { readDocument } from '../../policy/read.ts';
import { malformedPolicy } from './errors.ts';
import type { SecretsContext } from './operation.ts';

/**
 * The users and roles of the caller's account that a policy names must be there. Of another account nothing is known.
 * @throws ServiceError MalformedPolicyDocumentException
 */
export async function checkPrincipals(ctx: SecretsContext, policy: string): Promise<void> {
  const named = readDocument(policy).statements.flatMap(({ principals }) => principals?.values['AWS'] ?? []);
  const found = await Promise.all([...new Set(named)].map((principal) => isThere(ctx, principal)));
  if (found.includes(false)) throw malformedPolicy('This resource policy contains an unsupported principal.');
}

async function isThere(ctx: SecretsContext, principal: string): Promise<boolean> {
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
