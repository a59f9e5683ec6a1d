import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { parseLifecyclePolicy } from '../domain/lifecycle-policy.ts';
import { evaluateRepository, sparedImages } from '../lifecycle.ts';
import type { Taken } from '../lifecycle.ts';
import type { EcrPorts } from '../operation.ts';
import { lifecyclePreviews, repositories, repositoryKey } from '../tables.ts';
import type { LifecyclePreviewRow, PreviewedImage, RepositoryRow } from '../tables.ts';

const RESYNC_MS = 60 * 60 * 1000;

interface Observed {
  readonly preview: LifecyclePreviewRow;
  readonly repository: RepositoryRow | undefined;
}

type Action =
  | { readonly type: 'preview'; readonly preview: LifecyclePreviewRow; readonly repository: RepositoryRow }
  | { readonly type: 'forget'; readonly key: string };

/** Completes previews that were started, and forgets those whose repository is gone. */
export function lifecyclePreviewReconciler(env: ServiceEnvironment<EcrPorts>): Reconciler<Observed, Action> {
  const { store } = env;
  return {
    name: 'ecr.lifecycle-preview',
    resyncEveryMs: RESYNC_MS,
    keys: ({ table, key, deleted }) =>
      table === lifecyclePreviews.name || (table === repositories.name && deleted) ? [key] : [],
    allKeys: async (tx) => (await tx.list(lifecyclePreviews)).map((row) => repositoryKey(row, row.name)),
    async observe(tx, key) {
      const preview = await tx.get(lifecyclePreviews, key);
      return preview && { preview, repository: await tx.get(repositories, key) };
    },
    plan({ preview, repository }) {
      if (repository?.createdAtMs !== preview.repositoryCreatedAtMs) {
        const key = repositoryKey(preview, preview.name);
        return { actions: [{ type: 'forget', key }], why: 'The repository is gone.' };
      }
      if (preview.images) return { actions: [], why: 'The preview is complete.' };
      return { actions: [{ type: 'preview', preview, repository }], why: 'The preview was started.' };
    },
    async apply(action) {
      if (action.type === 'forget') await store.write((tx) => tx.delete(lifecyclePreviews, action.key));
      else await complete(env, action.preview, action.repository);
    },
  };
}

async function complete(
  env: ServiceEnvironment<EcrPorts>,
  preview: LifecyclePreviewRow,
  repository: RepositoryRow,
): Promise<void> {
  const { store, clock, ports } = env;
  const { rules } = parseLifecyclePolicy(preview.policy);
  const spared = await sparedImages(env, repository);
  const taken = await store.read((tx) =>
    evaluateRepository(ports.registry, tx, repository, { rules, spared, now: clock.now() }),
  );
  await store.write(async (tx) => {
    const latest = await tx.get(lifecyclePreviews, repositoryKey(preview, preview.name));
    if (!latest || latest.images || latest.id !== preview.id) return;
    await tx.put(lifecyclePreviews, { ...latest, images: taken.flatMap(previewed) });
  });
}

/** What follows another image is taken by no rule, so it is not shown. */
function previewed({ image, action, rulePriority }: Taken): PreviewedImage[] {
  const { digest, tags, pushedAtMs, storageClass } = image;
  return rulePriority === undefined ? [] : [{ digest, tags, pushedAtMs, storageClass, action, rulePriority }];
}
