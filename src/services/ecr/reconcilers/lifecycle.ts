import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { WriteTx } from '../../../store/store.ts';
import { parseLifecyclePolicy } from '../domain/lifecycle-policy.ts';
import type { ImageReferences } from '../images-in-use.ts';
import { evaluateRepository, sparedImages } from '../lifecycle.ts';
import type { Taken } from '../lifecycle.ts';
import type { EcrPorts } from '../operation.ts';
import { inRegistry } from '../repositories.ts';
import { repositoryArn } from '../scope.ts';
import { repositories, repositoryKey } from '../tables.ts';
import type { RepositoryRow } from '../tables.ts';

const RESYNC_MS = 60 * 60 * 1000;
/** Other writers wait for a transaction, so one takes no more than this. */
const IMAGES_AT_ONCE = 100;

type Env = ServiceEnvironment<EcrPorts>;

interface Action {
  readonly type: 'evaluate';
  readonly key: string;
}

/**
 * Expires and archives what lifecycle policies say: at once after a policy changed, then every so often. Judged and
 * done in one transaction each time, so that a push, a tag or another policy that comes between is seen.
 */
export function lifecycleReconciler(env: Env): Reconciler<RepositoryRow, Action> {
  const { intervalMs } = env.ports.lifecycle;
  return {
    name: 'ecr.lifecycle',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === repositories.name ? [change.key] : []),
    allKeys: async (tx) =>
      (await tx.list(repositories)).filter((row) => row.lifecycle).map((row) => repositoryKey(row, row.name)),
    async observe(tx, key) {
      const row = await tx.get(repositories, key);
      return row?.lifecycle && row;
    },
    plan(row, now) {
      const { evaluatedAtMs } = row.lifecycle ?? {};
      if (evaluatedAtMs !== undefined && now < evaluatedAtMs + intervalMs) {
        return {
          actions: [],
          wakeAt: evaluatedAtMs + intervalMs,
          why: 'The policy was evaluated, and waits its time.',
        };
      }
      const why = evaluatedAtMs === undefined ? 'The policy is new.' : 'The policy is due again.';
      return { actions: [{ type: 'evaluate', key: repositoryKey(row, row.name) }], why };
    },
    apply: ({ key }) => evaluate(env, key),
  };
}

/** Until nothing more is to be taken: what an index held, or spoke of an image, goes after it. */
async function evaluate(env: Env, key: string): Promise<void> {
  const row = await env.store.read((tx) => tx.get(repositories, key));
  if (!row?.lifecycle) return;
  const spared = await sparedImages(env, row);
  if (await isAnythingDue(env, row, spared)) while ((await takeSome(env, row, spared)) > 0);
  await ifUnchanged(env, row, async (tx, latest, policy) => {
    await tx.put(repositories, { ...latest, lifecycle: { policy, evaluatedAtMs: env.clock.now() } });
  });
}

/** Asked first, since a read keeps nobody waiting. */
function isAnythingDue(env: Env, row: RepositoryRow, spared: ImageReferences): Promise<boolean> {
  const { rules } = parseLifecyclePolicy(row.lifecycle?.policy ?? '');
  return env.store.read(async (tx) => {
    const now = env.clock.now();
    return (await evaluateRepository(env.ports.registry, tx, row, { rules, spared, now })).length > 0;
  });
}

/** Answers how many images were taken. */
async function takeSome(env: Env, row: RepositoryRow, spared: ImageReferences): Promise<number> {
  const { registry } = env.ports;
  const now = env.clock.now();
  const taken = await ifUnchanged(env, row, async (tx, latest, policy) => {
    const { rules } = parseLifecyclePolicy(policy);
    const all = await evaluateRepository(registry, tx, latest, { rules, spared, now });
    const some = all.slice(0, IMAGES_AT_ONCE);
    for (const { digest, action } of some) {
      const image = await registry.images.find(tx, inRegistry(latest), digest);
      if (!image) continue;
      if (action === 'EXPIRE') await registry.images.remove(tx, image);
      else await registry.images.setStorageClass(tx, image, 'ARCHIVE', now);
    }
    return some;
  });
  for (const one of taken ?? []) report(env, row, one);
  return taken?.length ?? 0;
}

function report(env: Env, row: RepositoryRow, { action, digest, image, rulePriority }: Taken): void {
  env.log.info(action === 'EXPIRE' ? 'lifecycle policy expired an image' : 'lifecycle policy archived an image', {
    repository: repositoryArn(row, row.name),
    digest,
    tags: image.tags,
    ...(rulePriority !== undefined && { rulePriority }),
  });
}

/** Does nothing where the repository or its policy is another by now: that one has a pass of its own. */
function ifUnchanged<T>(
  { store }: Env,
  row: RepositoryRow,
  write: (tx: WriteTx, latest: RepositoryRow, policy: string) => Promise<T>,
): Promise<T | undefined> {
  return store.write(async (tx) => {
    const latest = await tx.get(repositories, repositoryKey(row, row.name));
    const policy = latest?.lifecycle?.policy;
    if (!latest || policy === undefined) return undefined;
    if (policy !== row.lifecycle?.policy || latest.createdAtMs !== row.createdAtMs) return undefined;
    return write(tx, latest, policy);
  });
}
