import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { digestOf } from '../../../registry/digest.ts';
import { imageOf, indexOf } from '../../../registry/testing.ts';
import { ScanFailed } from '../image-scanner.ts';
import type { ImageToScan, ScanReport } from '../image-scanner.ts';
import { scanFindings, scans } from '../tables.ts';
import type { ScanFinding } from '../tables.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const repositoryName = 'web';
const v1 = { repositoryName, imageId: { imageTag: 'v1' } };

let scanned: ImageToScan[];
let result: () => Promise<ScanReport>;
let ecr: TestEcr;
beforeEach(async () => {
  scanned = [];
  result = async () => ({ findings: [] });
  const scan = (image: ImageToScan) => {
    scanned.push(image);
    return result();
  };
  ecr = openTestEcr({ scanner: { scan } });
  await ecr.call('CreateRepository', { repositoryName });
});
afterEach(() => ecr.close());

function finding(name: string, severity: ScanFinding['severity']): ScanFinding {
  return { name, severity, uri: `https://cve/${name}`, attributes: { package_name: 'bash', package_version: '5.2' } };
}

async function statusOf(imageTag: string): Promise<string> {
  const input = { repositoryName, imageId: { imageTag } };
  const { imageScanStatus } = await ecr.call('DescribeImageScanFindings', input);
  return `${imageScanStatus?.status}: ${imageScanStatus?.description ?? ''}`;
}

test('a scan is started, runs, and its findings are paged, the worst first', async () => {
  const digest = digestOf(await ecr.push('web', 'config', ['layer'], 'v1'));
  const imageId = { imageDigest: digest, imageTag: 'v1' };
  const answer = { registryId: '123456789012', repositoryName, imageId };
  await assert.rejects(ecr.call('DescribeImageScanFindings', v1), {
    code: 'ScanNotFoundException',
    message: `Image scan does not exist for the image with '{imageDigest:'${digest}', imageTag:'v1'}' in the repository with name 'web' in the registry with id '123456789012'`,
  });
  const low = ['CVE-2', 'CVE-1'].map((name) => finding(name, 'LOW'));
  result = async () => ({ findings: [...low, finding('CVE-3', 'CRITICAL')], sourceUpdatedAtMs: 5000 });
  const imageScanStatus = { status: 'IN_PROGRESS' };
  assert.deepEqual(await ecr.call('StartImageScan', v1), { ...answer, imageScanStatus });
  assert.deepEqual(await ecr.call('DescribeImageScanFindings', v1), { ...answer, imageScanStatus });
  await ecr.reconcile();

  const completed = { status: 'COMPLETE' as const, description: 'The scan was completed successfully.' };
  const summary = {
    imageScanCompletedAt: new Date(ecr.clock.now()),
    vulnerabilitySourceUpdatedAt: new Date(5000),
    findingSeverityCounts: { CRITICAL: 1, LOW: 2 },
  };
  const { nextToken, ...first } = await ecr.call('DescribeImageScanFindings', { ...v1, maxResults: 1 });
  const attributes = [
    { key: 'package_name', value: 'bash' },
    { key: 'package_version', value: '5.2' },
  ];
  const worst = { name: 'CVE-3', severity: 'CRITICAL', uri: 'https://cve/CVE-3', attributes };
  assert.deepEqual(first, {
    ...answer,
    imageScanStatus: completed,
    imageScanFindings: { ...summary, findings: [worst] },
  });
  const rest = await ecr.call('DescribeImageScanFindings', { ...v1, nextToken });
  assert.deepEqual(
    rest.imageScanFindings?.findings?.map(({ name }) => name),
    ['CVE-1', 'CVE-2'],
  );
  assert.equal(rest.nextToken, undefined);
  const [described] = (await ecr.call('DescribeImages', { repositoryName })).imageDetails ?? [];
  assert.deepEqual(described?.imageScanStatus, completed);
  assert.deepEqual(described?.imageScanFindingsSummary, summary);
});

test("the scanner is given the image by digest, and a token in ECR's own name", async () => {
  const digest = digestOf(await ecr.push('web', 'config', [], 'v1'));
  await ecr.call('StartImageScan', v1);
  await ecr.reconcile();
  assert.deepEqual([scanned.length, scanned[0]?.reference], [1, `127.0.0.1:4566/web@${digest}`]);
  const login = Buffer.from(`${scanned[0]?.username}:${scanned[0]?.password}`).toString('base64');
  const caller = ecr.tokens.authenticate(`Basic ${login}`, ecr.clock.now());
  assert.ok(typeof caller === 'object');
  assert.equal(caller.principal.arn, 'arn:aws:iam::123456789012:service-principal/ecr.amazonaws.com');
});

test('an image is scanned once a day, unless the scan failed', async () => {
  await ecr.push('web', 'config', [], 'v1');
  const quota = {
    code: 'LimitExceededException',
    message: 'The scan quota per image has been exceeded. Wait and try again.',
  };
  result = async () => {
    throw new ScanFailed('There is no scanner.');
  };
  await ecr.call('StartImageScan', v1);
  await assert.rejects(ecr.call('StartImageScan', v1), quota);
  await ecr.reconcile();
  assert.equal(await statusOf('v1'), 'FAILED: There is no scanner.');
  const failed = await ecr.call('DescribeImageScanFindings', v1);
  assert.equal(failed.imageScanFindings, undefined);

  result = async () => ({ findings: [finding('CVE-1', 'HIGH')], warning: 'It is old.' });
  await ecr.call('StartImageScan', v1);
  await ecr.reconcile();
  assert.equal(await statusOf('v1'), 'COMPLETE: The scan was completed successfully. It is old.');
  ecr.clock.advance(DAY_MS - 1);
  await assert.rejects(ecr.call('StartImageScan', v1), quota);
  ecr.clock.advance(1);
  result = async () => {
    throw new ScanFailed('Gone again.');
  };
  await ecr.call('StartImageScan', v1);
  await ecr.reconcile();
  assert.equal(await statusOf('v1'), 'FAILED: Gone again.');
  const [described] = (await ecr.call('DescribeImages', { repositoryName })).imageDetails ?? [];
  assert.equal(described?.imageScanStatus?.status, 'FAILED');
  assert.deepEqual(described?.imageScanFindingsSummary?.findingSeverityCounts, { HIGH: 1 });
});

