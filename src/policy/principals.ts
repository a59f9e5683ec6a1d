import type { Element, Naming, PolicyPrincipal, PrincipalLists, PrincipalMatcher } from './model.ts';

const ACCOUNT = /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/;
/** `AROA...`, `AIDA...`: what AWS puts for the ARN of a role or a user that is gone. */
const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{12,}$/;

/**
 * A Principal or NotPrincipal element.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function compilePrincipals(element: Element<PrincipalLists>, effect: 'Allow' | 'Deny'): PrincipalMatcher {
  const named = compileLists(element.values);
  if (!element.negated) return named;
  return effect === 'Allow' ? allExcept(named) : denyAllExcept(named);
}

/** Whom an Allow excepts in any way, it does not allow. */
function allExcept(named: (principal: PolicyPrincipal) => Naming): PrincipalMatcher {
  return (principal) => (named(principal) === 'none' ? 'direct' : 'none');
}

/**
 * A Deny excepts only whom it names itself, not everybody of an account or a role; and nobody who has a permissions
 * boundary.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function denyAllExcept(named: (principal: PolicyPrincipal) => Naming): PrincipalMatcher {
  return (principal, hasBoundary) => {
    if (hasBoundary) return 'direct';
    const isRoot = principal.kind === 'root' && named(principal) === 'account';
    return named(principal) === 'direct' || isRoot ? 'none' : 'direct';
  };
}

function compileLists(lists: PrincipalLists): (principal: PolicyPrincipal) => Naming {
  const aws = lists['AWS'] ?? [];
  if (aws.includes('*')) return () => 'direct';
  const accounts = new Set(aws.flatMap((text) => ACCOUNT.exec(text)?.[1] ?? []));
  const names = new Set(aws.filter((text) => !ACCOUNT.test(text)));
  const services = new Set(lists['Service'] ?? []);
  const providers = new Set(lists['Federated'] ?? []);
  const hasIds = aws.some((text) => UNIQUE_ID.test(text));
  return (principal) => {
    if (principal.kind === 'service') return services.has(principal.service ?? '') ? 'direct' : 'none';
    if (principal.kind === 'web-identity') return providers.has(principal.arn) ? 'direct' : 'none';
    if (names.has(principal.arn)) return 'direct';
    const byId = hasIds ? namingById(names, principal) : 'none';
    if (byId !== 'none') return byId;
    const behind = principalBehind(principal);
    if (behind !== undefined && names.has(behind)) return 'role';
    return accounts.has(principal.account) ? 'account' : 'none';
  };
}

function namingById(ids: ReadonlySet<string>, principal: PolicyPrincipal): Naming {
  if (ids.has(principal.userId)) return 'direct';
  return principal.kind === 'assumed-role' && ids.has(principal.userId.split(':')[0] ?? '') ? 'role' : 'none';
}

/** The ARN of the role of a session, or of the user that a federated user comes from. */
function principalBehind(principal: PolicyPrincipal): string | undefined {
  if (principal.kind === 'federated-user') return principal.userArn;
  if (principal.kind !== 'assumed-role') return undefined;
  if (principal.roleArn !== undefined) return principal.roleArn;
  const [, partition, , , account, session = ''] = principal.arn.split(':');
  return `arn:${partition}:iam::${account}:role/${session.split('/')[1]}`;
}
