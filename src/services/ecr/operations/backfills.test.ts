import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { DescribeReplicationBackfillResultsRequest } from '@aws-sdk/client-ecr';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { digestOf } from '../../../registry/digest.ts';
import { imageOf, indexOf } from '../../../registry/testing.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';
import { prepare } from '../backfills.ts';
import { backfillReplications, backfills } from '../tables.ts';

const IRELAND = 'eu-west-1';
const registryId = TEST_SCOPE.account;
const toIreland = { destination: { region: IRELAND, registryId } };
const DAYS = 24 * 60 * 60 * 1000;

let ecr: TestEcr;

beforeEach(async () => {
  ecr = openTestEcr();
  for (const repositoryName of ['team/web', 'team/api', 'other'])
    await ecr.call('CreateRepository', { repositoryName });
});

afterEach(() => ecr.close());

async function push(repositoryName: string, config: string, tag?: string): Promise<string> {
  return digestOf(await ecr.push(repositoryName, config, ['layer'], tag));
}

/** Rules for `team/`, put after what was pushed. */
async function putRules(...regions: readonly string[]): Promise<void> {
  ecr.clock.advance(1000);
  const destinations = regions.map((region) => ({ region, registryId }));
  const repositoryFilters = [{ filter: 'team/', filterType: 'PREFIX_MATCH' as const }];
  const replicationConfiguration = { rules: [{ destinations, repositoryFilters }] };
  await ecr.call('PutReplicationConfiguration', { replicationConfiguration });
}

async function start(destination = toIreland): Promise<{ replicationBackfillId: string }> {
  const { replicationBackfillId = '' } = await ecr.call('StartReplicationBackfill', destination);
  return { replicationBackfillId };
}

const describe = (input: DescribeReplicationBackfillResultsRequest) =>
  ecr.call('DescribeReplicationBackfillResults', input);

async function imagesInIreland(repositoryName: string) {
  return (await ecr.call('ListImages', { repositoryName }, { region: IRELAND })).imageIds ?? [];
}

test('what was there before the rules is copied under all its tags, and each copy has a result', async () => {
  const web = await push('team/web', 'one', 'v1');
  await push('team/web', 'one', 'latest');
  const api = await push('team/api', 'two');
  await push('other', 'three', 'v1');
  await putRules(IRELAND);
  const started = await ecr.call('StartReplicationBackfill', toIreland);
  const { replicationBackfillId = '', startedAt } = started;
  assert.deepEqual(started, { registryId, ...toIreland, replicationBackfillId, status: 'PREPARING', startedAt });
  const preparing = await describe({ replicationBackfillId });
  assert.deepEqual([preparing.status, preparing.progress, preparing.results], ['PREPARING', undefined, undefined]);
  await ecr.reconcile();
  const done = await describe({ replicationBackfillId });
  assert.equal(done.status, 'COMPLETE');
  assert.deepEqual(done.endedAt, new Date(ecr.clock.now()));
  assert.deepEqual(done.progress, {
    totalReplicationCount: 3,
    completedReplicationCount: 3,
    failedReplicationCount: 0,
    failureCodes: [],
  });
  assert.deepEqual(done.results, [
    { repositoryName: 'team/api', imageId: { imageDigest: api }, status: 'COMPLETE' },
    { repositoryName: 'team/web', imageId: { imageDigest: web, imageTag: 'latest' }, status: 'COMPLETE' },
    { repositoryName: 'team/web', imageId: { imageDigest: web, imageTag: 'v1' }, status: 'COMPLETE' },
  ]);
  assert.equal((await imagesInIreland('team/web')).length, 2);
  assert.deepEqual(await imagesInIreland('team/api'), [{ imageDigest: api }]);
  await assert.rejects(imagesInIreland('other'), { code: 'RepositoryNotFoundException' });
  const image = { repositoryName: 'team/web', imageId: { imageTag: 'v1' } };
  const { replicationStatuses } = await ecr.call('DescribeImageReplicationStatus', image);
  assert.deepEqual(replicationStatuses, [{ region: IRELAND, registryId, status: 'COMPLETE' }]);
});

