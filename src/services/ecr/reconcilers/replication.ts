import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx } from '../../../store/store.ts';
import { dueReplicas } from '../domain/replication-plan.ts';
import type { Due } from '../domain/replication-plan.ts';
import { destinationsOf } from '../domain/replication-rules.ts';
import type { EcrPorts } from '../operation.ts';
import { keyOf, placeOf, replicate, replicatedImage } from '../replication.ts';
import { pushReplica } from '../remote-replication.ts';
import { inRegistry } from '../repositories.ts';
import { registries, replications, repositories, repositoryKey } from '../tables.ts';
import { scopeKey } from '../../../kernel/arn.ts';

const EVERY_MS = 60 * 60 * 1000;

interface Observed {
  readonly key: string;
  /** Left out: the image is gone. */
  readonly due?: readonly Due[];
}

type Action =
  | { readonly type: 'replicate'; readonly key: string; readonly due: readonly Due[] }
  | { readonly type: 'forget'; readonly key: string };

/**
 * Copies images that are pushed to where the replication rules say. A key is an image of a repository, as the registry
 * keys it. What is due here, in rows, and elsewhere, in other registries that are pushed to, has a reconciler each: a
 * push may take long and keeps nothing waiting here. It does keep the next tags of its image from the other registries,
 * and there is an end to how many images are pushed at once. A registry that does not answer is tried again, with longer
 * and longer pauses.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
 */
export function replicationReconciler(
  env: ServiceEnvironment<EcrPorts>,
  place: 'here' | 'elsewhere',
): Reconciler<Observed, Action> {
  const { store, ports } = env;
  const isInPlace = ({ destination }: Due) => ports.replicationTargets.has(destination) === (place === 'elsewhere');
  return {
    name: place === 'here' ? 'ecr.replication' : 'ecr.remote-replication',
    resyncEveryMs: EVERY_MS,
    keys: ({ table, key, indexes }) => {
      if (table === 'registry.manifests') return [key];
      return table === 'registry.tags' ? (indexes['manifest'] ?? []) : [];
    },
    allKeys: async (tx) => [
      ...new Set([...(await imagesWithRules(tx, ports)), ...(await tx.list(replications)).map(({ image }) => image)]),
    ],
    observe: async (tx, key) => {
      const { name, digest, ...scope } = placeOf(key);
      const repository = await tx.get(repositories, repositoryKey(scope, name));
      const image = repository && (await ports.registry.images.find(tx, inRegistry(repository), digest));
      if (!repository || !image) return (await tx.get(replications, key)) && { key };
      const replicated = await replicatedImage(tx, ports.registry, repository, image);
      const due = replicated ? dueReplicas(replicated).filter(isInPlace) : [];
      return due.length > 0 ? { key, due } : undefined;
    },
    plan: ({ key, due }) => {
      if (!due) return { actions: [{ type: 'forget', key }], why: 'The image is gone.' };
      return { actions: [{ type: 'replicate', key, due }], why: 'It was pushed and is not everywhere yet.' };
    },
    apply: async (action) => {
      const { type, key } = action;
      if (type === 'forget') return store.write((tx) => tx.delete(replications, key));
      // A destination that is slow or does not answer keeps this push from no other.
      const tries = await Promise.allSettled(action.due.map((due) => replicateTo(env, key, due)));
      const failed = tries.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
}

async function replicateTo(env: ServiceEnvironment<EcrPorts>, key: string, due: Due): Promise<void> {
  const { store, clock, ports } = env;
  const isElsewhere = ports.replicationTargets.has(due.destination);
  const pushed = isElsewhere ? await pushReplica(env, key, due) : undefined;
  await store.write((tx) => replicate(tx, ports.registry, key, { due, now: clock.now(), pushed }));
}

async function imagesWithRules(tx: ReadTx, { registry }: EcrPorts): Promise<string[]> {
  const keys: string[] = [];
  for (const { account, region, replication } of await tx.list(registries)) {
    if (!replication || replication.rules.length === 0) continue;
    for (const repository of await tx.list(repositories, { where: ['scope', scopeKey({ account, region })] })) {
      if (destinationsOf(replication, repository.name).length === 0) continue;
      const images = await registry.images.list(tx, inRegistry(repository));
      for (const { digest } of images) keys.push(keyOf(repository, digest));
    }
  }
  return keys;
}
