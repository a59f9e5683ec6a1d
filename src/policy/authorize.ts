import { parseArn } from '../kernel/arn.ts';

/** Who asks: what policy needs of a principal. */
export interface PolicyPrincipal {
  readonly kind: 'root' | 'assumed-role' | 'service';
  readonly account: string;
  readonly arn: string;
}

export interface AuthorizationRequest {
  readonly principal: PolicyPrincipal;
  /** e.g. `ecs:CreateCluster` */
  readonly action: string;
  /** The ARNs the call touches, or `*`. */
  readonly resources: readonly string[];
  /** The account the call is made in. */
  readonly account: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why, in AWS's words where it is a refusal. */
  readonly reason: string;
}

/** What anyone may do whose credentials are valid: AWS needs no permission for it. */
const ALWAYS_ALLOWED: ReadonlySet<string> = new Set(['sts:GetCallerIdentity']);

/**
 * Decides before identity-based policies exist: a root user may do everything in its own account, services act for the
 * server itself, and an assumed role has no policy that allows anything.
 */
export function authorize(request: AuthorizationRequest): Decision {
  const { principal, action } = request;
  if (ALWAYS_ALLOWED.has(action)) return { allowed: true, reason: `${action} needs no permission` };
  if (principal.kind === 'service') return { allowed: true, reason: 'a service of this server' };
  const { resources } = request;
  if (principal.kind === 'assumed-role') {
    const reason = refusal(principal, action, resources[0], `no identity-based policy allows the ${action} action`);
    return { allowed: false, reason };
  }
  const foreign = resources.find((resource) => isForeign(resource, principal.account));
  if (foreign !== undefined || request.account !== principal.account) {
    const reason = refusal(
      principal,
      action,
      foreign ?? resources[0],
      `no resource-based policy allows the ${action} action`,
    );
    return { allowed: false, reason };
  }
  return { allowed: true, reason: 'the root user of the account' };
}

/** Owned by another account; `aws` and no account at all are everybody's. */
function isForeign(resource: string, account: string): boolean {
  const owner = parseArn(resource)?.account;
  return owner !== undefined && /^\d{12}$/.test(owner) && owner !== account;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function refusal(principal: PolicyPrincipal, action: string, resource: string | undefined, because: string): string {
  return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource ?? '*'} because ${because}`;
}
