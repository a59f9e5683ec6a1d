import type { AppliedPolicy, AuthorizationRequest, Decision, MatchedStatement } from './model.ts';
import { isTrustAction } from './trust.ts';

type PolicyType = NonNullable<Decision['missing']>;

const NAMES: Readonly<Record<PolicyType, string>> = {
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  resource: 'resource-based policy',
  trust: 'role trust policy',
};

/** EC2 and Elastic Load Balancing leave the resource out where the action has none. */
const NAMES_NO_RESOURCE = /^(?:ec2|elasticloadbalancing):/i;

/**
 * Why a request is refused, in AWS's words. A managed policy that denies is named by its ARN.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function refusal(request: AuthorizationRequest, decision: Decision): string {
  const { principal, action, resource } = request;
  const on = resource === '*' && NAMES_NO_RESOURCE.test(action) ? '' : ` on resource: ${resource}`;
  return `User: ${principal.arn} is not authorized to perform: ${action}${on} ${reason(request, decision)}`;
}

function reason(request: AuthorizationRequest, decision: Decision): string {
  const [denying] = decision.matched;
  if (decision.outcome === 'explicitDeny' && denying)
    return `with an explicit deny in ${denyingPolicy(request, denying)}`;
  return `because no ${NAMES[decision.missing ?? 'identity']} allows the ${request.action} action`;
}

function denyingPolicy(request: AuthorizationRequest, { policy }: MatchedStatement): string {
  const type = policyTypeOf(request, policy.kind);
  const name = NAMES[type];
  const article = type === 'trust' ? 'the' : type === 'identity' ? 'an' : 'a';
  const isManaged = policy.kind !== 'resource' && policy.id.startsWith('arn:');
  return `${article} ${name}${isManaged ? `: ${policy.id}` : ''}`;
}

function policyTypeOf(request: AuthorizationRequest, kind: MatchedStatement['policy']['kind']): PolicyType {
  if (kind === 'managed' || kind === 'inline') return 'identity';
  if (kind === 'resource' && isTrustAction(request.action, request.resource)) return 'trust';
  return kind;
}

interface Items<T> {
  readonly items: readonly T[];
}

type Values = Items<{ readonly value: string }>;

interface DecodedCondition {
  readonly key: string;
  readonly values: Values;
}

/** What sts:DecodeAuthorizationMessage answers, as JSON, in AWS's form. */
export interface DecodedMessage {
  readonly allowed: boolean;
  readonly explicitDeny: boolean;
  readonly matchedStatements: Items<{
    readonly statementId: string;
    readonly effect: 'ALLOW' | 'DENY';
    readonly principals: Values;
    readonly principalGroups: Values;
    readonly actions: Values;
    readonly resources: Values;
    readonly conditions: Items<DecodedCondition>;
  }>;
  readonly failures: Items<never>;
  readonly context: {
    readonly principal: { readonly id: string; readonly name?: string; readonly arn: string };
    /** e.g. `iam:PassRole` */
    readonly action: string;
    readonly resource: string;
    readonly conditions: Items<DecodedCondition>;
  };
}

/**
 * A decision with all that made it. Of the request's context it has the keys that its policies ask for.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
 */
export function explainDecision(request: AuthorizationRequest, decision: Decision): DecodedMessage {
  const { principal, action, resource } = request;
  return {
    allowed: decision.allowed,
    explicitDeny: decision.outcome === 'explicitDeny',
    matchedStatements: { items: decision.matched.map((matched) => decodeStatement(matched, request)) },
    failures: { items: [] },
    context: {
      principal: {
        id: principal.userId,
        ...(principal.kind === 'user' && { name: principal.arn.split('/').at(-1) ?? '' }),
        arn: principal.arn,
      },
      action,
      resource,
      conditions: { items: contextOf(request) },
    },
  };
}

function decodeStatement({ policy, index, sid, effect }: MatchedStatement, request: AuthorizationRequest) {
  const source = policy.policy.statements[index]?.source;
  const principals = policy.kind === 'resource' ? Object.values(source?.principals?.values ?? {}).flat() : undefined;
  return {
    statementId: sid ?? '',
    effect: effect === 'Allow' ? ('ALLOW' as const) : ('DENY' as const),
    principals: valuesOf(principals ?? [request.principal.userId.split(':')[0] ?? '']),
    principalGroups: valuesOf([]),
    actions: valuesOf(source?.actions.values ?? []),
    resources: valuesOf(source?.resources?.values ?? []),
    conditions: { items: (source?.conditions ?? []).map(({ key, values }) => ({ key, values: valuesOf(values) })) },
  };
}

function contextOf(request: AuthorizationRequest): DecodedCondition[] {
  const keys = new Set(policiesOf(request).flatMap(({ policy }) => [...policy.keys]));
  return [...keys].toSorted().flatMap((key) => {
    const value = request.context.get(key);
    return value === undefined ? [] : [{ key, values: valuesOf(typeof value === 'string' ? [value] : value) }];
  });
}

/** Every policy that a request is decided by. */
export function policiesOf(request: AuthorizationRequest): AppliedPolicy[] {
  const { identity, resourcePolicy, boundary, session = [] } = request;
  return [...identity, ...(resourcePolicy ? [resourcePolicy] : []), ...(boundary ? [boundary] : []), ...session];
}

function valuesOf(values: readonly string[]): Values {
  return { items: values.map((value) => ({ value })) };
}
