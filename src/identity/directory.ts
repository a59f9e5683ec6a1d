import type { Tags } from '../kernel/tags.ts';
import type { Principal } from './principal.ts';

/**
 * What is known of principals: implemented by services/iam over its rows, asked by the gateway on every call, so answers
 * are kept in memory until a commit changes what they were made of. The same answer is the same object.
 */
export interface Directory {
  /** The owner of a long-term access key, with its secret; undefined for a key that nobody has. */
  accessKey(accessKeyId: string): Promise<AccessKey | undefined>;
  /** All that is attached to a principal; undefined where the user or the role behind it is no more. */
  attached(principal: Principal): Promise<Attached | undefined>;
  /** Notes a use, for last-used data: in memory at once, durable within seconds. */
  used(use: KeyUse): void;
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** An inactive key is refused as an unknown one is. */
  readonly active: boolean;
  readonly principal: Principal;
}

/** Policies as texts; root and services have none. */
export interface Attached {
  /** Of the user and its groups, or of the role. */
  readonly identity: readonly PolicySource[];
  readonly boundary?: PolicySource;
  /** Present for every session that was made with session policies; what they do not allow is not allowed. */
  readonly session?: readonly PolicySource[];
  /** The user's or role's own tags with the session's over them: `aws:PrincipalTag`. */
  readonly tags: Tags;
}

export interface PolicySource {
  readonly kind: 'managed' | 'inline' | 'session';
  /** The managed policy's ARN, or the inline policy's name. */
  readonly id: string;
  /** To whom it is attached: the ARN of a user, group or role. */
  readonly attachedTo?: string;
  readonly document: string;
}

export interface KeyUse {
  readonly principal: Principal;
  readonly accessKeyId: string;
  /** The signing name, e.g. `ecs`. */
  readonly service: string;
  readonly region: string;
  /** ms since the epoch */
  readonly at: number;
  /** The action, for service last accessed data, e.g. `ecs:RunTask`; set only where it was allowed. */
  readonly action?: string;
}
