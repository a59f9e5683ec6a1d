import type { ServiceEnvironment } from '../../api/service.ts';
import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ManifestRow } from '../../registry/tables.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { advance, triedOf } from './domain/backfill-progress.ts';
import type { Outcome } from './domain/backfill-progress.ts';
import { destinationsOf } from './domain/replication-rules.ts';
import { findRegistry } from './registries.ts';
import type { EcrPorts } from './operation.ts';
import { pushReplica } from './remote-replication.ts';
import type { Due, Pushed } from './domain/replication-plan.ts';
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
/** To another registry, before what came of them is written down. */
const PUSHES_AT_ONCE = 5;
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
  const toDestination = { rules: rules.filter((rule) => isDestination([rule], row.destination)) };
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

/**
 * Does the next replications of a backfill that is prepared.
 * @param pushed what has come of pushes to another registry, by sequence: then those alone are written down
 */
export async function proceed(
  tx: WriteTx,
  registry: Registry,
  id: string,
  { now, pushed }: { readonly now: number; readonly pushed?: ReadonlyMap<number, Pushed> | undefined },
): Promise<void> {
  const row = await tx.get(backfills, id);
  if (row?.status !== 'IN_PROGRESS') return;
  const coming = await nextOf(tx, row, COPIES_AT_ONCE);
  const due = pushed ? coming.filter(({ sequence }) => pushed.has(sequence)) : coming;
  let next: Stored<BackfillRow> = row;
  for (const one of due) {
    const failureCode = await tryOne(tx, registry, { row, one, now, pushed: pushed?.get(one.sequence) });
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
  work: Replication & { readonly now: number; readonly pushed: Pushed | undefined },
): Promise<string | undefined> {
  const found = await dueOf(tx, registry, work);
  if (typeof found === 'string') return found;
  return replicate(tx, registry, found.key, { ...work, due: found.due });
}

interface Replication {
  readonly row: BackfillRow;
  readonly one: BackfillReplicationRow;
}

/** What is to be copied, or the failure code where there is nothing. */
async function dueOf(
  tx: ReadTx,
  registry: Registry,
  { row, one }: Replication,
): Promise<string | { readonly key: string; readonly due: Due }> {
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
  return { key, due: { destination: row.destination, tags, newTags: tagRow ? [tagRow.tag] : [] } };
}

function nextOf(tx: ReadTx, row: BackfillRow, limit: number): Promise<Stored<BackfillReplicationRow>[]> {
  const tried = triedOf(row);
  return tx.list(backfillReplications, {
    prefix: `${row.id}/`,
    ...(tried > 0 && { after: backfillReplicationKey(row.id, tried - 1) }),
    limit,
  });
}

/** Pushes the next images of a backfill whose destination is another registry; undefined where it is this server. */
export async function pushNext(
  env: ServiceEnvironment<EcrPorts>,
  id: string,
): Promise<ReadonlyMap<number, Pushed> | undefined> {
  const { store, ports } = env;
  const row = await store.read((tx) => tx.get(backfills, id));
  if (!row || !ports.replicationTargets.has(row.destination)) return undefined;
  const pushed = new Map<number, Pushed>();
  for (const one of await store.read((tx) => nextOf(tx, row, PUSHES_AT_ONCE))) {
    const found = await store.read((tx) => dueOf(tx, ports.registry, { row, one }));
    pushed.set(
      one.sequence,
      typeof found === 'string' ? { failureCode: found } : await pushReplica(env, found.key, found.due),
    );
  }
  return pushed;
}
