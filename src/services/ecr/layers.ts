import { invalidParameter } from './errors.ts';
import type { EcrContext } from './operation.ts';

/** ECR's rule; only sha256 and sha512 are digests that a layer can have. */
const DIGEST = /^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$/;

/** @throws ServiceError InvalidParameterException */
export function checkLayerDigest(ctx: EcrContext, member: string, digest: string): void {
  if (!DIGEST.test(digest)) {
    throw invalidParameter(member, "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'");
  }
  if (!ctx.ports.registry.rules.isDigest(digest)) throw invalidParameter(member, 'must be a sha256 or sha512 digest');
}
