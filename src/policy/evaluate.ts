import type {
  AppliedPolicy,
  AuthorizationRequest,
  CompiledStatement,
  Decision,
  MatchedStatement,
  Naming,
} from './model.ts';
import { isTrustAction } from './trust.ts';

/** AWS asks for no permission, and no policy can take them away. */
const FREE: ReadonlySet<string> = new Set(['sts:getcalleridentity', 'sts:getsessiontoken']);

const RANKS: Readonly<Record<Naming, number>> = { none: 0, account: 1, role: 2, direct: 3 };

/** What a set of policies of one sort says. */
interface Verdict {
  readonly allows: readonly MatchedStatement[];
  readonly denies: readonly MatchedStatement[];
}

type Missing = NonNullable<Decision['missing']>;

/**
 * Decides by AWS's evaluation logic: an explicit deny of any policy first; then what the resource's policy grants and
 * what the principal's own policies leave of each other.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decide(request: AuthorizationRequest): Decision {
  if (FREE.has(request.action.toLowerCase())) return { outcome: 'allowed', allowed: true, matched: [] };
  const verdicts = {
    identity: verdictOf(request.identity, request),
    resource: verdictOf(request.resourcePolicy ? [request.resourcePolicy] : [], request),
    boundary: verdictOf(request.boundary ? [request.boundary] : [], request),
    session: verdictOf(request.session ?? [], request),
  };
  const all = Object.values(verdicts);
  const denies = all.flatMap((verdict) => verdict.denies);
  if (denies.length > 0) return { outcome: 'explicitDeny', allowed: false, matched: denies };
  const missing = missingFrom(request, verdicts);
  if (missing) return { outcome: 'implicitDeny', allowed: false, matched: [], missing };
  return { outcome: 'allowed', allowed: true, matched: all.flatMap((verdict) => verdict.allows) };
}

type Verdicts = Readonly<Record<'identity' | 'resource' | 'boundary' | 'session', Verdict>>;

/** What keeps it from being allowed; undefined where nothing does. */
function missingFrom(request: AuthorizationRequest, verdicts: Verdicts): Missing | undefined {
  const { principal } = request;
  const trust = isTrustAction(request.action, request.resource);
  const granted = closestNaming(request, verdicts.resource);
  const ungranted: Missing = trust ? 'trust' : 'resource';
  if (principal.kind === 'service' || principal.kind === 'web-identity') {
    return granted === 'none' ? ungranted : undefined;
  }
  const own = missingFromOwn(request, verdicts);
  if (!isSameAccount(request)) return own ?? (granted === 'none' ? ungranted : undefined);
  if (granted === 'direct') return undefined;
  if (granted === 'role') return missingFromLimits(request, verdicts);
  return trust && granted === 'none' ? 'trust' : own;
}

/** The principal's own policies: each sort of them must allow it. */
function missingFromOwn(request: AuthorizationRequest, verdicts: Verdicts): Missing | undefined {
  const isRoot = actsForRoot(request.principal);
  if (!isRoot && verdicts.identity.allows.length === 0) return 'identity';
  return missingFromLimits(request, verdicts);
}

function missingFromLimits({ principal, boundary, session }: AuthorizationRequest, verdicts: Verdicts) {
  if (boundary && verdicts.boundary.allows.length === 0) return 'boundary';
  // A federated user can do nothing but what its session policies allow, so having none allows nothing.
  const limited = session !== undefined || principal.kind === 'federated-user';
  return limited && verdicts.session.allows.length === 0 ? 'session' : undefined;
}

/** The root user, or a federated user that it made: an account's root needs no policy. */
function actsForRoot({ kind, account, userArn }: AuthorizationRequest['principal']): boolean {
  if (kind === 'root') return true;
  return kind === 'federated-user' && userArn !== undefined && userArn.endsWith(`:iam::${account}:root`);
}

/** What AWS itself owns, such as its managed policies, is in every account. */
function isSameAccount({ principal, resourceAccount }: AuthorizationRequest): boolean {
  return resourceAccount === principal.account || !/^\d{12}$/.test(resourceAccount);
}

function closestNaming(request: AuthorizationRequest, { allows }: Verdict): Naming {
  let closest: Naming = 'none';
  for (const { policy, index } of allows) {
    const naming = namingOf(policy.policy.statements[index], request);
    if (RANKS[naming] > RANKS[closest]) closest = naming;
  }
  return closest;
}

function verdictOf(policies: readonly AppliedPolicy[], request: AuthorizationRequest): Verdict {
  const allows: MatchedStatement[] = [];
  const denies: MatchedStatement[] = [];
  for (const policy of policies) {
    for (const statement of policy.policy.about(request.action)) {
      if (!applies(statement, policy, request)) continue;
      const { index, sid, effect } = statement;
      const matched = { policy, index, ...(sid !== undefined && { sid }), effect };
      (effect === 'Deny' ? denies : allows).push(matched);
    }
  }
  return { allows, denies };
}

/** Whether a statement about the action applies to the rest of the request. */
function applies(statement: CompiledStatement, policy: AppliedPolicy, request: AuthorizationRequest): boolean {
  const { context } = request;
  if (!statement.coversResource(request.resource, context)) return false;
  if (policy.kind === 'resource' && namingOf(statement, request) === 'none') return false;
  return statement.conditions.every(({ met }) => met(context));
}

/** A resource policy's statement that names nobody is about nobody. */
function namingOf(statement: CompiledStatement | undefined, request: AuthorizationRequest): Naming {
  return statement?.principals?.(request.principal, request.boundary !== undefined) ?? 'none';
}
