import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import { openTestService, type TestService } from '../../api/testing.ts';
import type { Table } from '../../store/store.ts';
import { logs } from './index.ts';
import { batches, deletedStreams } from './tables.ts';

const DAY_MS = 86_400_000;
const GROUP = { logGroupName: '/ecs/web' };
const STREAM = { ...GROUP, logStreamName: 'ecs/web/1' };

describe('CloudWatch Logs', () => {
  let service: TestService<'logs'>;
  beforeEach(async () => {
    service = openTestService('logs', logs, { clock: new FakeClock() });
    await service.call('CreateLogGroup', { ...GROUP, tags: { team: 'web' } });
    await service.call('CreateLogStream', STREAM);
  });
  afterEach(() => service.close());

  const put = (...events: readonly [offsetMs: number, message: string][]) =>
    service.call('PutLogEvents', {
      ...STREAM,
      logEvents: events.map(([offset, message]) => ({ timestamp: service.clock.now() + offset, message })),
    });
  const get = async (input: { nextToken?: string | undefined; startFromHead?: boolean; limit?: number }) => {
    const page = await service.call('GetLogEvents', { ...STREAM, ...input });
    return { ...page, messages: page.events?.map((event) => event.message).join('') };
  };
  const rowCount = <R extends object>(table: Table<R>) =>
    service.store.read(async (tx) => (await tx.list(table)).length);

  test('groups: made once, described with ARNs, gone when deleted', async () => {
    const { logGroups } = await service.call('DescribeLogGroups', { logGroupNamePrefix: '/ecs' });
    assert.equal(logGroups?.[0]?.arn, 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web:*');
    assert.equal(logGroups?.[0]?.logGroupArn, 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web');
    assert.equal(logGroups?.[0]?.creationTime, service.clock.now());
    await assert.rejects(service.call('CreateLogGroup', GROUP), {
      code: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    });
    await assert.rejects(service.call('CreateLogGroup', { logGroupName: 'a:b' }), {
      code: 'InvalidParameterException',
    });
    assert.deepEqual((await service.call('DescribeLogGroups', {}, { region: 'eu-west-1' })).logGroups, []);
    await service.call('DeleteLogGroup', GROUP);
    await assert.rejects(service.call('DeleteLogGroup', GROUP), {
      code: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
    await assert.rejects(get({}), { message: 'The specified log group does not exist.' });
  });

  test('a protected group stays, until it is protected no more', async () => {
    const protect = (deletionProtectionEnabled: boolean) =>
      service.call('PutLogGroupDeletionProtection', { logGroupIdentifier: '/ecs/web', deletionProtectionEnabled });
    await protect(true);
    const { logGroups } = await service.call('DescribeLogGroups', {});
    assert.equal(logGroups?.[0]?.deletionProtectionEnabled, true);
    await assert.rejects(service.call('DeleteLogGroup', GROUP), { code: 'ValidationException' });
    await protect(false);
    await service.call('DeleteLogGroup', GROUP);
  });

  test('ListLogGroups: by patterns, page by page', async () => {
    for (const logGroupName of ['/ecs/api', '/aws/one', 'other'])
      await service.call('CreateLogGroup', { logGroupName });
    const list = async (input: object) =>
      (await service.call('ListLogGroups', input)).logGroups?.map((group) => group.logGroupName);
    assert.deepEqual(await list({}), ['/aws/one', '/ecs/api', '/ecs/web', 'other']);
    assert.deepEqual(await list({ logGroupNamePattern: '^/ecs|ther' }), ['/ecs/api', '/ecs/web', 'other']);
    const first = await service.call('ListLogGroups', { limit: 3 });
    assert.deepEqual(await list({ nextToken: first.nextToken }), ['other']);
    await assert.rejects(list({ logGroupNamePattern: 'ab' }), { code: 'InvalidParameterException' });
    await assert.rejects(list({ fieldIndexNames: ['a'] }), { message: /fieldIndexNames is not supported/ });
  });

  test('TestMetricFilter says what matches, and the values that the pattern names', async () => {
    const logEventMessages = ['10.0.0.1 GET 404', '10.0.0.2 GET 200'];
    const { matches } = await service.call('TestMetricFilter', {
      filterPattern: '[ip, method, status = 4*]',
      logEventMessages,
    });
    const extractedValues = { $ip: '10.0.0.1', $method: 'GET', $status: '404' };
    assert.deepEqual(matches, [{ eventNumber: 1, eventMessage: logEventMessages[0], extractedValues }]);
    await assert.rejects(service.call('TestMetricFilter', { filterPattern: '[', logEventMessages }), {
      code: 'InvalidParameterException',
    });
  });

  test('streams: in order of name or of last event', async () => {
    await service.call('CreateLogStream', { ...GROUP, logStreamName: 'a' });
    await put([0, 'x']);
    const names = async (input: object) =>
      (await service.call('DescribeLogStreams', { ...GROUP, ...input })).logStreams?.map((each) => each.logStreamName);
    assert.deepEqual(await names({}), ['a', 'ecs/web/1']);
    assert.deepEqual(await names({ descending: true }), ['ecs/web/1', 'a']);
    assert.deepEqual(await names({ orderBy: 'LastEventTime', descending: true }), ['ecs/web/1', 'a']);
    assert.deepEqual(await names({ logStreamNamePrefix: 'ecs' }), ['ecs/web/1']);
    const first = await service.call('DescribeLogStreams', { ...GROUP, limit: 1, descending: true });
    assert.deepEqual(await names({ nextToken: first.nextToken, descending: true }), ['a']);
    await assert.rejects(names({ orderBy: 'LastEventTime', logStreamNamePrefix: 'e' }), {
      message: 'Cannot order by LastEventTime with a logStreamNamePrefix.',
    });
    await assert.rejects(service.call('CreateLogStream', STREAM), { code: 'ResourceAlreadyExistsException' });
  });

  test('GetLogEvents pages both ways, and gives the same token back at each end', async () => {
    await put([0, 'a'], [1, 'b']);
    await put([2, 'c'], [3, 'd']);
    await put([4, 'e']);
    const last = await get({ limit: 2 });
    assert.equal(last.messages, 'de');
    const before = await get({ limit: 2, nextToken: last.nextBackwardToken });
    assert.equal(before.messages, 'bc');
    const first = await get({ limit: 2, nextToken: before.nextBackwardToken });
    assert.equal(first.messages, 'a');
    const none = await get({ limit: 2, nextToken: first.nextBackwardToken });
    assert.equal(none.messages, '');
    assert.equal(none.nextBackwardToken, first.nextBackwardToken);
    const head = await get({ startFromHead: true, limit: 3 });
    assert.equal(head.messages, 'abc');
    const tail = await get({ startFromHead: true, nextToken: head.nextForwardToken });
    assert.equal(tail.messages, 'de');
    const end = await get({ startFromHead: true, nextToken: tail.nextForwardToken });
    assert.equal(end.messages, '');
    assert.equal(end.nextForwardToken, tail.nextForwardToken);
    await put([5, 'f']);
    assert.equal((await get({ startFromHead: true, nextToken: end.nextForwardToken })).messages, 'f');
    await assert.rejects(get({ nextToken: 'f/123' }), { message: 'The specified nextToken is invalid.' });
  });

  test('a stream with no events yet has tokens that find the first ones', async () => {
    const empty = await get({});
    assert.deepEqual(empty.events, []);
    assert.match(empty.nextForwardToken ?? '', /^f\/\d{56}$/);
    await put([0, 'a']);
    assert.equal((await get({ nextToken: empty.nextForwardToken })).messages, 'a');
  });

  test('a time range has its start in and its end out', async () => {
    await put([0, 'a'], [1, 'b'], [2, 'c']);
    const now = service.clock.now();
    const page = await service.call('GetLogEvents', { ...STREAM, startTime: now + 1, endTime: now + 2 });
    assert.deepEqual(
      page.events?.map((event) => event.message),
      ['b'],
    );
    const filtered = await service.call('FilterLogEvents', { ...GROUP, startTime: now + 1, endTime: now + 2 });
    assert.deepEqual(
      filtered.events?.map((event) => event.message),
      ['b', 'c'],
    );
  });

  test('an answered write is one batch; what is too old or too new is left out and named', async () => {
    const answer = await put([-15 * DAY_MS, 'old'], [-14 * DAY_MS, 'kept']);
    assert.deepEqual(answer.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
    assert.match(answer.nextSequenceToken ?? '', /^\d{56}$/);
    assert.equal((await get({})).messages, 'kept');
    assert.equal(await rowCount(batches), 1);
    await put([3 * 3_600_000, 'new']);
    assert.equal(await rowCount(batches), 1);
    await assert.rejects(service.call('PutLogEvents', { ...STREAM, logStreamName: 'none', logEvents: [] }), {
      message: 'The specified log stream does not exist.',
    });
  });

  test('retention hides expired events at once, and the reconciler removes their batches', async () => {
    await put([0, 'a']);
    service.clock.advance(2 * DAY_MS);
    await put([0, 'b']);
    await service.call('PutRetentionPolicy', { ...GROUP, retentionInDays: 1 });
    assert.equal((await get({})).messages, 'b');
    await service.reconcile();
    assert.equal(await rowCount(batches), 1);
    assert.equal((await get({ startFromHead: true })).messages, 'b');
    const [stream] = (await service.call('DescribeLogStreams', GROUP)).logStreams ?? [];
    assert.equal(stream?.firstEventTimestamp, service.clock.now());
    service.clock.advance(2 * DAY_MS);
    await service.reconcile();
    assert.equal(await rowCount(batches), 0);
    await put([0, 'c']);
    assert.equal((await get({})).messages, 'c');
    await assert.rejects(service.call('PutRetentionPolicy', { ...GROUP, retentionInDays: 2 }), /enum value set/);
    await service.call('DeleteRetentionPolicy', GROUP);
    assert.equal((await service.call('DescribeLogGroups', {})).logGroups?.[0]?.retentionInDays, undefined);
  });

  test('what arrived late is found also when what came before it has expired', async () => {
    const startMs = service.clock.now();
    const hourMs = DAY_MS / 24;
    await put([0, 'first']);
    service.clock.advance(4 * hourMs);
    await put([0, 'fourth hour']);
    await put([-2 * hourMs, 'second hour']);
    await service.call('PutRetentionPolicy', { ...GROUP, retentionInDays: 1 });
    service.clock.advance(21 * hourMs);
    const filter = async () => {
      const { events = [] } = await service.call('FilterLogEvents', { ...GROUP, endTime: startMs + 3 * hourMs });
      return events.map(({ message }) => message);
    };
    assert.deepEqual(await filter(), ['second hour']);
    await service.reconcile();
    assert.equal(await rowCount(batches), 2);
    assert.deepEqual(await filter(), ['second hour']);
  });

  test('a stream made again under its name does not meet the old events', async () => {
    await put([0, 'old']);
    await service.call('DeleteLogStream', STREAM);
    await service.call('CreateLogStream', STREAM);
    assert.equal((await get({})).messages, '');
    await put([0, 'new']);
    await service.reconcile();
    assert.equal((await get({})).messages, 'new');
    assert.equal(await rowCount(batches), 1);
    assert.equal(await rowCount(deletedStreams), 0);
  });

  test('tags by ARN and by name', async () => {
    const resourceArn = 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web';
    await service.call('TagResource', { resourceArn: `${resourceArn}:*`, tags: { stage: 'test' } });
    await service.call('UntagLogGroup', { ...GROUP, tags: ['team'] });
    assert.deepEqual(await service.call('ListTagsForResource', { resourceArn }), { tags: { stage: 'test' } });
    assert.deepEqual(await service.call('ListTagsLogGroup', GROUP), { tags: { stage: 'test' } });
    await assert.rejects(service.call('TagResource', { resourceArn: 'x', tags: {} }), {
      code: 'ResourceNotFoundException',
    });
  });
});