test('an index takes its images along as one replication', async () => {
  const repositoryName = 'team/web';
  const child = await push(repositoryName, 'one');
  const imageManifest = indexOf([imageOf('one', ['layer'])]);
  await ecr.call('PutImage', { repositoryName, imageManifest, imageTag: 'all' });
  await putRules(IRELAND);
  const backfill = await start();
  await ecr.reconcile();
  const imageId = { imageDigest: digestOf(imageManifest), imageTag: 'all' };
  assert.deepEqual((await describe(backfill)).results, [
    { repositoryName, imageId, status: 'COMPLETE', subImageFailureCodes: [] },
  ]);
  const copied = (await imagesInIreland(repositoryName)).map(({ imageDigest }) => imageDigest);
  assert.deepEqual(new Set(copied), new Set([child, imageId.imageDigest]));
});

test('more than one step takes is worked off, page by page of results, each image once', async () => {
  // One step looks at a hundred images, or fewer where they have many tags.
  for (let i = 0; i < 115; i += 1) {
    for (const tag of [`a${i}`, `b${i}`]) await push('team/web', `config ${i}`, tag);
  }
  for (let i = 0; i < 105; i += 1) await push('team/api', `config ${i}`);
  await putRules(IRELAND);
  const backfill = await start();
  await ecr.reconcile();
  const found: unknown[] = [];
  let nextToken: string | undefined;
  do {
    const page = await describe({ ...backfill, maxResults: 100, ...(nextToken !== undefined && { nextToken }) });
    found.push(...(page.results ?? []).map((one) => JSON.stringify([one.repositoryName, one.imageId])));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  assert.equal(new Set(found).size, 335);
  assert.equal(found.length, 335);
  await assert.rejects(describe({ ...backfill, nextToken: 'x' }), { code: 'InvalidParameterException' });
});

test('an immutable tag of another image is not moved, and the result says so', async () => {
  await push('team/web', 'before', 'v1');
  await putRules(IRELAND);
  await start();
  await ecr.reconcile();
  const immutable = { repositoryName: 'team/web', imageTagMutability: 'IMMUTABLE' as const };
  await ecr.call('PutImageTagMutability', immutable, { region: IRELAND });
  const after = await push('team/web', 'after', 'v1');
  const backfill = await start();
  await ecr.reconcile();
  const { status, progress, results = [] } = await describe(backfill);
  assert.equal(status, 'COMPLETE');
  assert.deepEqual(progress?.failureCodes, ['ImageTagAlreadyExists']);
  // The image that was v1 before has no tag now, and goes.
  assert.equal(results.length, 2);
  const failed = await describe({ ...backfill, resultStatusFilter: 'FAILED' });
  const imageId = { imageDigest: after, imageTag: 'v1' };
  const failureCode = 'ImageTagAlreadyExists';
  assert.deepEqual(failed.results, [{ repositoryName: 'team/web', imageId, status: 'FAILED', failureCode }]);
  const complete = await describe({ ...backfill, resultStatusFilter: 'COMPLETE' });
  assert.deepEqual(
    complete.results?.map((one) => one.status),
    ['COMPLETE'],
  );
  await assert.rejects(describe({ ...backfill, resultStatusFilter: 'STOPPED' as 'FAILED' }), {
    code: 'InvalidParameterException',
  });
});

test('an image that went after it was found has failed, and so has a tag that was moved', async () => {
  const gone = await push('team/api', 'gone', 'v1');
  await push('team/web', 'moved', 'v2');
  await putRules(IRELAND);
  const backfill = await start();
  while ((await describe(backfill)).status === 'PREPARING') {
    await ecr.store.write((tx) => prepare(tx, ecr.registry, backfill.replicationBackfillId, ecr.clock.now()));
  }
  await ecr.call('BatchDeleteImage', { repositoryName: 'team/api', imageIds: [{ imageDigest: gone }] });
  const kept = await push('team/web', 'kept', 'v2');
  await ecr.reconcile();
  const { results = [] } = await describe(backfill);
  assert.deepEqual(
    results.map((one) => one.failureCode),
    ['ImageNotFound', 'ImageNotFound'],
  );
  assert.deepEqual(await imagesInIreland('team/web'), [{ imageDigest: kept, imageTag: 'v2' }]);
});

test('a backfill that is stopped copies no more, and stops once', async () => {
  await push('team/web', 'one', 'v1');
  await putRules(IRELAND);
  const backfill = await start();
  const stopped = await ecr.call('StopReplicationBackfill', backfill);
  assert.equal(stopped.status, 'STOPPED');
  await ecr.reconcile();
  const { status, progress, results } = await describe(backfill);
  assert.deepEqual([status, progress, results], ['STOPPED', undefined, []]);
  await assert.rejects(imagesInIreland('team/web'), { code: 'RepositoryNotFoundException' });
  await assert.rejects(ecr.call('StopReplicationBackfill', backfill), {
    code: 'ReplicationBackfillInvalidStatusException',
  });
});

test('one at a time goes to a Region, and ten in all, to destinations that the rules have', async () => {
  const regions = Array.from({ length: 11 }, (_, i) => `eu-west-${i + 1}`);
  await assert.rejects(start(), { code: 'InvalidParameterException' });
  await putRules(...regions);
  for (const region of regions.slice(0, 10)) await start({ destination: { region, registryId } });
  await assert.rejects(start(), { code: 'ReplicationBackfillInProgressException' });
  const eleventh = { destination: { region: regions[10] ?? '', registryId } };
  await assert.rejects(start(eleventh), { code: 'LimitExceededException' });
  await ecr.reconcile();
  await start(eleventh);
});

test('backfills are listed page by page, and forgotten after 90 days', async () => {
  await push('team/web', 'one', 'v1');
  await putRules(IRELAND);
  const ids: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    ids.push((await start()).replicationBackfillId);
    await ecr.reconcile();
    ecr.clock.advance(1000);
  }
  const { backfills: first = [], nextToken } = await ecr.call('ListReplicationBackfills', { maxResults: 2 });
  const { backfills: rest = [] } = await ecr.call('ListReplicationBackfills', { maxResults: 2, nextToken });
  assert.deepEqual(
    [...first, ...rest].map((one) => one.replicationBackfillId),
    ids,
  );
  assert.equal(first[0]?.status, 'COMPLETE');
  await assert.rejects(ecr.call('ListReplicationBackfills', { maxResults: 51 }), { code: 'InvalidParameterException' });
  ecr.clock.advance(90 * DAYS);
  assert.deepEqual((await ecr.call('ListReplicationBackfills', {})).backfills, []);
  const id = { replicationBackfillId: ids[0] ?? '' };
  await assert.rejects(describe(id), { code: 'ReplicationBackfillNotFoundException' });
  await ecr.reconcile();
  assert.deepEqual(await ecr.store.read((tx) => tx.list(backfills)), []);
  assert.deepEqual(await ecr.store.read((tx) => tx.list(backfillReplications)), []);
});

test('a backfill that is not there, of another Region or not an ID is refused', async () => {
  await putRules(IRELAND);
  const backfill = await start();
  await assert.rejects(ecr.call('StopReplicationBackfill', backfill, { region: IRELAND }), {
    code: 'ReplicationBackfillNotFoundException',
  });
  await assert.rejects(describe({ replicationBackfillId: 'x' }), { code: 'InvalidParameterException' });
  const other = { registryId: '999988887777', ...backfill };
  await assert.rejects(ecr.call('StopReplicationBackfill', other), { code: 'AccessDeniedException' });
});
