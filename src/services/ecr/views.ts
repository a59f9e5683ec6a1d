import type { ImageDetail, Repository } from '@aws-sdk/client-ecr';
import type { ManifestRow } from '../../registry/tables.ts';
import { encryptionView } from './domain/encryption.ts';
import { exclusionFilters } from './domain/mutability-setting.ts';
import { statusOf } from './image-status.ts';
import { repositoryArn } from './scope.ts';
import { scanStatusView, scanSummaryView } from './scans.ts';
import type { RepositoryRow, ScanRow } from './tables.ts';

export function repositoryView(row: RepositoryRow, registryHost: string): Repository {
  return {
    repositoryArn: repositoryArn(row, row.name),
    registryId: row.account,
    repositoryName: row.name,
    repositoryUri: `${registryHost}/${row.name}`,
    createdAt: new Date(row.createdAtMs),
    imageTagMutability: row.imageTagMutability,
    ...exclusionFilters(row),
    imageScanningConfiguration: { scanOnPush: row.scanOnPush },
    encryptionConfiguration: encryptionView(row.encryption),
  };
}

/** @param known.tags sorted; ECR leaves an empty list out */
export function imageView(
  image: ManifestRow,
  repository: RepositoryRow,
  known: {
    readonly tags: readonly string[];
    readonly pulledAtMs: number | undefined;
    readonly scan: ScanRow | undefined;
  },
): ImageDetail {
  const { tags, pulledAtMs, scan } = known;
  const artifactMediaType = image.artifactType ?? image.configMediaType;
  return {
    registryId: repository.account,
    repositoryName: repository.name,
    imageDigest: image.digest,
    ...(tags.length > 0 && { imageTags: [...tags] }),
    imageSizeInBytes: image.imageSizeBytes,
    imagePushedAt: new Date(image.pushedAtMs),
    ...(scan && { imageScanStatus: scanStatusView(scan) }),
    ...(scan?.summary && { imageScanFindingsSummary: scanSummaryView(scan.summary) }),
    imageManifestMediaType: image.mediaType,
    ...(artifactMediaType !== undefined && { artifactMediaType }),
    ...(image.subject !== undefined && { subjectManifestDigest: image.subject }),
    ...(pulledAtMs !== undefined && { lastRecordedPullTime: new Date(pulledAtMs) }),
    imageStatus: statusOf(image),
    ...(image.lastArchivedAtMs !== undefined && { lastArchivedAt: new Date(image.lastArchivedAtMs) }),
    ...(image.lastActivatedAtMs !== undefined && { lastActivatedAt: new Date(image.lastActivatedAtMs) }),
  };
}
