import type { AccessKey, Attached, Directory } from '../../identity/directory.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { userArn } from './arns.ts';
import { attachedTo, NOTHING } from './attached.ts';
import { GenerationCache } from './generation-cache.ts';
import { LastUseWriter } from './last-use-writer.ts';
import { accessKeys, groups, iamKey, policies, roles, users } from './tables.ts';

export interface DirectoryParts {
  readonly store: Store;
  /** Of purpose `iam-access-keys`. */
  readonly box: SealedBox;
  readonly clock: Clock;
  /** The account's root key, which is kept outside the store. */
  readonly rootCredentials?: {
    readonly account: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}

/** What answers are made of. Last uses are not among them: a call must not forget what is known of its caller. */
const MADE_OF: ReadonlySet<string> = new Set([users, groups, roles, policies, accessKeys].map(({ name }) => name));

/** Kept at most, of keys and of principals each: session policies and tags make a principal of their own. */
const MOST_KEPT = 10_000;

/**
 * Principals over IAM's rows, kept in memory until a commit changes any row that an answer could be made of. Must not be
 * asked from within a transaction: it reads in one of its own, and would wait for a reader that its caller holds.
 */
export function iamDirectory(parts: DirectoryParts): Directory & { close(): Promise<void> } {
  const { store, box } = parts;
  const root = rootKey(parts.rootCredentials);
  const keys = new GenerationCache<AccessKey>(MOST_KEPT);
  const attached = new GenerationCache<Attached>(MOST_KEPT);
  const lastUses = new LastUseWriter(store, parts.clock);
  const unwatch = store.watch((changes) => {
    if (!changes.some(({ table }) => MADE_OF.has(table))) return;
    keys.clear();
    attached.clear();
  });
  return {
    async accessKey(accessKeyId) {
      if (accessKeyId === root?.accessKeyId) return root;
      return keys.get(accessKeyId, () => store.read((tx) => readAccessKey(tx, box, accessKeyId)));
    },
    async attached(principal) {
      if (hasNothing(principal)) return NOTHING;
      return attached.get(cacheKey(principal), () => store.read((tx) => attachedTo(tx, principal)));
    },
    used: (use) => lastUses.note(use),
    async close() {
      unwatch();
      await lastUses.close();
    },
  };
}

function rootKey(root: DirectoryParts['rootCredentials']): AccessKey | undefined {
  if (!root) return undefined;
  const { account, accessKeyId, secretAccessKey } = root;
  const principal: Principal = {
    kind: 'root',
    account,
    arn: `arn:aws:iam::${account}:root`,
    userId: account,
    accessKeyId,
  };
  return { accessKeyId, secretAccessKey, active: true, principal };
}

async function readAccessKey(tx: ReadTx, box: SealedBox, accessKeyId: string): Promise<AccessKey | undefined> {
  const row = await tx.get(accessKeys, accessKeyId);
  const user = row && (await tx.get(users, iamKey(row.account, row.userName)));
  const secretAccessKey = row && box.open(row.sealedSecret);
  if (!user || secretAccessKey === undefined) return undefined;
  const principal: Principal = {
    kind: 'user',
    account: user.account,
    arn: userArn(user),
    userId: user.id,
    userName: user.name,
    accessKeyId,
  };
  return { accessKeyId, secretAccessKey, active: row.status === 'Active', principal };
}

/** Nothing can be attached to these, and no row stands behind them. */
function hasNothing({ kind }: Principal): boolean {
  return kind === 'root' || kind === 'service' || kind === 'web-identity';
}

/** All that an answer depends on but the rows. */
function cacheKey({ kind, arn, userId, session }: Principal): string {
  if (!session) return `${kind} ${arn} ${userId}`;
  return JSON.stringify([kind, arn, userId, session.issuer, session.policies, session.tags]);
}
