import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { StartLiveTailCommandInput, StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs';
import { openTestService, type TestService } from '../../api/testing.ts';
import { FakeClock } from '../../kernel/clock.ts';
import { logs } from './index.ts';

const GROUP = 'arn:aws:logs:us-east-1:123456789012:log-group:g';

describe('StartLiveTail', () => {
  let service: TestService<'logs'>;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    service = openTestService('logs', logs, { clock });
    await service.call('CreateLogGroup', { logGroupName: 'g' });
    for (const logStreamName of ['one', 'two']) {
      await service.call('CreateLogStream', { logGroupName: 'g', logStreamName });
    }
  });
  afterEach(() => service.close());

  const put = (logStreamName: string, messages: readonly string[]) =>
    service.call('PutLogEvents', {
      logGroupName: 'g',
      logStreamName,
      logEvents: messages.map((message) => ({ timestamp: service.clock.now(), message })),
    });
  const open = async (input: Partial<StartLiveTailCommandInput> = {}) => {
    const answer = await service.call('StartLiveTail', { logGroupIdentifiers: [GROUP], ...input });
    const events = (answer.responseStream as AsyncIterable<StartLiveTailResponseStream>)[Symbol.asyncIterator]();
    const start = (await events.next()).value as StartLiveTailResponseStream;
    return { events, start: start.sessionStart };
  };
  const nextUpdate = async (events: AsyncIterator<StartLiveTailResponseStream>) => {
    const next = events.next();
    for (let round = 0; round < 20; round++) await Promise.resolve();
    clock.advance(1000);
    return ((await next).value as StartLiveTailResponseStream).sessionUpdate;
  };
  const messagesOf = (update: Awaited<ReturnType<typeof nextUpdate>>) =>
    update?.sessionResults?.map((event) => event.message);

  test('each second what was ingested since, of the wanted streams and pattern', async () => {
    await put('one', ['before']);
    const all = await open();
    const some = await open({ logStreamNames: ['two'], logEventFilterPattern: 'ERROR' });
    assert.equal(some.start?.logEventFilterPattern, 'ERROR');
    assert.deepEqual(all.start?.logGroupIdentifiers, [GROUP]);
    await put('one', ['a ERROR']);
    await put('two', ['b', 'c ERROR']);
    const update = await nextUpdate(all.events);
    assert.deepEqual(messagesOf(update), ['a ERROR', 'b', 'c ERROR']);
    assert.equal(update?.sessionMetadata?.sampled, false);
    assert.equal(update?.sessionResults?.[0]?.logGroupIdentifier, '123456789012:g');
    assert.deepEqual(messagesOf(await nextUpdate(some.events)), ['c ERROR']);
    assert.deepEqual(messagesOf(await nextUpdate(all.events)), []);
    await service.call('CreateLogStream', { logGroupName: 'g', logStreamName: 'late' });
    await put('late', ['d']);
    assert.deepEqual(messagesOf(await nextUpdate(all.events)), ['d']);
  });

  test('of more than 500 events it gives 500, and says so', async () => {
    const { events } = await open({ logStreamNamePrefixes: ['o'] });
    await put(
      'one',
      Array.from({ length: 1234 }, (_, at) => `${at}`),
    );
    const update = await nextUpdate(events);
    assert.equal(update?.sessionResults?.length, 500);
    assert.equal(update?.sessionMetadata?.sampled, true);
  });

  test('also of more than a call takes arguments', async () => {
    const { events } = await open();
    const messages = Array.from({ length: 10_000 }, () => 'm');
    for (let batch = 0; batch < 14; batch++) await put('one', messages);
    const update = await nextUpdate(events);
    assert.deepEqual([update?.sessionResults?.length, update?.sessionMetadata?.sampled], [500, true]);
  });

  test('an account has 15 at once, and another when one is over', async () => {
    const sessions = [];
    for (let at = 0; at < 15; at++) {
      const { events } = await open();
      await nextUpdate(events);
      sessions.push(events);
    }
    await assert.rejects(open(), { code: 'LimitExceededException' });
    await sessions[0]?.return?.();
    const { events } = await open();
    for (const each of [...sessions, events]) await each.return?.();
  });

  test('ends after three hours', async () => {
    const { events } = await open();
    await nextUpdate(events);
    clock.advance(3 * 3_600_000);
    await assert.rejects(
      async () => {
        await nextUpdate(events);
        await nextUpdate(events);
      },
      { code: 'SessionTimeoutException' },
    );
  });

  test('what it cannot follow is refused at once', async () => {
    const refusals = [
      [{ logGroupIdentifiers: ['g'] }, 'InvalidParameterException'],
      [{ logGroupIdentifiers: [`${GROUP}:*`] }, 'InvalidParameterException'],
      [{ logGroupIdentifiers: [] }, 'InvalidParameterException'],
      [{ logGroupIdentifiers: [`${GROUP}x`] }, 'ResourceNotFoundException'],
      [{ logStreamNames: ['none'] }, 'ResourceNotFoundException'],
      [{ logStreamNames: ['one'], logStreamNamePrefixes: ['o'] }, 'InvalidParameterException'],
      [{ logEventFilterPattern: '{ broken' }, 'InvalidParameterException'],
      [{ logGroupIdentifiers: [GROUP, GROUP], logStreamNames: ['one'] }, 'InvalidParameterException'],
    ] as const;
    for (const [input, code] of refusals) await assert.rejects(open(input as object), { code }, JSON.stringify(input));
  });
});
