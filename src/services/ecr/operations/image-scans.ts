import type { ImageIdentifier, ImageScanFinding } from '@aws-sdk/client-ecr';
import { imageArchived, scanNotFound, scanQuotaExceeded, unsupportedImageType } from '../errors.ts';
import { requireImage } from '../images.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../pagination.ts';
import { requireRepository } from '../repositories.ts';
import { imageKey, isScannable, scanOf, scanStatusView, scanSummaryView, startScan } from '../scans.ts';
import { registryOf, repositoryResource } from '../scope.ts';
import { scanFindings } from '../tables.ts';
import type { ScanFinding, ScanRow } from '../tables.ts';

const ONCE_PER_MS = 24 * 60 * 60 * 1000;

/**
 * Starts a basic scan. An image is scanned once in 24 hours, unless that scan failed.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartImageScan.html
 */
export const StartImageScan = operation('StartImageScan', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'StartImageScan', input);
    const { imageId = {}, repositoryName = '' } = input;
    const { digest } = await ctx.write(async (tx) => {
      const row = await requireRepository(tx, scope, repositoryName);
      const image = await requireImage(ctx, tx, row, imageId);
      if (!isScannable(image)) throw unsupportedImageType(image, row);
      if (ctx.ports.registry.images.isArchived(image)) throw imageArchived(image.digest, row);
      const before = await scanOf(tx, image);
      if (before && !mayBeFollowed(before, ctx.now)) throw scanQuotaExceeded();
      await startScan(tx, image, ctx.now);
      return image;
    });
    return {
      registryId: scope.account,
      repositoryName,
      imageId: named(imageId, digest),
      imageScanStatus: { status: 'IN_PROGRESS' as const },
    };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html */
export const DescribeImageScanFindings = operation('DescribeImageScanFindings', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DescribeImageScanFindings', input);
    const { imageId = {}, repositoryName = '' } = input;
    const { scan, digest, all } = await ctx.read(async (tx) => {
      const row = await requireRepository(tx, scope, repositoryName);
      const image = await requireImage(ctx, tx, row, imageId);
      const scan = await scanOf(tx, image);
      if (!scan) throw scanNotFound(named(imageId, image.digest), row);
      const found = await tx.get(scanFindings, imageKey(image));
      return { scan, digest: image.digest, all: found?.findings ?? [] };
    });
    // Those of an earlier scan are not this one's.
    const summary = scan.status === 'COMPLETE' ? scan.summary : undefined;
    const ordered = summary ? all.map((finding, i) => ({ finding, key: String(i).padStart(8, '0') })) : [];
    const page = pageOf(ordered, ({ key }) => key, input);
    return {
      registryId: scope.account,
      repositoryName,
      imageId: named(imageId, digest),
      imageScanStatus: scanStatusView(scan),
      ...(summary && {
        imageScanFindings: {
          ...scanSummaryView(summary),
          findings: page.items.map(({ finding }) => findingView(finding)),
        },
      }),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },
});

function mayBeFollowed({ status, startedAtMs }: ScanRow, now: number): boolean {
  return status === 'FAILED' || (status === 'COMPLETE' && now - startedAtMs >= ONCE_PER_MS);
}

/** An image by its digest, and by the tag that the caller named. */
function named({ imageTag }: ImageIdentifier, imageDigest: string): ImageIdentifier {
  return { imageDigest, ...(imageTag !== undefined && { imageTag }) };
}

function findingView({ attributes, ...finding }: ScanFinding): ImageScanFinding {
  return { ...finding, attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })) };
}
