/** What a container's `secrets` names: an environment variable, and where its value is. */
export interface SecretReference {
  readonly name: string;
  /** A parameter's name or ARN, or a secret's ARN with `:json-key:version-stage:version-id` after it, each of which may be empty. */
  readonly valueFrom: string;
}

/** All that one container gets from elsewhere before it starts. */
export interface SecretsRequest {
  readonly account: string;
  readonly region: string;
  /** The task's execution role, in whose name it is fetched. */
  readonly role?: { readonly arn: string; readonly sessionName: string };
  readonly secrets: readonly SecretReference[];
  /** ARNs of S3 objects. */
  readonly environmentFiles: readonly string[];
}

export interface ResolvedSecrets {
  /** By the names of the environment variables. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What each file says, in the order asked. */
  readonly environmentFiles: readonly Readonly<Record<string, string>>[];
}

/** Rejects with a SecretsError. */
export type ResolveSecrets = (request: SecretsRequest) => Promise<ResolvedSecrets>;

/**
 * The message is a task's whole stopped reason, in ECS's words, without any secret.
 * - temporary: trying again may help
 * - rejected: it was refused, or is not there
 */
export class SecretsError extends Error {
  override readonly name = 'SecretsError';
  readonly kind: 'temporary' | 'rejected';

  constructor(kind: SecretsError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
