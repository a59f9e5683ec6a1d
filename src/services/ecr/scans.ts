import type { ImageScanFindingsSummary, ImageScanStatus } from '@aws-sdk/client-ecr';
import type { ManifestRow } from '../../registry/tables.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { repositoryScanning } from './domain/scanning.ts';
import { findRegistry } from './registries.ts';
import { scans } from './tables.ts';
import type { RepositoryRow, ScanRow, ScanSummary } from './tables.ts';

/** Configurations of container images; whatever has another is an artifact. */
const IMAGE_CONFIGS = new Set([
  'application/vnd.docker.container.image.v1+json',
  'application/vnd.oci.image.config.v1+json',
]);

/** As the registry keys it. */
export function imageKey({ repository, digest }: Pick<ManifestRow, 'repository' | 'digest'>): string {
  return `${repository}@${digest}`;
}

/** Not an index, nor an artifact. */
export function isScannable({ configMediaType, artifactType, manifests }: ManifestRow): boolean {
  return (
    manifests.length === 0 &&
    artifactType === undefined &&
    configMediaType !== undefined &&
    IMAGE_CONFIGS.has(configMediaType)
  );
}

/** Undefined for one of an image of the same digest that was deleted. */
export async function scanOf(tx: ReadTx, image: ManifestRow): Promise<Stored<ScanRow> | undefined> {
  const found = await tx.get(scans, imageKey(image));
  return found?.pushedAtMs === image.pushedAtMs ? found : undefined;
}

/** A reconciler does the rest. */
export async function startScan(tx: WriteTx, image: ManifestRow, now: number): Promise<void> {
  const key = imageKey(image);
  const summary = (await scanOf(tx, image))?.summary;
  await tx.delete(scans, key);
  await tx.put(scans, {
    image: key,
    pushedAtMs: image.pushedAtMs,
    startedAtMs: now,
    status: 'IN_PROGRESS',
    ...(summary && { summary }),
  });
}

/** Starts the scan of an image that was pushed just now, if its repository is scanned on push. */
export async function scanOnPush(tx: WriteTx, repository: RepositoryRow, image: ManifestRow): Promise<void> {
  if (!isScannable(image)) return;
  const { scanning } = await findRegistry(tx, repository);
  if (repositoryScanning(repository, scanning).scanOnPush) await startScan(tx, image, image.pushedAtMs);
}

export function scanStatusView({ status, description }: ScanRow): ImageScanStatus {
  return { status, ...(description !== undefined && { description }) };
}

export function scanSummaryView({ completedAtMs, sourceUpdatedAtMs, counts }: ScanSummary): ImageScanFindingsSummary {
  return {
    imageScanCompletedAt: new Date(completedAtMs),
    ...(sourceUpdatedAtMs !== undefined && { vulnerabilitySourceUpdatedAt: new Date(sourceUpdatedAtMs) }),
    findingSeverityCounts: { ...counts },
  };
}
