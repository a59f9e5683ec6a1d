import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { FakeClock } from '../../kernel/clock.ts';
import { openTestService, type TestService } from '../../api/testing.ts';
import { logs } from './index.ts';

const GROUP = { logGroupName: 'g' };

describe('reading log events', () => {
  let service: TestService<'logs'>;
  beforeEach(async () => {
    service = openTestService('logs', logs, { clock: new FakeClock() });
    await service.call('CreateLogGroup', GROUP);
  });
  afterEach(() => service.close());

  const addStream = (logStreamName: string) => service.call('CreateLogStream', { ...GROUP, logStreamName });
  const put = (logStreamName: string, events: readonly (readonly [number, string])[]) =>
    service.call('PutLogEvents', {
      ...GROUP,
      logStreamName,
      logEvents: events.map(([offset, message]) => ({ timestamp: service.clock.now() + offset, message })),
    });
  const filterAll = async (input: Partial<FilterLogEventsCommandInput>) => {
    const messages: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await service.call('FilterLogEvents', { ...GROUP, ...input, nextToken });
      messages.push(...(page.events ?? []).map((event) => event.message ?? ''));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return messages;
  };

  test('FilterLogEvents merges streams by time and goes on where a page ended', async () => {
    for (const name of ['one', 'other', 'two']) await addStream(name);
    await put('one', [
      [0, 'a'],
      [5, 'd'],
      [5, 'e'],
    ]);
    await put('two', [
      [1, 'b'],
      [5, 'f'],
      [9, 'h'],
    ]);
    await put('other', [
      [2, 'c'],
      [7, 'g'],
    ]);
    const expected = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const limit of [1, 2, 3, 100]) {
      assert.deepEqual(await filterAll({ limit }), expected);
      assert.deepEqual(await filterAll({ limit, startFromHead: false }), expected.toReversed());
    }
    assert.deepEqual(await filterAll({ logStreamNames: ['two'] }), ['b', 'f', 'h']);
    assert.deepEqual(await filterAll({ logStreamNamePrefix: 'o' }), ['a', 'c', 'd', 'e', 'g']);
    assert.deepEqual(await filterAll({ filterPattern: '?c ?h', limit: 1 }), ['c', 'h']);
    const page = await service.call('FilterLogEvents', GROUP);
    assert.equal(new Set(page.events?.map((event) => event.eventId)).size, 8);
    await assert.rejects(filterAll({ logStreamNames: ['none'] }), {
      message: 'The specified log stream does not exist.',
    });
    await assert.rejects(filterAll({ filterPattern: '{ $.a }' }), { code: 'InvalidParameterException' });
  });

  test('events come by time, whatever order batches came in', async () => {
    const offsets = fc.array(fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 6 }), {
      maxLength: 25,
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(offsets, fc.integer({ min: 1, max: 7 }), async (written, limit) => {
        const logStreamName = `s${run++}`;
        await addStream(logStreamName);
        const all: { ms: number; message: string }[] = [];
        for (const [at, batch] of written.entries()) {
          const events = batch.toSorted((a, b) => a - b).map((ms, index) => [ms, `${at}.${index}`] as const);
          await put(logStreamName, events);
          all.push(...events.map(([ms, message]) => ({ ms, message })));
        }
        const expected = all.toSorted((a, b) => a.ms - b.ms).map((event) => event.message);
        assert.deepEqual(await readAll(logStreamName, limit, true), expected);
        assert.deepEqual(await readAll(logStreamName, limit, false), expected);
      }),
      { numRuns: 40 },
    );
  });

  const readAll = async (logStreamName: string, limit: number, startFromHead: boolean) => {
    const messages: string[] = [];
    let nextToken: string | undefined;
    for (;;) {
      const page = await service.call('GetLogEvents', { ...GROUP, logStreamName, limit, startFromHead, nextToken });
      const next = startFromHead ? page.nextForwardToken : page.nextBackwardToken;
      const found = (page.events ?? []).map((event) => event.message ?? '');
      if (startFromHead) messages.push(...found);
      else messages.unshift(...found);
      if (next === nextToken || found.length === 0) return messages;
      nextToken = next;
    }
  };
});
