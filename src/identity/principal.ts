import type { Tags } from '../kernel/tags.ts';

/**
 * - root, user: long-term access keys, or the sessions that GetSessionToken makes of them
 * - assumed-role: a session of a role; federated-user: one of GetFederationToken
 * - service: an AWS service that acts for itself, e.g. `ecs-tasks.amazonaws.com` assuming a task's role
 * - web-identity: the bearer of a token of an OIDC provider, before it has a role
 */
export type PrincipalKind = 'root' | 'user' | 'assumed-role' | 'federated-user' | 'service' | 'web-identity';

/** Who calls. It is what authorization, CloudTrail and GetCallerIdentity need, and what a session token seals. */
export interface Principal {
  readonly kind: PrincipalKind;
  /** Twelve digits. */
  readonly account: string;
  /**
   * `arn:aws:iam::A:root`, `arn:aws:iam::A:user/PATH/NAME`, `arn:aws:sts::A:assumed-role/ROLE/SESSION`,
   * `arn:aws:sts::A:federated-user/NAME`; of a service `arn:aws:iam::A:service-principal/ecs.amazonaws.com`; of a web
   * identity its provider's, `arn:aws:iam::A:oidc-provider/HOST/PATH`.
   */
  readonly arn: string;
  /** What GetCallerIdentity calls UserId, and `aws:userid`: the account, `AIDA...`, `AROA...:SESSION`, `A:NAME`. */
  readonly userId: string;
  /** The IAM user's name, of a user. */
  readonly userName?: string;
  /** The key that signed. */
  readonly accessKeyId?: string;
  /** Of every temporary credential. */
  readonly session?: SessionFacts;
  /** The service that calls in this principal's name, e.g. `ecs.amazonaws.com`: CloudTrail's invokedBy, aws:CalledVia. */
  readonly invokedBy?: string;
}

/** What is known of temporary credentials besides whom they are. Times in ms since the epoch. */
export interface SessionFacts {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** The role, or the user or root whose key asked for the session. */
  readonly issuer: SessionIssuer;
  /** The role's session name, or the federated user's name. */
  readonly name?: string;
  /** Session policies: they only take away. */
  readonly policies?: { readonly inline?: string; readonly managedArns?: readonly string[] };
  /** Session tags: they go over the role's or user's own in `aws:PrincipalTag`. */
  readonly tags?: Tags;
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  /** `provider` is the OIDC provider's ARN. Context keys of the token are `HOST/PATH:sub`, `:aud` and so on. */
  readonly webIdentity?: { readonly provider: string; readonly subject: string; readonly audience: string };
}

export interface SessionIssuer {
  readonly type: 'Role' | 'User' | 'Root';
  /** The IAM ARN with its path, e.g. `arn:aws:iam::A:role/service-role/web`. */
  readonly arn: string;
  /** `AROA...`, `AIDA...`, or the account. */
  readonly id: string;
  readonly name: string;
}
