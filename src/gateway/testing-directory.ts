import type { AccessKey, Attached, Directory, KeyUse } from '../identity/directory.ts';
import type { Principal } from '../identity/principal.ts';

export interface TestDirectory extends Directory {
  readonly keys: Map<string, AccessKey>;
  /** By ARN of a user, or of a session's role. Root and services have nothing attached, and need nothing. */
  readonly policies: Map<string, Attached>;
  readonly uses: KeyUse[];
}

/** Principals of a test's own making. */
export function testDirectory(): TestDirectory {
  const keys = new Map<string, AccessKey>();
  const policies = new Map<string, Attached>();
  const uses: KeyUse[] = [];
  return {
    keys,
    policies,
    uses,
    accessKey: async (id) => keys.get(id),
    attached: async (principal) =>
      ['root', 'service', 'web-identity'].includes(principal.kind) ? NOTHING : policies.get(ownerOf(principal)),
    used: (use) => void uses.push(use),
  };
}

const NOTHING: Attached = { identity: [], tags: {} };

/** What is attached to somebody with one inline policy of these statements. */
export function allowed(...statements: readonly object[]): Attached {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  return { identity: [{ kind: 'inline', id: 'test', document }], tags: {} };
}

function ownerOf(principal: Principal): string {
  return principal.kind === 'user' ? principal.arn : (principal.session?.issuer.arn ?? principal.arn);
}
