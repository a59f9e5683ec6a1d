import { compilePolicy } from '../../../policy/compile.ts';
import { decide } from '../../../policy/evaluate.ts';
import type { PolicyPrincipal, RequestContext } from '../../../policy/model.ts';
import type { EcrContext } from '../operation.ts';

/** Whether a repository policy would keep whoever sets it from setting another. */
export function locksOut(ctx: EcrContext, resource: string, policy: string): boolean {
  const { kind, account, arn, userId, session } = ctx.principal;
  if (kind === 'service') return false;
  const principal: PolicyPrincipal = {
    kind,
    account,
    arn,
    userId,
    ...(kind === 'assumed-role' && session && { roleArn: session.issuer.arn }),
    ...(kind === 'federated-user' && session && { userArn: session.issuer.arn }),
  };
  const { outcome } = decide({
    principal,
    action: 'ecr:SetRepositoryPolicy',
    resource,
    resourceAccount: account,
    context: contextOf(ctx),
    identity: [],
    resourcePolicy: { kind: 'resource', id: resource, policy: compilePolicy(policy) },
  });
  return outcome === 'explicitDeny';
}

/** What is known of the caller whatever it calls next. */
function contextOf({ principal, sourceIp }: EcrContext): RequestContext {
  const known = new Map<string, string>([
    ['aws:sourceip', sourceIp],
    ['aws:principalaccount', principal.account],
    ['aws:principalarn', principal.session?.issuer.arn ?? principal.arn],
    ['aws:userid', principal.userId],
  ]);
  if (principal.userName !== undefined) known.set('aws:username', principal.userName);
  return { get: (key) => known.get(key) };
}
