import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { ServiceError } from '../../../kernel/errors.ts';
import { sha256 } from '../domain/log-file.ts';
import { deliveredFiles, deliveries, digestChains } from '../tables.ts';
import { DELIVERY_INTERVAL_MS, DIGEST_INTERVAL_MS, openTestTrail, type TestTrail } from '../testing.ts';

const MINUTE_MS = 60_000;
const MADE = { Name: 'audit', S3BucketName: 'audit-bucket', S3KeyPrefix: 'logs' } as const;

async function open(context: TestContext, change: object = {}): Promise<TestTrail> {
  const trail = await openTestTrail();
  context.after(() => trail.close());
  await trail.call('CreateTrail', { ...MADE, ...change });
  await trail.record({ operation: 'Before' });
  trail.clock.advance(1);
  await trail.call('StartLogging', { Name: 'audit' });
  await trail.reconcile();
  return trail;
}

/** Every event that has come to the bucket, with the key of its file. */
function delivered(trail: TestTrail): (readonly [key: string, names: string[]])[] {
  return trail.destinations
    .keys('/CloudTrail/')
    .map(
      (key) => [key, trail.destinations.json(key).Records.map((one: { eventName: string }) => one.eventName)] as const,
    );
}

const names = (trail: TestTrail) => delivered(trail).flatMap(([, some]) => some);

