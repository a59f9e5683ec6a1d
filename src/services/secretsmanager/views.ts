import type { SecretListEntry, SecretValueEntry, SecretVersionsListEntry } from '@aws-sdk/client-secrets-manager';
import { labelsOf } from './domain/stages.ts';
import type { SecretValue } from './secret-value.ts';
import type { SecretRow, VersionRow } from './tables.ts';
import { tagsView } from './tags.ts';

/** What AWS calls its own key, of secrets for which none was given. */
const DEFAULT_KEY = 'DefaultEncryptionKey';

/** What DescribeSecret and ListSecrets have in common. */
export function secretView(row: SecretRow): Omit<SecretListEntry, 'SecretVersionsToStages'> {
  const { description, kmsKeyId, accessedDayMs, deletionAtMs, tags } = row;
  return {
    ARN: row.arn,
    Name: row.name,
    ...(description !== undefined && { Description: description }),
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    CreatedDate: new Date(row.createdAtMs),
    LastChangedDate: new Date(row.changedAtMs),
    ...(accessedDayMs !== undefined && { LastAccessedDate: new Date(accessedDayMs) }),
    ...(deletionAtMs !== undefined && { DeletedDate: new Date(deletionAtMs) }),
    ...(tags && { Tags: tagsView(tags) }),
  };
}

/** Labels by version; undefined of a secret without a value. */
export function stagesView({ stages }: SecretRow): Record<string, string[]> | undefined {
  const ids = [...new Set(stages.map(({ versionId }) => versionId))];
  return ids.length === 0 ? undefined : Object.fromEntries(ids.map((id) => [id, labelsOf(stages, id)]));
}

export function versionView({ stages }: SecretRow, version: VersionRow): SecretVersionsListEntry {
  const { versionId, createdAtMs, accessedDayMs, kmsKeyId } = version;
  const labels = labelsOf(stages, versionId);
  return {
    VersionId: versionId,
    ...(labels.length > 0 && { VersionStages: labels }),
    ...(accessedDayMs !== undefined && { LastAccessedDate: new Date(accessedDayMs) }),
    CreatedDate: new Date(createdAtMs),
    KmsKeyIds: [kmsKeyId ?? DEFAULT_KEY],
  };
}

export function valueView({ arn, name, stages }: SecretRow, version: VersionRow, value: SecretValue): SecretValueEntry {
  const labels = labelsOf(stages, version.versionId);
  return {
    ARN: arn,
    Name: name,
    VersionId: version.versionId,
    ...value,
    ...(labels.length > 0 && { VersionStages: labels }),
    CreatedDate: new Date(version.createdAtMs),
  };
}
