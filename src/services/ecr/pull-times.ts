import type { Principal } from '../../identity/principal.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Store } from '../../store/store.ts';
import { isImageScanner } from './image-scanner.ts';
import { findRegistry } from './registries.ts';

/**
 * Whether a pull is noted as an image's last: not that of a user or a role whom the registry excludes, nor a scan's.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html
 */
export function countsAsPull(store: Store): (caller: Scope & { readonly principal: Principal }) => Promise<boolean> {
  return async ({ account, region, principal }) => {
    if (isImageScanner(principal)) return false;
    const { pullTimeExclusions = [] } = await store.read((tx) => findRegistry(tx, { account, region }));
    return !pullTimeExclusions.includes(principal.session?.issuer.arn ?? principal.arn);
  };
}
