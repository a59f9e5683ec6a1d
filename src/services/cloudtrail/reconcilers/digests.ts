import { ServiceError } from '../../../kernel/errors.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { forgetEnded } from '../delivery/delivered-trail.ts';
import { putFile } from '../delivery/put-file.ts';
import { errorCode } from '../destination-checks.ts';
import { digestContent, digestSignature, SIGNATURE_ALGORITHM, type DigestFacts } from '../domain/digest.ts';
import { digestFileKey, sha256 } from '../domain/log-file.ts';
import { digestIntervalMs, type CloudTrailEnvironment } from '../operation.ts';
import { signingKey } from '../signing.ts';
import {
  deliveredFiles,
  deliveries,
  deliveryKey,
  digestChains,
  trails,
  type DeliveredFileRow,
  type DigestChainRow,
  type TrailRow,
} from '../tables.ts';

const RESYNC_MS = 600_000;
const SECOND_MS = 1000;
const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;

interface Observed {
  readonly chain: Stored<DigestChainRow>;
  readonly trail: TrailRow | undefined;
  readonly files: readonly DeliveredFileRow[];
  /** The trail's log files: some may still come. */
  readonly delivering: boolean;
}

type Action =
  | { readonly type: 'digest'; readonly key: string }
  | { readonly type: 'end-chain'; readonly key: string; readonly filesPrefix: string; readonly delivery: string };

/**
 * Writes each trail's digests: every hour, also when there is nothing to say, each signed and naming the one before, so
 * that neither a file nor an hour can be taken away unseen.
 */
export function digestsReconciler(env: CloudTrailEnvironment): Reconciler<Observed, Action> {
  return {
    name: 'cloudtrail.digests',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === digestChains.name ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(digestChains)).map(digestChains.key),
    async observe(tx, key) {
      const chain = await tx.get(digestChains, key);
      if (!chain) return undefined;
      const delivery = await tx.get(deliveries, deliveryKey(chain.id, 'files'));
      return {
        chain,
        trail: await trailOfChain(tx, chain),
        files: await tx.list(deliveredFiles, { prefix: `${key}/` }),
        delivering: (delivery?.windows.length ?? 0) > 0,
      };
    },
    plan: planDigest,
    apply: (action) => (action.type === 'digest' ? digest(env, action.key) : endChain(env, action)),
  };
}

function planDigest({ chain, trail, files, delivering }: Observed, now: number) {
  const key = digestChains.key(chain);
  const givenUp = chain.error !== undefined && !trail?.logging && now - (trail?.stoppedAtMs ?? 0) > GIVE_UP_AFTER_MS;
  const goesOn = trail?.logging === true && trail.validation;
  if (!trail || givenUp || (!goesOn && files.length === 0 && (!delivering || trail.logging))) {
    const end = { type: 'end-chain', key, filesPrefix: `${key}/`, delivery: deliveryKey(chain.id, 'files') } as const;
    return { actions: [end], why: 'No further log files will come, and every one is in a digest.' };
  }
  if (now < chain.nextAtMs) return { actions: [], wakeAt: chain.nextAtMs, why: 'The next digest is not due yet.' };
  if (!goesOn && files.length === 0) {
    return { actions: [], wakeAt: now + digestIntervalOf(chain), why: 'The last log files are still to be delivered.' };
  }
  return { actions: [{ type: 'digest' as const, key }], why: `A digest of ${files.length} log files is due.` };
}

/** A chain keeps its rhythm. */
function digestIntervalOf({ nextAtMs, startMs }: DigestChainRow): number {
  return Math.max(nextAtMs - startMs, SECOND_MS);
}

