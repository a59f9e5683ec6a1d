import { parseArn } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { roleArn, userArn } from './arns.ts';
import type { LastAccessedEntity } from './last-accessed-jobs.ts';
import { requireManagedPolicy } from './managed-policies.ts';
import { policyDocument } from './policy-document.ts';
import { entityByArn, policiesOfEntity, usersOfGroup, type Entity } from './policy-source.ts';
import { policyUsers } from './policy-usage.ts';
import { lastUses } from './tables.ts';

/** AWS keeps this data for so long. */
const TRACKED_MS = 400 * 86_400_000;

/** What a report is about, and who it follows. */
interface Subject {
  readonly documents: readonly string[];
  readonly entities: readonly Entity[];
}

/**
 * The policies of a user, group or role, or a managed policy, and those who have them with their uses so far.
 * @throws ServiceError InvalidInput, NoSuchEntity
 */
export async function lastAccessedSubject(
  tx: ReadTx,
  { account, arn, now }: { readonly account: string; readonly arn: string; readonly now: number },
): Promise<{ documents: readonly string[]; entities: readonly LastAccessedEntity[] }> {
  const { documents, entities } = await subjectOf(tx, account, arn);
  const followed: LastAccessedEntity[] = [];
  for (const entity of entities) followed.push(await followedEntity(tx, entity, now - TRACKED_MS));
  return { documents, entities: followed };
}

async function subjectOf(tx: ReadTx, account: string, arn: string): Promise<Subject> {
  if (parseArn(arn)?.resource.startsWith('policy/')) return subjectOfPolicy(tx, account, arn);
  const entity = await entityByArn(tx, account, arn);
  const documents = (await policiesOfEntity(tx, entity)).map(({ document }) => document);
  return { documents, entities: entity.kind === 'group' ? await usersOfGroup(tx, entity.row) : [entity] };
}

/** Users and roles that it is attached to, and members of groups that it is attached to. */
async function subjectOfPolicy(tx: ReadTx, account: string, arn: string): Promise<Subject> {
  await requireManagedPolicy(tx, account, arn);
  const { attachedTo } = await policyUsers(tx, account, arn);
  const members = await Promise.all(attachedTo.groups.map((group) => usersOfGroup(tx, group)));
  const found: Entity[] = [
    ...attachedTo.users.map((row): Entity => ({ kind: 'user', arn: userArn(row), row })),
    ...attachedTo.roles.map((row): Entity => ({ kind: 'role', arn: roleArn(row), row })),
    ...members.flat(),
  ];
  const entities = [...new Map(found.map((entity) => [entity.arn, entity])).values()];
  const policy = await policyDocument(tx, account, arn);
  return { documents: policy ? [policy.document] : [], entities };
}

async function followedEntity(tx: ReadTx, { kind, arn, row }: Entity, sinceMs: number): Promise<LastAccessedEntity> {
  const uses = await tx.list(lastUses, { prefix: `${row.id}/` });
  const recent = uses.filter(({ atMs }) => atMs >= sinceMs);
  return {
    type: kind === 'role' ? 'ROLE' : 'USER',
    arn,
    id: row.id,
    name: row.name,
    path: row.path,
    uses: Object.fromEntries(recent.map(({ service, atMs, region }) => [service, { atMs, region }])),
  };
}
