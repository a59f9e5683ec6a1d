import type { Scope } from '../../kernel/arn.ts';
import type { RegistryRepository } from '../../registry/repository.ts';

/** Registries besides this server's that its operator has given the place of an account and Region. */
export interface ReplicationTargets {
  /** Whether images for a destination go to one of them. */
  has(destination: Scope): boolean;
  /**
   * Brings an image, and the tags of it, there.
   * @throws RuntimeError `temporary` to be tried again, `rejected` (with the `status` of HTTP, if there is one);
   *   ServiceError of the image or of the secret with the credentials
   */
  push(destination: Scope, image: ImageToPush): Promise<void>;
}

export interface ImageToPush {
  readonly from: RegistryRepository;
  readonly digest: string;
  readonly tags: readonly string[];
}
