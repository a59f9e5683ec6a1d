import type { ImageDetail, Repository } from '@aws-sdk/client-ecr';
import type { ManifestRow } from '../../registry/tables.ts';
import { repositoryArn } from './scope.ts';
import type { RepositoryRow } from './tables.ts';

export function repositoryView(row: RepositoryRow, registryHost: string): Repository {
  return {
    repositoryArn: repositoryArn(row, row.name),
    registryId: row.account,
    repositoryName: row.name,
    repositoryUri: `${registryHost}/${row.name}`,
    createdAt: new Date(row.createdAtMs),
    imageTagMutability: row.imageTagMutability,
    imageScanningConfiguration: { scanOnPush: row.scanOnPush },
    encryptionConfiguration: { encryptionType: 'AES256' },
  };
}

/** @param tags sorted; ECR leaves an empty list out */
export function imageView(image: ManifestRow, repository: RepositoryRow, tags: readonly string[]): ImageDetail {
  const artifactMediaType = image.artifactType ?? image.configMediaType;
  return {
    registryId: repository.account,
    repositoryName: repository.name,
    imageDigest: image.digest,
    ...(tags.length > 0 && { imageTags: [...tags] }),
    imageSizeInBytes: image.imageSizeBytes,
    imagePushedAt: new Date(image.pushedAtMs),
    imageManifestMediaType: image.mediaType,
    ...(artifactMediaType !== undefined && { artifactMediaType }),
    ...(image.subject !== undefined && { subjectManifestDigest: image.subject }),
    imageStatus: 'ACTIVE',
  };
}
