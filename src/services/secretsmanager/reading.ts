import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { ReadTx } from '../../store/store.ts';
import { CURRENT, versionWith } from './domain/stages.ts';
import { invalidRequest, stageNotFound, versionNotFound } from './errors.ts';
import type { SecretsContext } from './operation.ts';
import { openValue } from './secret-value.ts';
import type { SecretValue } from './secret-value.ts';
import { secrets, values, versionKey, versions } from './tables.ts';
import type { SecretRow, VersionRow } from './tables.ts';
import { dayOf } from './versions.ts';

interface Wanted {
  readonly VersionId?: string | undefined;
  readonly VersionStage?: string | undefined;
}

interface ReadSecret {
  readonly secret: SecretRow;
  readonly version: VersionRow;
  readonly value: SecretValue;
}

/**
 * The value of the version that is asked for, or of the current one.
 * @throws ServiceError ResourceNotFoundException, InvalidRequestException, DecryptionFailure
 */
export async function readValue(
  tx: ReadTx,
  box: SealedBox,
  secret: SecretRow,
  { VersionId: id, VersionStage: stage }: Wanted = {},
): Promise<ReadSecret> {
  const label = stage ?? CURRENT;
  const labelled = versionWith(secret.stages, label);
  const versionId = id ?? labelled;
  if (versionId === undefined) throw stageNotFound(label);
  const version = await tx.get(versions, versionKey(secret.arn, versionId));
  const stored = await tx.get(values, versionKey(secret.arn, versionId));
  if (!version || !stored) throw versionNotFound(versionId);
  if (stage !== undefined && labelled !== versionId) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return { secret, version, value: openValue(box, stored) };
}

/** Writes down the day on which a value was read: of most reads that is known already. */
export async function noteAccess(ctx: SecretsContext, { secret, version }: ReadSecret): Promise<void> {
  const accessedDayMs = dayOf(ctx.now);
  if (secret.accessedDayMs === accessedDayMs && version.accessedDayMs === accessedDayMs) return;
  await ctx.write(async (tx) => {
    const latest = await tx.get(secrets, secrets.key(secret));
    if (latest?.arn !== secret.arn) return;
    await tx.put(secrets, { ...latest, accessedDayMs });
    const latestVersion = await tx.get(versions, versions.key(version));
    if (latestVersion) await tx.put(versions, { ...latestVersion, accessedDayMs });
  });
}
