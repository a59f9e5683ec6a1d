import { parseArn } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { ReadTx } from '../../store/store.ts';
import { groupArn, roleArn, userArn } from './arns.ts';
import { invalidInput, noSuchEntity } from './errors.ts';
import { policyDocument } from './policy-document.ts';
import { groups, iamKey, roles, users, type GroupRow, type Identity, type RoleRow, type UserRow } from './tables.ts';

/** A user, group or role that an ARN names. */
export type Entity =
  | { readonly kind: 'user'; readonly arn: string; readonly row: UserRow }
  | { readonly kind: 'group'; readonly arn: string; readonly row: GroupRow }
  | { readonly kind: 'role'; readonly arn: string; readonly row: RoleRow };

/** A policy that an entity has, itself or from one of its groups. */
export interface OwnedPolicy {
  readonly type: 'inline' | 'managed';
  readonly name: string;
  /** Of a managed policy. */
  readonly arn?: string;
  /** Whose it is: the group, for what a user has from a group. */
  readonly owner: Entity;
  readonly document: string;
}

/**
 * The entity that an ARN names, with its path.
 * @throws ServiceError InvalidInput for what is not the ARN of a user, group or role, NoSuchEntity for one that is not there
 */
export async function entityByArn(tx: ReadTx, account: string, arn: string): Promise<Entity> {
  const { kind, name, owner } = entityName(arn);
  const entity = owner === account ? await findEntity(tx, account, kind, name) : undefined;
  if (entity?.arn !== arn) throw noSuchEntity(kind, name);
  return entity;
}

/**
 * What an ARN says before anything is looked up.
 * @throws ServiceError InvalidInput
 */
export function entityName(arn: string): { kind: Entity['kind']; name: string; owner: string } {
  const parsed = parseArn(arn);
  if (!parsed) throw invalidInput(`Invalid ARN: ${arn}`);
  const [kind = '', ...path] = parsed.resource.split('/');
  const name = path.at(-1) ?? '';
  if (parsed.service !== 'iam' || !isKind(kind) || name === '') {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  return { kind, name, owner: parsed.account };
}

/** Inline policies first, then managed ones; of a user then those of its groups. */
export async function policiesOfEntity(tx: ReadTx, entity: Entity): Promise<OwnedPolicy[]> {
  const own = await ownPolicies(tx, entity);
  if (entity.kind !== 'user') return own;
  for (const name of entity.row.groups) {
    const group = await findEntity(tx, entity.row.account, 'group', name);
    if (group) own.push(...(await ownPolicies(tx, group)));
  }
  return own;
}

/** The text of an entity's permissions boundary; groups have none. Throws NoSuchEntity where its policy is no more. */
export async function boundaryOfEntity(tx: ReadTx, { kind, row }: Entity): Promise<string | undefined> {
  if (kind === 'group' || row.boundaryArn === undefined) return undefined;
  const policy = await policyDocument(tx, row.account, row.boundaryArn);
  if (policy) return policy.document;
  throw new ServiceError('NoSuchEntityException', `Policy ${row.boundaryArn} was not found.`, { httpStatus: 404 });
}

/** The members of a group. */
export async function usersOfGroup(tx: ReadTx, { account, name }: Identity): Promise<Entity[]> {
  const rows = await tx.list(users, { where: ['group', iamKey(account, name)] });
  return rows.map((row) => ({ kind: 'user', arn: userArn(row), row }));
}

async function ownPolicies(tx: ReadTx, owner: Entity): Promise<OwnedPolicy[]> {
  const { inline, attached, account } = owner.row;
  const found: OwnedPolicy[] = Object.entries(inline).map(([name, document]) => ({
    type: 'inline',
    name,
    owner,
    document,
  }));
  for (const arn of attached) {
    const policy = await policyDocument(tx, account, arn);
    if (policy) found.push({ type: 'managed', name: policy.name, arn, owner, document: policy.document });
  }
  return found;
}

async function findEntity(
  tx: ReadTx,
  account: string,
  kind: Entity['kind'],
  name: string,
): Promise<Entity | undefined> {
  const key = iamKey(account, name);
  if (kind === 'user') {
    const row = await tx.get(users, key);
    return row && { kind, arn: userArn(row), row };
  }
  if (kind === 'group') {
    const row = await tx.get(groups, key);
    return row && { kind, arn: groupArn(row), row };
  }
  const row = await tx.get(roles, key);
  return row && { kind, arn: roleArn(row), row };
}

function isKind(kind: string): kind is Entity['kind'] {
  return kind === 'user' || kind === 'group' || kind === 'role';
}
