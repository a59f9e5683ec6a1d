import type { ConditionValues } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { readSecretId, unknownSecretArn } from './domain/secret-id.ts';
import { constraint, markedForDeletion, secretNotFound, validation } from './errors.ts';
import { secretKey, secrets } from './tables.ts';
import type { SecretRow } from './tables.ts';

const MOST_CHARACTERS = 2048;

export interface Named {
  readonly SecretId?: string | undefined;
}

/** Any region's, any account's: of another account by ARN, which its resource policy may allow. */
export async function findSecret(tx: ReadTx, scope: Scope, secretId: string): Promise<Stored<SecretRow> | undefined> {
  const id = readSecretId(secretId, scope);
  if (id === undefined || id.region !== scope.region) return undefined;
  const row = await tx.get(secrets, secretKey(id, id.name));
  return id.arn === undefined || row?.arn === id.arn ? row : undefined;
}

/**
 * The secret that a call names, also if it is scheduled for deletion.
 * @throws ServiceError ResourceNotFoundException, ValidationException
 */
export async function requireSecret(
  tx: ReadTx,
  scope: Scope,
  { SecretId: id = '' }: Named,
): Promise<Stored<SecretRow>> {
  checkSecretId(scope, id);
  const row = await findSecret(tx, scope, id);
  if (!row) throw secretNotFound();
  return row;
}

/** @throws ServiceError ResourceNotFoundException, ValidationException, InvalidRequestException for one that is to go */
export async function requireLiveSecret(tx: ReadTx, scope: Scope, input: Named): Promise<Stored<SecretRow>> {
  const row = await requireSecret(tx, scope, input);
  if (row.deletionAtMs !== undefined) throw markedForDeletion();
  return row;
}

/** @throws ServiceError ValidationException */
export function checkSecretId(scope: Scope, id: string): void {
  if (id === '') throw constraint('secretId', 'have length greater than or equal to 1', id);
  if (id.length > MOST_CHARACTERS) throw constraint('secretId', `have length less than or equal to ${MOST_CHARACTERS}`);
  if (readSecretId(id, scope) === undefined) throw invalidName();
}

export const invalidName = () =>
  validation(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );

/** The full ARN of what a call names, for authorization; of what is not there, the ARN that policies would match. */
export async function arnOf(tx: ReadTx, scope: Scope, secretId: string): Promise<string> {
  const row = await findSecret(tx, scope, secretId);
  if (row) return row.arn;
  const id = readSecretId(secretId, scope);
  return id?.arn ?? unknownSecretArn(id ?? scope, id?.name ?? secretId);
}

export const secretResource = async ({ SecretId: id = '' }: Named, scope: Scope, tx: ReadTx) => [
  await arnOf(tx, scope, id),
];

/** What every call on a secret has of condition keys; the name is resolved, for policies hold ARNs. */
export async function secretConditions(
  { SecretId: id = '' }: Named,
  scope: Scope,
  tx: ReadTx,
): Promise<ConditionValues> {
  const row = await findSecret(tx, scope, id);
  return {
    'secretsmanager:secretid': await arnOf(tx, scope, id),
    ...(row && { 'secretsmanager:secretprimaryregion': row.region }),
  };
}

/** The secret behind an ARN of this service, in full. */
async function secretByArn(tx: ReadTx, arn: string): Promise<SecretRow | undefined> {
  const id = readSecretId(arn, { account: '', region: '' });
  return id?.arn === undefined ? undefined : findSecret(tx, id, arn);
}

export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  return (await secretByArn(tx, arn))?.tags;
}

export async function policyOnArn(tx: ReadTx, arn: string): Promise<string | undefined> {
  return (await secretByArn(tx, arn))?.policy;
}