test('events since the start come to the bucket, a file for each region', async (context) => {
  const trail = await open(context, { IsMultiRegionTrail: true });
  await trail.record({ operation: 'One' });
  await trail.record({ operation: 'Two', region: 'eu-west-1' });
  await trail.record({ operation: 'Foreign', account: '111122223333' });
  await trail.pass(MINUTE_MS);
  assert.deepEqual(names(trail), []);
  await trail.pass(DELIVERY_INTERVAL_MS);
  const [[europe, two] = [''], [home, one] = ['']] = delivered(trail);
  assert.match(
    europe,
    /^logs\/AWSLogs\/123456789012\/CloudTrail\/eu-west-1\/2026\/01\/01\/123456789012_CloudTrail_eu-west-1_20260101T0006Z_[A-Za-z0-9]{16}\.json\.gz$/,
  );
  assert.match(home, /\/us-east-1\//);
  assert.deepEqual([two, one], [['Two'], ['One']]);
  const put = trail.destinations.objects.get(home);
  assert.deepEqual(
    [put?.ACL, put?.ContentType, put?.ContentEncoding],
    ['bucket-owner-full-control', 'application/json', 'gzip'],
  );
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.equal(delivered(trail).length, 2);
  const status = await trail.call('GetTrailStatus', { Name: 'audit' });
  assert.equal(status.IsLogging, true);
  assert.equal(status.LatestDeliveryError, undefined);
  assert.equal(status.LatestDeliveryTime?.toISOString(), '2026-01-01T00:06:00.001Z');
  assert.equal(status.TimeLoggingStarted, '2026-01-01T00:00:00Z');
});

test('a trail of one region takes what is its own and what it selects', async (context) => {
  const trail = await open(context, { IncludeGlobalServiceEvents: false });
  await trail.call('PutEventSelectors', { TrailName: 'audit', EventSelectors: [{ ReadWriteType: 'WriteOnly' }] });
  await trail.record({ operation: 'Mine' });
  await trail.record({ operation: 'Read', readOnly: true });
  await trail.record({ operation: 'Elsewhere', region: 'eu-west-1' });
  await trail.record({ operation: 'CreateUser', service: 'iam' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.deepEqual(names(trail), ['Mine']);
});

test('what is in the journal from a region that is none holds up no trail', async (context) => {
  const trail = await open(context, {
    IsMultiRegionTrail: true,
    CloudWatchLogsLogGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:audit:*',
    CloudWatchLogsRoleArn: 'arn:aws:iam::123456789012:role/trail',
  });
  await trail.record({ operation: 'Nowhere', region: 'x'.repeat(1500) });
  await trail.record({ operation: 'Two' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.deepEqual(names(trail), ['Nowhere', 'Two']);
  assert.deepEqual(
    trail.destinations.messages.map(({ stream, message }) => [stream, JSON.parse(message).eventName]),
    [
      ['123456789012_CloudTrail_us-east-1', 'Nowhere'],
      ['123456789012_CloudTrail_us-east-1', 'Two'],
    ],
  );
});

test('a crash between the file and the row writes the same file again', async (context) => {
  const trail = await open(context, { EnableLogFileValidation: true });
  await trail.record({ operation: 'One' });
  trail.destinations.crash = new Error('killed');
  await trail.pass(DELIVERY_INTERVAL_MS);
  const [first] = delivered(trail);
  trail.destinations.crash = undefined;
  await trail.record({ operation: 'Two' });
  await trail.pass(10 * MINUTE_MS);
  const [again, next, ...more] = delivered(trail);
  assert.deepEqual(again, first);
  assert.deepEqual(next?.[1], ['Two']);
  assert.deepEqual(more, []);
  assert.ok(trail.destinations.puts.filter((key) => key === first?.[0]).length >= 2);
});

test('what a bucket refuses waits, and the status says why', async (context) => {
  const trail = await open(context);
  await trail.record({ operation: 'One' });
  trail.destinations.refusal = new ServiceError('AccessDeniedException', 'no');
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.equal((await trail.call('GetTrailStatus', { Name: 'audit' })).LatestDeliveryError, 'AccessDenied');
  trail.destinations.refusal = undefined;
  await trail.record({ operation: 'Two' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.deepEqual(names(trail), ['One', 'Two']);
  assert.equal((await trail.call('GetTrailStatus', { Name: 'audit' })).LatestDeliveryError, undefined);
});

test('what came while it was off is not delivered; what came before it was stopped is', async (context) => {
  const trail = await open(context);
  await trail.record({ operation: 'One' });
  trail.clock.advance(1);
  await trail.call('StopLogging', { Name: 'audit' });
  trail.clock.advance(1);
  await trail.record({ operation: 'Off' });
  trail.clock.advance(1);
  await trail.call('StartLogging', { Name: 'audit' });
  await trail.record({ operation: 'Two' });
  trail.clock.advance(1);
  await trail.call('StopLogging', { Name: 'audit' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.deepEqual(names(trail), ['One', 'Two']);
  await trail.pass(DELIVERY_INTERVAL_MS);
  const [row] = await trail.store.read((tx) => tx.list(deliveries));
  assert.deepEqual(row?.windows, []);
  const status = await trail.call('GetTrailStatus', { Name: 'audit' });
  assert.deepEqual([status.IsLogging, status.TimeLoggingStopped], [false, '2026-01-01T00:00:00Z']);
});

test("a deleted trail's last events and its last digest are still delivered", async (context) => {
  const trail = await open(context, { EnableLogFileValidation: true });
  await trail.record({ operation: 'One' });
  await trail.record({ operation: 'DeleteTrail', service: 'cloudtrail' });
  await trail.call('DeleteTrail', { Name: 'audit' });
  for (let count = 0; count < 6; count++) await trail.pass(DIGEST_INTERVAL_MS / 2);
  assert.deepEqual(names(trail), ['One', 'DeleteTrail']);
  const files = trail.destinations.keys('/CloudTrail-Digest/').flatMap((key) => trail.destinations.json(key).logFiles);
  assert.equal(files.length, 1);
  for (const table of [deliveries, deliveredFiles, digestChains]) {
    assert.deepEqual(await trail.store.read((tx) => tx.list<object>(table as never)), [], table.name);
  }
});

test('events come to the log group, a stream for each region, under the role', async (context) => {
  const CloudWatchLogsRoleArn = 'arn:aws:iam::123456789012:role/trail';
  const CloudWatchLogsLogGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:audit:*';
  const trail = await open(context, { IsMultiRegionTrail: true, CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn });
  await trail.record({ operation: 'One' });
  await trail.record({ operation: 'Two', region: 'eu-west-1' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.deepEqual(
    trail.destinations.messages.map(({ stream, message }) => [stream, JSON.parse(message).eventName]),
    [
      ['123456789012_CloudTrail_us-east-1', 'One'],
      ['123456789012_CloudTrail_eu-west-1', 'Two'],
    ],
  );
  const status = await trail.call('GetTrailStatus', { Name: 'audit' });
  assert.ok(status.LatestCloudWatchLogsDeliveryTime);
  trail.destinations.refusal = new ServiceError('AccessDeniedException', 'no');
  await trail.record({ operation: 'Three' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.equal(
    (await trail.call('GetTrailStatus', { Name: 'audit' })).LatestCloudWatchLogsDeliveryError,
    'AccessDenied',
  );
});

/** Holds digests against their signatures, their chain and the files that they name, as `aws cloudtrail validate-logs` does. */
async function checkDigests(trail: TestTrail): Promise<number[]> {
  const { PublicKeyList } = await trail.call('ListPublicKeys', { StartTime: new Date(0) });
  const keys = new Map(PublicKeyList?.map((key) => [key.Fingerprint, key.Value]));
  let previous: { key: string; signature: string; sha256: string } | undefined;
  const counts: number[] = [];
  for (const key of trail.destinations.keys('/CloudTrail-Digest/')) {
    const content = trail.destinations.content(key);
    const digest = trail.destinations.json(key);
    const { signature = '' } = trail.destinations.objects.get(key)?.Metadata ?? {};
    assert.equal(digest.previousDigestS3Object, previous?.key ?? null);
    assert.equal(digest.previousDigestSignature, previous?.signature ?? null);
    assert.equal(digest.previousDigestHashValue, previous?.sha256 ?? null);
    const signed = [digest.digestEndTime, `audit-bucket/${key}`, sha256(content), previous?.signature ?? 'null'].join(
      '\n',
    );
    const der = Buffer.from(keys.get(digest.digestPublicKeyFingerprint) ?? []);
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'pkcs1' });
    assert.ok(verify('sha256', Buffer.from(signed), publicKey, Buffer.from(signature, 'hex')), key);
    for (const file of digest.logFiles) assert.equal(sha256(trail.destinations.content(file.s3Object)), file.hashValue);
    counts.push(digest.logFiles.length);
    previous = { key, signature, sha256: sha256(content) };
  }
  return counts;
}

test('digests name every file, sign, and follow one another, also when there is nothing to say', async (context) => {
  const trail = await open(context, { EnableLogFileValidation: true });
  await trail.record({ operation: 'One' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  await trail.record({ operation: 'Two' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  await trail.pass(DIGEST_INTERVAL_MS);
  await trail.pass(DIGEST_INTERVAL_MS);
  await trail.record({ operation: 'Three' });
  await trail.pass(DELIVERY_INTERVAL_MS);
  trail.destinations.crash = new Error('killed');
  await trail.pass(DIGEST_INTERVAL_MS);
  trail.destinations.crash = undefined;
  await trail.pass(DELIVERY_INTERVAL_MS);
  assert.deepEqual(await checkDigests(trail), [2, 0, 1]);
  const [first = ''] = trail.destinations.keys('/CloudTrail-Digest/');
  assert.match(
    first,
    /^logs\/AWSLogs\/123456789012\/CloudTrail-Digest\/us-east-1\/2026\/01\/01\/123456789012_CloudTrail-Digest_us-east-1_audit_us-east-1_20260101T011000Z\.json\.gz$/,
  );
  assert.deepEqual(Object.keys(trail.destinations.json(first)), [
    'awsAccountId',
    'digestStartTime',
    'digestEndTime',
    'digestS3Bucket',
    'digestS3Object',
    'digestPublicKeyFingerprint',
    'digestSignatureAlgorithm',
    'newestEventTime',
    'oldestEventTime',
    'previousDigestS3Bucket',
    'previousDigestS3Object',
    'previousDigestHashValue',
    'previousDigestHashAlgorithm',
    'previousDigestSignature',
    'logFiles',
  ]);
  assert.ok((await trail.call('GetTrailStatus', { Name: 'audit' })).LatestDigestDeliveryTime);
});

test('a chain ends when validation is switched off, and a new one begins with it', async (context) => {
  const trail = await open(context, { EnableLogFileValidation: true });
  await trail.pass(DIGEST_INTERVAL_MS);
  await trail.call('UpdateTrail', { Name: 'audit', EnableLogFileValidation: false });
  await trail.reconcile();
  assert.deepEqual(await trail.store.read((tx) => tx.list(digestChains)), []);
  trail.clock.advance(DIGEST_INTERVAL_MS);
  await trail.call('UpdateTrail', { Name: 'audit', EnableLogFileValidation: true });
  await trail.pass(DIGEST_INTERVAL_MS);
  const [, second = ''] = trail.destinations.keys('/CloudTrail-Digest/');
  assert.equal(trail.destinations.json(second).previousDigestSignature, null);
});
