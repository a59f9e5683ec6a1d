import type { ServiceEnvironment } from '../../api/service.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ReadTx } from '../../store/store.ts';
import { evaluateLifecycle } from './domain/lifecycle-evaluation.ts';
import type { LifecycleImage, Verdict } from './domain/lifecycle-evaluation.ts';
import type { LifecyclePolicy } from './domain/lifecycle-policy.ts';
import { imagesInUse } from './images-in-use.ts';
import type { ImageReferences } from './images-in-use.ts';
import type { EcrPorts } from './operation.ts';
import { inRegistry } from './repositories.ts';
import type { RepositoryRow } from './tables.ts';

export interface Taken extends Verdict {
  readonly image: LifecycleImage;
}

const NONE: ImageReferences = new Set();

/** What no policy may touch in a repository's registry. */
export async function sparedImages(env: ServiceEnvironment<EcrPorts>, row: RepositoryRow): Promise<ImageReferences> {
  const { lifecycle, registryHost } = env.ports;
  const { account, region } = row;
  return lifecycle.sparesImagesInUse
    ? imagesInUse(env.callIn({ account, region }), { account, region }, registryHost)
    : NONE;
}

/** What a policy takes from a repository as it is now; see evaluateLifecycle. */
export async function evaluateRepository(
  registry: Registry,
  tx: ReadTx,
  row: RepositoryRow,
  evaluation: { readonly rules: LifecyclePolicy; readonly spared: ImageReferences; readonly now: number },
): Promise<readonly Taken[]> {
  const { rules, spared, now } = evaluation;
  const withPulls = rules.some(({ count }) => count.type === 'sinceImagePulled');
  const images = await lifecycleImages(registry, tx, row, { spared, withPulls });
  const byDigest = new Map(images.map((image) => [image.digest, image]));
  return evaluateLifecycle(images, rules, now).flatMap((verdict) => {
    const image = byDigest.get(verdict.digest);
    return image ? [{ ...verdict, image }] : [];
  });
}

async function lifecycleImages(
  { images }: Registry,
  tx: ReadTx,
  row: RepositoryRow,
  { spared, withPulls }: { readonly spared: ImageReferences; readonly withPulls: boolean },
): Promise<LifecycleImage[]> {
  const repository = inRegistry(row);
  const manifests = await images.list(tx, repository);
  const tags = Map.groupBy(await images.listTags(tx, repository), ({ digest }) => digest);
  const indexes = Map.groupBy(
    manifests.flatMap((index) => index.manifests.map((child) => ({ child, index: index.digest }))),
    ({ child }) => child,
  );
  return Promise.all(
    manifests.map(async (manifest): Promise<LifecycleImage> => {
      const { digest, pushedAtMs, storageClass = 'STANDARD', subject, lastArchivedAtMs, lastActivatedAtMs } = manifest;
      const names = (tags.get(digest) ?? []).map(({ tag }) => tag);
      const pulledAtMs = withPulls ? await images.pulledAt(tx, manifest) : undefined;
      const isSpared = spared.has(`${row.name}@${digest}`) || names.some((name) => spared.has(`${row.name}:${name}`));
      return {
        digest,
        tags: names,
        storageClass,
        pushedAtMs,
        indexes: (indexes.get(digest) ?? []).map(({ index }) => index).filter((index) => index !== digest),
        ...(pulledAtMs !== undefined && { pulledAtMs }),
        ...(lastArchivedAtMs !== undefined && { archivedAtMs: lastArchivedAtMs }),
        ...(lastActivatedAtMs !== undefined && { activatedAtMs: lastActivatedAtMs }),
        ...(subject !== undefined && { subject }),
        ...(isSpared && { isSpared }),
      };
    }),
  );
}
