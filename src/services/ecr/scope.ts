import type { Scope } from '../../kernel/arn.ts';
import { formatArn } from '../../kernel/arn.ts';
import { accessDenied, invalidParameter } from './errors.ts';
import type { EcrContext } from './operation.ts';

const ACCOUNT = /^[0-9]{12}$/;

interface InRegistry {
  readonly registryId?: string | undefined;
  readonly repositoryName?: string | undefined;
}

export function repositoryArn(scope: Scope, name: string): string {
  return formatArn('ecr', scope, `repository/${name}`);
}

/** What a call on one repository touches, for authorization. */
export function repositoryResource(input: InRegistry, scope: Scope): readonly string[] {
  const account = input.registryId ?? scope.account;
  return [repositoryArn({ ...scope, account }, input.repositoryName ?? '*')];
}

/**
 * The registry that a call is about. A call that names a repository may be about another account's: the policies of that
 * repository and of its registry were asked before it came here. For any other there is no policy to ask.
 * @throws ServiceError InvalidParameterException, AccessDeniedException
 */
export function registryOf(ctx: EcrContext, action: string, { registryId, repositoryName }: InRegistry): Scope {
  const { account, region } = ctx;
  if (registryId === undefined || registryId === account) return { account, region };
  if (repositoryName === undefined) throw accessDenied(ctx.principal.arn, action);
  return { account: checkRegistryId(registryId), region };
}

/** @throws ServiceError InvalidParameterException */
export function checkRegistryId(registryId: string): string {
  if (ACCOUNT.test(registryId)) return registryId;
  throw invalidParameter('registryId', "Member must satisfy regular expression pattern: '[0-9]{12}'");
}
