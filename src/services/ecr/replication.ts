import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ManifestRow } from '../../registry/tables.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { createForUse } from './creation.ts';
import type { Due, Pushed, ReplicatedImage } from './domain/replication-plan.ts';
import { destinationsOf } from './domain/replication-rules.ts';
import { findRegistry } from './registries.ts';
import { inRegistry } from './repositories.ts';
import { replications, repositories, repositoryKey } from './tables.ts';
import type { ReplicaStatus, RepositoryRow } from './tables.ts';

/** Of a destination in an account that this server does not have. */
const NO_SUCH_REGISTRY = 'RegistryNotFound';

/** What there is to know about the replication of an image; undefined where no rule is about it. */
export async function replicatedImage(
  tx: ReadTx,
  registry: Registry,
  repository: RepositoryRow,
  image: ManifestRow,
): Promise<ReplicatedImage | undefined> {
  const known = await tx.get(replications, keyOf(repository, image.digest));
  if (known?.isReplica) return undefined;
  const { replication } = await findRegistry(tx, repository);
  const destinations = replication ? destinationsOf(replication, repository.name) : [];
  const statuses = known?.destinations ?? [];
  if (destinations.length === 0 && statuses.length === 0) return undefined;
  const rows = await registry.images.tagRowsOf(tx, image);
  const tags = Object.fromEntries(rows.map(({ tag, taggedAtMs }) => [tag, taggedAtMs]));
  return { pushedAtMs: image.pushedAtMs, tags, destinations, statuses };
}

/**
 * Copies an image to one destination and writes down what came of it, all in the caller's transaction. Answers a failure
 * code, or undefined.
 * @param work.pushed it was pushed to another registry instead, before
 */
export async function replicate(
  tx: WriteTx,
  registry: Registry,
  key: string,
  work: { readonly due: Due; readonly now: number; readonly pushed?: Pushed | undefined },
): Promise<string | undefined> {
  const { due, now, pushed } = work;
  const place = placeOf(key);
  const repository = await tx.get(repositories, repositoryKey(place, place.name));
  const image = repository && (await registry.images.find(tx, inRegistry(repository), place.digest));
  if (!repository || !image) return 'ImageNotFound';
  const isHere = due.destination.account === place.account;
  const copy = async () => (isHere ? copyTo(tx, registry, image, { name: place.name, due, now }) : NO_SUCH_REGISTRY);
  const failureCode = pushed ? pushed.failureCode : await copy();
  const known = await tx.get(replications, key);
  const others = (known?.destinations ?? []).filter((one) => scopeKey(one) !== scopeKey(due.destination));
  const status: ReplicaStatus = {
    ...due.destination,
    tags: due.tags,
    ...(failureCode === undefined ? { status: 'COMPLETE' } : { status: 'FAILED', failureCode }),
  };
  await tx.put(replications, { ...known, image: key, destinations: [...others, status] });
  return failureCode;
}

/** Answers a failure code, or undefined. */
async function copyTo(
  tx: WriteTx,
  registry: Registry,
  image: ManifestRow,
  { name, due, now }: { readonly name: string; readonly due: Due; readonly now: number },
): Promise<string | undefined> {
  const { destination, newTags } = due;
  const found = await tx.get(repositories, repositoryKey(destination, name));
  const row = found ?? (await createForUse(tx, destination, name, { use: 'REPLICATION', now }));
  const target = inRegistry(row);
  for (const digest of await registry.images.copyImage(tx, image, target, { now })) {
    const key = keyOf(row, digest);
    await tx.put(replications, { ...(await tx.get(replications, key)), image: key, destinations: [], isReplica: true });
  }
  let failureCode: string | undefined;
  const current = await registry.images.tagsOf(tx, image);
  // A tag that has moved on since is another image's by now, there too.
  for (const tag of newTags.filter((one) => current.includes(one))) {
    await registry.images.copyImage(tx, image, target, { tag, now }).catch((error: unknown) => {
      if (!(error instanceof ServiceError)) throw error;
      failureCode = error.code.replace(/Exception$/, '');
    });
  }
  return failureCode;
}

interface ImagePlace extends Scope {
  readonly name: string;
  readonly digest: string;
}

/** `account/region/name@digest`, the registry's own key, taken apart. */
export function placeOf(key: string): ImagePlace {
  const [repository = '', digest = ''] = key.split('@');
  const [account = '', region = '', ...name] = repository.split('/');
  return { account, region, name: name.join('/'), digest };
}

export function keyOf(repository: RepositoryRow, digest: string): string {
  return `${repositoryKey(repository, repository.name)}@${digest}`;
}
