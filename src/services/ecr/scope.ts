import type { Scope } from '../../kernel/arn.ts';
import { formatArn } from '../../kernel/arn.ts';
import { accessDenied } from './errors.ts';
import type { EcrContext } from './operation.ts';

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
 * The registry that a call is about.
 * @throws ServiceError AccessDeniedException for another account's
 */
export function registryOf(ctx: EcrContext, action: string, input: InRegistry): Scope {
  const { account, region } = ctx;
  if (input.registryId === undefined || input.registryId === account) return { account, region };
  const resource = input.repositoryName === undefined ? '*' : `repository/${input.repositoryName}`;
  throw accessDenied(ctx.principal.arn, action, { account: input.registryId, region }, resource);
}
