import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LookupEventsRequest } from '@aws-sdk/client-cloudtrail';
import { chunks } from '../event-tables.ts';
import { openTestTrail, type TestTrail } from '../testing.ts';

async function names(trail: TestTrail, input: LookupEventsRequest = {}): Promise<(string | undefined)[]> {
  return ((await trail.call('LookupEvents', input)).Events ?? []).map((event) => event.EventName);
}

const by = (AttributeKey: any, AttributeValue: string): LookupEventsRequest => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
});

test('newest first, page by page, across chunks', async (context) => {
  const trail = await openTestTrail();
  context.after(() => trail.close());
  for (let at = 0; at < 130; at++) {
    trail.journal.record({ ...RECORD, operation: `Call${at}` });
    if (at % 3 === 0) trail.clock.advance(7);
    if (at % 40 === 0) await trail.journal.flush();
  }
  await trail.journal.flush();
  const seen: (string | undefined)[] = [];
  let token: string | undefined;
  do {
    const page = await trail.call('LookupEvents', { MaxResults: 33, ...(token !== undefined && { NextToken: token }) });
    seen.push(...(page.Events ?? []).map((event) => event.EventName));
    token = page.NextToken;
  } while (token !== undefined);
  assert.deepEqual(
    seen,
    Array.from({ length: 130 }, (_, at) => `Call${129 - at}`),
  );
  assert.equal((await names(trail)).length, 50);
  assert.equal(
    (await trail.call('LookupEvents', { MaxResults: 50, ...by('EventName', 'Call7') })).NextToken,
    undefined,
  );
});

const RECORD = {
  requestId: 'r',
  service: 'ecs',
  readOnly: false,
  account: '123456789012',
  region: 'us-east-1',
  at: 0,
  sourceIp: '192.0.2.7',
  resources: [],
} as const;

test('every attribute, one at a time', async (context) => {
  const trail = await openTestTrail();
  context.after(() => trail.close());
  await trail.record();
  trail.clock.advance(1000);
  await trail.record({
    operation: 'DescribeVpcs',
    service: 'ec2',
    readOnly: true,
    resources: ['*'],
    input: {},
    accessKeyId: 'AKIAB',
  });
  const [, first] = (await trail.call('LookupEvents', {})).Events ?? [];
  const id = first?.EventId ?? '';
  const arn = 'arn:aws:ecs:us-east-1:123456789012:cluster/web';
  for (const [key, value] of [
    ['EventId', id],
    ['EventName', 'CreateCluster'],
    ['EventSource', 'ecs.amazonaws.com'],
    ['ReadOnly', 'false'],
    ['ResourceType', 'AWS::ECS::Cluster'],
    ['ResourceName', 'web'],
    ['ResourceName', arn],
    ['AccessKeyId', 'AKIAANNA'],
  ] as const) {
    assert.deepEqual(await names(trail, by(key, value)), ['CreateCluster'], key);
    assert.deepEqual(await names(trail, by(key, `${value}x`)), [], key);
  }
  assert.equal((await names(trail, by('Username', 'anna'))).length, 2);
  assert.deepEqual(
    { ...first, CloudTrailEvent: JSON.parse(first?.CloudTrailEvent ?? '').eventName },
    {
      EventId: id,
      EventName: 'CreateCluster',
      ReadOnly: 'false',
      AccessKeyId: 'AKIAANNA',
      EventTime: new Date(Date.UTC(2026, 0, 1)),
      EventSource: 'ecs.amazonaws.com',
      Username: 'anna',
      Resources: [{ ResourceType: 'AWS::ECS::Cluster', ResourceName: 'web' }],
      CloudTrailEvent: 'CreateCluster',
    },
  );
});

test('a range of time holds both its ends, in whole seconds', async (context) => {
  const trail = await openTestTrail();
  context.after(() => trail.close());
  const start = trail.clock.now();
  for (let at = 0; at < 10; at++) {
    trail.journal.record({ ...RECORD, operation: `Call${at}` });
    trail.clock.advance(10_500);
  }
  await trail.journal.flush();
  const range = (fromMs: number, toMs: number) =>
    names(trail, { StartTime: new Date(start + fromMs), EndTime: new Date(start + toMs) });
  assert.deepEqual(await range(10_000, 31_000), ['Call3', 'Call2', 'Call1']);
  assert.deepEqual(await range(0, 0), ['Call0']);
  assert.deepEqual(await range(-5000, -1000), []);
  assert.deepEqual(await range(94_000, 500_000), ['Call9']);
  assert.deepEqual(await names(trail, { ...by('EventName', 'Call4'), StartTime: new Date(start + 50_000) }), []);
});

test('only of the account and the region; global services in us-east-1', async (context) => {
  const trail = await openTestTrail();
  context.after(() => trail.close());
  await trail.record({ operation: 'Elsewhere', region: 'eu-west-1' });
  await trail.record({ operation: 'CreateUser', service: 'iam', region: 'eu-west-1' });
  await trail.record({ operation: 'Foreign', account: '111122223333' });
  assert.deepEqual(await names(trail), ['CreateUser']);
  const elsewhere = await trail.call('LookupEvents', {}, { region: 'eu-west-1' });
  assert.deepEqual(
    elsewhere.Events?.map((event) => event.EventName),
    ['Elsewhere'],
  );
});

test('what has outlived the retention is hidden at once, and removed', async (context) => {
  const trail = await openTestTrail({ retentionMs: 3_600_000 });
  context.after(() => trail.close());
  await trail.record({ operation: 'Old' });
  trail.clock.advance(3_000_000);
  await trail.record({ operation: 'New' });
  trail.clock.advance(1_000_000);
  assert.deepEqual(await names(trail), ['New']);
  const rows = () => trail.events.read((tx) => tx.list(chunks));
  assert.equal((await rows()).length, 2);
  await trail.reconcile();
  assert.deepEqual(
    (await rows()).flatMap((row) => row.events.map(({ event }) => event.eventName)),
    ['New'],
  );
});

test('refusals', async (context) => {
  const trail = await openTestTrail();
  context.after(() => trail.close());
  await trail.record();
  await trail.record();
  const one = { AttributeKey: 'EventName', AttributeValue: 'x' } as const;
  const { NextToken } = await trail.call('LookupEvents', { MaxResults: 1 });
  for (const [input, code] of [
    [{ MaxResults: 0 }, 'InvalidMaxResultsException'],
    [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
    [{ NextToken: 'made up' }, 'InvalidNextTokenException'],
    [{ LookupAttributes: [one, one] }, 'InvalidLookupAttributesException'],
    [by('EventSize', 'x'), 'InvalidLookupAttributesException'],
    [by('EventName', ''), 'InvalidLookupAttributesException'],
    [{ StartTime: new Date(2), EndTime: new Date(1) }, 'InvalidTimeRangeException'],
    [{ EventCategory: 'insight' }, 'UnsupportedOperationException'],
  ] as const) {
    await assert.rejects(trail.call('LookupEvents', input as LookupEventsRequest), { code }, JSON.stringify(input));
  }
  await assert.rejects(trail.call('LookupEvents', { NextToken }, { region: 'eu-west-1' }), {
    code: 'InvalidNextTokenException',
  });
});
