import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { CURRENT, stagesWithNew } from './domain/stages.ts';
import { constraint, exists, invalidRequest, limitExceeded } from './errors.ts';
import { isSameValue, openValue, sealValue } from './secret-value.ts';
import type { SecretValue } from './secret-value.ts';
import { secrets, values, versionKey, versionPrefix, versions } from './tables.ts';
import type { SecretRow, VersionRow } from './tables.ts';

const DAY_MS = 86_400_000;
/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const KEPT_VERSIONS = 100;
const MOST_LABELS = 20;
const LABEL_CHARACTERS = 256;
const TOKEN_CHARACTERS = { least: 32, most: 64 };

interface NewVersion {
  readonly versionId: string;
  readonly value: SecretValue;
  readonly labels?: readonly string[];
  readonly box: SealedBox;
  readonly now: number;
}

/** A ClientRequestToken, which becomes the version's id. @throws ServiceError InvalidRequestException, ValidationException */
export function checkToken(token: string | undefined): string {
  if (token === undefined) {
    throw invalidRequest('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
  }
  const { least, most } = TOKEN_CHARACTERS;
  if (token.length < least)
    throw constraint('clientRequestToken', `have length greater than or equal to ${least}`, token);
  if (token.length > most) throw constraint('clientRequestToken', `have length less than or equal to ${most}`, token);
  return token;
}

/** @throws ServiceError ValidationException */
export function checkLabels(labels: readonly string[]): readonly string[] {
  if (labels.length < 1) throw constraint('versionStages', 'have length greater than or equal to 1');
  if (labels.length > MOST_LABELS)
    throw constraint('versionStages', `have length less than or equal to ${MOST_LABELS}`);
  if (labels.some((label) => label.length < 1 || label.length > LABEL_CHARACTERS)) {
    throw constraint(
      'versionStages',
      `satisfy constraint: [Member must have length between 1 and ${LABEL_CHARACTERS}]`,
    );
  }
  return labels;
}

/** @throws ServiceError LimitExceededException */
export function checkLabelCount({ stages }: Pick<SecretRow, 'stages'>): void {
  if (stages.length > MOST_LABELS) {
    throw limitExceeded(`You can attach at most ${MOST_LABELS} staging labels across all versions of a secret.`);
  }
}

/**
 * Whether the token has made this very version already.
 * @throws ServiceError ResourceExistsException where it has made another
 */
export async function isRepeated(tx: ReadTx, arn: string, { versionId, value, box }: NewVersion): Promise<boolean> {
  const stored = await tx.get(values, versionKey(arn, versionId));
  if (!stored) return false;
  if (isSameValue(openValue(box, stored), value)) return true;
  throw exists(
    `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${arn}.`,
  );
}

/** Writes a version and the secret that it is one of, and drops versions that are old and have no label. */
export async function putVersion(
  tx: WriteTx,
  secret: SecretRow | Stored<SecretRow>,
  version: NewVersion,
): Promise<Stored<SecretRow>> {
  const { versionId, value, labels = [CURRENT], box, now } = version;
  const { arn, kmsKeyId } = secret;
  const stages = stagesWithNew(secret.stages, versionId, labels);
  checkLabelCount({ stages });
  await tx.put(versions, { arn, versionId, createdAtMs: now, ...(kmsKeyId !== undefined && { kmsKeyId }) });
  await tx.put(values, sealValue(box, arn, versionId, value));
  await prune(tx, arn, new Set(stages.map((stage) => stage.versionId)), now);
  return tx.put(secrets, { ...secret, stages, changedAtMs: now });
}

/** In the order of their making. */
export async function versionsOf(tx: ReadTx, arn: string): Promise<Stored<VersionRow>[]> {
  return (await tx.list(versions, { prefix: versionPrefix(arn) })).toSorted(
    (a, b) => a.createdAtMs - b.createdAtMs || (a.versionId < b.versionId ? -1 : 1),
  );
}

async function prune(tx: WriteTx, arn: string, labelled: ReadonlySet<string>, now: number): Promise<void> {
  const all = await versionsOf(tx, arn);
  const surplus = all
    .slice(0, Math.max(0, all.length - KEPT_VERSIONS))
    .filter(({ versionId, createdAtMs }) => !labelled.has(versionId) && now - createdAtMs >= DAY_MS);
  for (const { versionId } of surplus) await removeVersion(tx, arn, versionId);
}

async function removeVersion(tx: WriteTx, arn: string, versionId: string): Promise<void> {
  await tx.delete(values, versionKey(arn, versionId));
  await tx.delete(versions, versionKey(arn, versionId));
}

/** Takes a secret away for good, and all that was in it. */
export async function removeSecret(tx: WriteTx, secret: SecretRow): Promise<void> {
  for (const { versionId } of await versionsOf(tx, secret.arn)) await removeVersion(tx, secret.arn, versionId);
  await tx.delete(secrets, secrets.key(secret));
}

/** LastAccessedDate: midnight UTC of the day. */
export const dayOf = (now: number) => now - (now % DAY_MS);