async function digest(env: CloudTrailEnvironment, key: string): Promise<void> {
  const trail = await begin(env, key);
  if (!trail) return;
  const chain = await env.store.read((tx) => tx.get(digestChains, key));
  if (chain?.pendingEndMs === undefined) return;
  const endMs = chain.pendingEndMs;
  const all = await env.store.read((tx) => tx.list(deliveredFiles, { prefix: `${key}/` }));
  const files = all.filter((file) => file.deliveredAtMs <= endMs);
  const { fingerprint, privateKey } = await signingKey(env, { account: trail.account, region: chain.region });
  const facts: DigestFacts = {
    account: trail.account,
    startMs: chain.startMs,
    endMs,
    bucket: trail.bucket,
    object: digestFileKey(trail, chain.region, trail, endMs),
    fingerprint,
    files,
    ...(chain.previous && { previous: chain.previous }),
  };
  const content = digestContent(facts);
  const signature = digestSignature(facts, content, privateKey);
  try {
    const metadata = { signature, 'signature-algorithm': SIGNATURE_ALGORITHM };
    await putFile(env, trail, { bucket: facts.bucket, object: facts.object, content, metadata });
  } catch (error) {
    return fail(env, key, error);
  }
  const { bucket, object } = facts;
  await succeed(env, key, { endMs, files, previous: { bucket, object, sha256: sha256(content), signature } });
}

/** As it is, or as it was when it was deleted. */
async function trailOfChain(tx: ReadTx, { id, trailArn }: DigestChainRow): Promise<TrailRow | undefined> {
  const delivery = await tx.get(deliveries, deliveryKey(id, 'files'));
  const trail = delivery?.ended ?? (await tx.get(trails, trailArn));
  return trail?.id === id ? trail : undefined;
}

/** Fixes the end of the digest, so that a second try says the same. Answers its trail. */
async function begin(env: CloudTrailEnvironment, key: string): Promise<TrailRow | undefined> {
  const endMs = Math.floor(env.clock.now() / SECOND_MS) * SECOND_MS;
  return env.store.write(async (tx) => {
    const chain = await tx.get(digestChains, key);
    if (!chain) return undefined;
    const trail = await trailOfChain(tx, chain);
    if (chain.pendingEndMs === undefined) await tx.put(digestChains, { ...chain, pendingEndMs: endMs });
    return trail;
  });
}

interface Digested {
  readonly endMs: number;
  readonly files: readonly DeliveredFileRow[];
  readonly previous: NonNullable<DigestChainRow['previous']>;
}

async function succeed(env: CloudTrailEnvironment, key: string, { endMs, files, previous }: Digested): Promise<void> {
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    const chain = await tx.get(digestChains, key);
    if (!chain) return;
    const { pendingEndMs: _, error: __, ...rest } = chain;
    const nextAtMs = endMs + digestIntervalMs(env.ports);
    await tx.put(digestChains, { ...rest, startMs: endMs, nextAtMs, previous, succeededAtMs: now });
    for (const file of files) await tx.delete(deliveredFiles, deliveredFiles.key(file));
  });
}

/** The end moves on, so that the next try has whatever was delivered until then. */
async function fail(env: CloudTrailEnvironment, key: string, error: unknown): Promise<void> {
  if (!(error instanceof ServiceError)) throw error;
  env.log.warn('a trail cannot deliver its digest', { chain: key, code: error.code, reason: error.message });
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    const chain = await tx.get(digestChains, key);
    if (!chain) return;
    const { pendingEndMs: _, ...rest } = chain;
    await tx.put(digestChains, { ...rest, error: errorCode(error), nextAtMs: now + digestIntervalMs(env.ports) });
  });
}

async function endChain(
  env: CloudTrailEnvironment,
  { key, filesPrefix, delivery }: Extract<Action, { type: 'end-chain' }>,
): Promise<void> {
  await env.store.write(async (tx) => {
    for (const file of await tx.list(deliveredFiles, { prefix: filesPrefix })) {
      await tx.delete(deliveredFiles, deliveredFiles.key(file));
    }
    await tx.delete(digestChains, key);
    await forgetEnded(tx, delivery);
  });
}
