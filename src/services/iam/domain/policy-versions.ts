import { deleteConflict, limitExceeded } from '../errors.ts';
import { noSuchVersion } from '../policy-errors.ts';
import type { PolicyRow } from '../tables.ts';
import { QUOTAS } from './quotas.ts';

/** The policy with one version more; throws LimitExceeded where it has five. */
export function withVersion(
  row: PolicyRow,
  document: string,
  { now, asDefault }: { readonly now: number; readonly asDefault: boolean },
): PolicyRow {
  if (row.versions.length >= QUOTAS.VersionsPerPolicy) {
    throw limitExceeded(
      `A managed policy can have up to ${QUOTAS.VersionsPerPolicy} versions. Before you create a new version, you must delete an existing version.`,
    );
  }
  const lastVersion = row.lastVersion + 1;
  const id = `v${lastVersion}`;
  return {
    ...row,
    lastVersion,
    versions: [...row.versions, { id, document, createdAtMs: now }],
    defaultVersionId: asDefault ? id : row.defaultVersionId,
    updatedAtMs: now,
  };
}

/** Throws NoSuchEntity, or DeleteConflict for the default version. */
export function withoutVersion(row: PolicyRow, versionId: string): PolicyRow {
  requireVersion(row, versionId);
  if (versionId === row.defaultVersionId) throw deleteConflict('Cannot delete the default version of a policy.');
  return { ...row, versions: row.versions.filter(({ id }) => id !== versionId) };
}

export function withDefault(row: PolicyRow, versionId: string): PolicyRow {
  requireVersion(row, versionId);
  return { ...row, defaultVersionId: versionId };
}

function requireVersion(row: PolicyRow, versionId: string): void {
  if (!row.versions.some(({ id }) => id === versionId)) throw noSuchVersion(row.arn, versionId);
}
