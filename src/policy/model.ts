/** The values of condition keys. Keys are in lower case (`aws:sourceip`, `aws:requesttag/team`); a list is a multivalued key. */
export type ConditionValues = Readonly<Record<string, string | readonly string[]>>;

/** The facts of a request that conditions and policy variables ask for. */
export interface RequestContext {
  /** @param key in lower case */
  get(key: string): string | readonly string[] | undefined;
}

/** What policy needs of a principal (identity/principal.ts has it all). */
export interface PolicyPrincipal {
  readonly kind: 'root' | 'user' | 'assumed-role' | 'federated-user' | 'service' | 'web-identity';
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
  /** An assumed role's IAM ARN, with its path. */
  readonly roleArn?: string;
  /** Of a federated user: the ARN of the IAM user, or of the root user, that asked for the session. */
  readonly userArn?: string;
  /** Of a service: `ecs-tasks.amazonaws.com`. */
  readonly service?: string;
}

/** One policy, compiled, with where it comes from. */
export interface AppliedPolicy {
  readonly kind: 'managed' | 'inline' | 'session' | 'boundary' | 'resource';
  /** The managed policy's ARN, the inline policy's name, or the ARN of the resource it is on. */
  readonly id: string;
  readonly attachedTo?: string;
  readonly policy: CompiledPolicy;
}

/** Made by `compilePolicy` from a document's text; kept by its text. */
export interface CompiledPolicy {
  readonly statements: readonly CompiledStatement[];
  /** Every condition key and variable that it mentions, in lower case, so that the gateway looks up only what is asked. */
  readonly keys: ReadonlySet<string>;
  /** The statements whose Action or NotAction takes `action` in, in the document's order. */
  readonly about: (action: string) => readonly CompiledStatement[];
}

export interface CompiledStatement {
  /** Position in the document, from 0. */
  readonly index: number;
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  /** As written. */
  readonly source: Statement;
  /** @param action in lower case */
  readonly coversAction: (action: string) => boolean;
  readonly coversResource: (resource: string, context: RequestContext) => boolean;
  /** Of a resource policy's statement alone. */
  readonly principals?: PrincipalMatcher;
  /** All of them must be met. */
  readonly conditions: readonly CompiledCondition[];
}

/** A statement as written, with one form for what the language lets be a string or a list. */
export interface Statement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Element<readonly string[]>;
  /** A trust policy and some resource policies have none. */
  readonly resources?: Element<readonly string[]>;
  readonly principals?: Element<PrincipalLists>;
  readonly conditions: readonly Condition[];
}

/** `negated` of NotAction, NotResource and NotPrincipal. */
export interface Element<T> {
  readonly negated: boolean;
  readonly values: T;
}

/** By type: AWS, Service, Federated, CanonicalUser. `"Principal": "*"` is `{ AWS: ['*'] }`. */
export type PrincipalLists = Readonly<Record<string, readonly string[]>>;

export interface Condition {
  /** As written, e.g. `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface CompiledCondition extends Condition {
  readonly met: (context: RequestContext) => boolean;
}

/**
 * How closely a resource policy's statement names a principal:
 * - direct: itself, or everybody
 * - role: the role of its session, or the user behind a federated user
 * - account: the account it is of, which leaves it to the account's own policies
 */
export type Naming = 'none' | 'account' | 'role' | 'direct';

export type PrincipalMatcher = (principal: PolicyPrincipal, hasBoundary: boolean) => Naming;

/** May `principal` do `action` on one resource? */
export interface AuthorizationRequest {
  readonly principal: PolicyPrincipal;
  /** e.g. `ecs:CreateCluster` */
  readonly action: string;
  /** An ARN, or `*` for an action without resources. */
  readonly resource: string;
  /** Who owns the resource. */
  readonly resourceAccount: string;
  readonly context: RequestContext;
  readonly identity: readonly AppliedPolicy[];
  readonly boundary?: AppliedPolicy;
  /** Given for a session that was made with session policies. */
  readonly session?: readonly AppliedPolicy[];
  /** The policy on the resource: a bucket's, a repository's; for sts:AssumeRole* the role's trust policy. */
  readonly resourcePolicy?: AppliedPolicy;
}

export type Outcome = 'allowed' | 'explicitDeny' | 'implicitDeny';

export interface Decision {
  readonly outcome: Outcome;
  readonly allowed: boolean;
  /** The statements that made it: the denying ones, or those that allowed. */
  readonly matched: readonly MatchedStatement[];
  /** What kept an implicit denial from being allowed, e.g. `identity`: no identity-based policy allows it. */
  readonly missing?: 'identity' | 'boundary' | 'session' | 'resource' | 'trust';
}

export interface MatchedStatement {
  readonly policy: AppliedPolicy;
  /** Position in the document, from 0. */
  readonly index: number;
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
}