test('a scan that was interrupted stays in progress and is run again', async () => {
  await ecr.push('web', 'config', [], 'v1');
  result = async () => {
    throw new Error('The server stops.');
  };
  await ecr.call('StartImageScan', v1);
  await ecr.reconcile();
  assert.equal(await statusOf('v1'), 'IN_PROGRESS: ');
  result = async () => ({ findings: [] });
  await ecr.reconcile();
  assert.match(await statusOf('v1'), /^COMPLETE/);
  const { length } = scanned;
  await ecr.reconcile();
  assert.equal(scanned.length, length);
});

test('what is pushed is scanned where the repository or the registry says so', async () => {
  await ecr.push('web', 'before', [], 'before');
  const settings = { repositoryName, imageScanningConfiguration: { scanOnPush: true } };
  await ecr.call('PutImageScanningConfiguration', settings);
  const manifest = await ecr.push('web', 'config', [], 'v1');
  await ecr.call('PutImage', { repositoryName, imageManifest: manifest, imageTag: 'again' });
  await ecr.call('PutImage', { repositoryName, imageManifest: indexOf([manifest]), imageTag: 'all' });
  await assert.rejects(ecr.call('StartImageScan', v1), { code: 'LimitExceededException' });
  await ecr.reconcile();
  assert.match(await statusOf('v1'), /^COMPLETE/);
  assert.equal(scanned.length, 1);

  const manual = [
    { scanFrequency: 'MANUAL' as const, repositoryFilters: [{ filter: 'web', filterType: 'WILDCARD' as const }] },
  ];
  await ecr.call('PutRegistryScanningConfiguration', { scanType: 'BASIC', rules: manual });
  await ecr.push('web', 'another', [], 'v2');
  const onPush = manual.map((rule) => ({ ...rule, scanFrequency: 'SCAN_ON_PUSH' as const }));
  await ecr.call('PutRegistryScanningConfiguration', { scanType: 'BASIC', rules: onPush });
  await ecr.call('PutImageScanningConfiguration', { ...settings, imageScanningConfiguration: { scanOnPush: false } });
  await ecr.push('web', 'third', [], 'v3');
  await ecr.reconcile();
  assert.match(await statusOf('v3'), /^COMPLETE/);
  assert.equal(scanned.length, 2);
});

test('a scan goes with its image', async () => {
  const imageManifest = await ecr.push('web', 'config', [], 'v1');
  await ecr.call('StartImageScan', v1);
  await ecr.reconcile();
  const imageIds = [{ imageDigest: digestOf(imageManifest) }];
  await ecr.call('BatchDeleteImage', { repositoryName, imageIds });
  ecr.clock.advance(1);
  await ecr.call('PutImage', { repositoryName, imageManifest, imageTag: 'v1' });
  await assert.rejects(ecr.call('DescribeImageScanFindings', v1), { code: 'ScanNotFoundException' });
  await ecr.reconcile();
  const left = await ecr.store.read(async (tx) => [await tx.list(scans), await tx.list(scanFindings)]);
  assert.deepEqual(left, [[], []]);
});

test('a result that comes after its image is gone is thrown away', async () => {
  const imageManifest = await ecr.push('web', 'config', [], 'v1');
  await ecr.call('StartImageScan', v1);
  result = async () => {
    await ecr.call('BatchDeleteImage', { repositoryName, imageIds: [{ imageDigest: digestOf(imageManifest) }] });
    return { findings: [finding('CVE-1', 'LOW')] };
  };
  await ecr.reconcile();
  const left = await ecr.store.read(async (tx) => [await tx.list(scans), await tx.list(scanFindings)]);
  assert.deepEqual(left, [[], []]);
});

test('what cannot be scanned', async () => {
  const image = await ecr.push('web', 'config', [], 'v1');
  const put = (imageManifest: string, imageTag: string) =>
    ecr.call('PutImage', { repositoryName, imageManifest, imageTag });
  await put(indexOf([image]), 'all');
  await put(imageOf('config', [], { artifactType: 'application/vnd.example.sbom' }), 'sbom');
  const start = (imageId: object, name = repositoryName) =>
    ecr.call('StartImageScan', { repositoryName: name, imageId });
  await assert.rejects(start({ imageTag: 'all' }), {
    code: 'UnsupportedImageTypeException',
    message: /cannot be scanned: application\/vnd\.oci\.image\.index\.v1\+json$/,
  });
  await assert.rejects(start({ imageTag: 'sbom' }), { message: /cannot be scanned: application\/vnd\.example\.sbom$/ });
  await assert.rejects(start({ imageTag: 'none' }), { code: 'ImageNotFoundException' });
  await assert.rejects(start({}), { code: 'InvalidParameterException' });
  await assert.rejects(start({ imageTag: 'v1' }, 'none'), { code: 'RepositoryNotFoundException' });
  await ecr.call('BatchDeleteImage', { repositoryName, imageIds: [{ imageTag: 'all' }] });
  await ecr.call('UpdateImageStorageClass', { ...v1, targetStorageClass: 'ARCHIVE' });
  await assert.rejects(start({ imageTag: 'v1' }), { code: 'ImageArchivedException' });
});
