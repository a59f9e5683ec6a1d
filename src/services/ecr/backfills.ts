import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ManifestRow } from '../../registry/tables.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { advance, triedOf } from './domain/backfill-progress.ts';
import type { Outcome } from './domain/backfill-progress.ts';
import { destinationsOf } from './domain/replication-rules.ts';
import { findRegistry } from './registries.ts';
import { keyOf, replicate } from './replication.ts';
import { inRegistry } from './repositories.ts';
import {
  backfillReplicationKey,
  backfillReplications,
  backfills,
  replications,
  repositories,
  repositoryKey,
} from './tables.ts';
import type { BackfillReplicationRow, BackfillRow, ReplicationRuleRow, RepositoryRow } from './tables.ts';

/* Other writers wait for a transaction, so one takes no more than these. */
const IMAGES_AT_ONCE = 100;
const REPLICATIONS_AT_ONCE = 100;
const COPIES_AT_ONCE = 20;
const REPOSITORIES_AT_ONCE = 100;

export function isDestination(rules: readonly ReplicationRuleRow[], destination: Scope): boolean {
  return rules.some(({ destinations }) => destinations.some((one) => scopeKey(one) === scopeKey(destination)));
}

/** Looks through the next images of a registry, and notes those that are to be replicated. */
export async function prepare(tx: WriteTx, registry: Registry, id: string, now: number): Promise<void> {
  const row = await tx.get(backfills, id);
  if (row?.status !== 'PREPARING' || !row.preparedTo) return;
  const { preparedTo, ...rest } = row;
  const repository = await repositoryAt(tx, row, preparedTo);
  if (!repository) {
    await tx.put(backfills, row.total > 0 ? { ...rest, status: 'IN_PROGRESS' } : { ...rest, ...completeAt(now) });
    return;
  }
  const { name } = repository;
  const images = await registry.images.list(tx, inRegistry(repository), {
    limit: IMAGES_AT_ONCE,
    ...(preparedTo.name === name && preparedTo.digest !== undefined && { after: preparedTo.digest }),
  });
  let { total } = row;
  let last: ManifestRow | undefined;
  for (const image of images) {
    if (total - row.total >= REPLICATIONS_AT_ONCE) break;
    last = image;
    for (const tag of await replicationsOf(tx, registry, repository, image)) {
      await tx.put(backfillReplications, {
        backfill: id,
        sequence: total,
        repositoryName: name,
        digest: image.digest,
        ...(tag !== undefined && { tag }),
        ...(image.manifests.length > 0 && { isIndex: true as const }),
      });
      total += 1;
    }
  }
  await tx.put(backfills, { ...row, total, preparedTo: { name, ...(last && { digest: last.digest }) } });
}

const completeAt = (now: number) => ({ status: 'COMPLETE', endedAtMs: now }) as const;

/** The repository that was begun, or the next one that the rules send to the destination. */
async function repositoryAt(
  tx: ReadTx,
  row: BackfillRow,
  { name, digest }: NonNullable<BackfillRow['preparedTo']>,
): Promise<RepositoryRow | undefined> {
  const begun = digest === undefined ? undefined : await tx.get(repositories, repositoryKey(row, name));
  if (begun) return begun;
  const rules = (await findRegistry(tx, row)).replication?.rules ?? [];
  const toDestination = rules.filter((rule) => isDestination([rule], row.destination));
  for (let after = repositoryKey(row, name); ;) {
    const page = await tx.list(repositories, { prefix: repositoryKey(row, ''), after, limit: REPOSITORIES_AT_ONCE });
    const found = page.find((one) => destinationsOf(toDestination, one.name).length > 0);
    const last = page.at(-1);
    if (found || !last) return found;
    after = repositoryKey(last, last.name);
  }
}

/**
 * An image goes under each of its tags; without one it goes by its digest, unless an index takes it along. What came by
 * replication goes no further, and what is archived cannot be pulled.
 */
async function replicationsOf(
  tx: ReadTx,
  { images }: Registry,
  repository: RepositoryRow,
  image: ManifestRow,
): Promise<readonly (string | undefined)[]> {
  if (images.isArchived(image)) return [];
  if ((await tx.get(replications, keyOf(repository, image.digest)))?.isReplica) return [];
  const tags = await images.tagsOf(tx, image);
  if (tags.length > 0) return tags;
  return (await images.activeIndexesOf(tx, image)).length > 0 ? [] : [undefined];
}

/** Does the next replications of a backfill that is prepared. */
export async function proceed(tx: WriteTx, registry: Registry, id: string, now: number): Promise<void> {
  const row = await tx.get(backfills, id);
  if (row?.status !== 'IN_PROGRESS') return;
  const due = await tx.list(backfillReplications, {
    prefix: `${id}/`,
    ...(triedOf(row) > 0 && { after: backfillReplicationKey(id, triedOf(row) - 1) }),
    limit: COPIES_AT_ONCE,
  });
  let next: Stored<BackfillRow> = row;
  for (const one of due) {
    const failureCode = await tryOne(tx, registry, { row, one, now });
    const outcome: Outcome = failureCode === undefined ? { status: 'COMPLETE' } : { status: 'FAILED', failureCode };
    await tx.put(backfillReplications, { ...one, ...outcome });
    next = advance(next, outcome, now);
    if (next.status !== 'IN_PROGRESS') break;
  }
  await tx.put(backfills, next);
}

/** Answers a failure code, or undefined. */
async function tryOne(
  tx: WriteTx,
  registry: Registry,
  { row, one, now }: { readonly row: BackfillRow; readonly one: BackfillReplicationRow; readonly now: number },
): Promise<string | undefined> {
  const { digest, tag, repositoryName } = one;
  const repository = await tx.get(repositories, repositoryKey(row, repositoryName));
  const image = repository && (await registry.images.find(tx, inRegistry(repository), digest));
  const tagRow = image && (await registry.images.tagRowsOf(tx, image)).find((known) => known.tag === tag);
  // A tag that was moved since is another image's, which is replicated for having been pushed.
  if (!image || (tag !== undefined && !tagRow)) return 'ImageNotFound';
  if (registry.images.isArchived(image)) return 'ImageArchived';
  const key = keyOf(repository, digest);
  const known = await tx.get(replications, key);
  const told = known?.destinations.find((to) => scopeKey(to) === scopeKey(row.destination))?.tags;
  const tags = { ...told, ...(tagRow && { [tagRow.tag]: tagRow.taggedAtMs }) };
  const due = { destination: row.destination, tags, newTags: tagRow ? [tagRow.tag] : [] };
  return replicate(tx, registry, key, { due, now });
}
