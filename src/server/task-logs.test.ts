import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationName } from '../api/clients.ts';
import { FakeClock } from '../kernel/clock.ts';
import { openTestService } from '../api/testing.ts';
import { logs } from '../services/logs/index.ts';
import { taskLogs } from './task-logs.ts';

const destination = { account: '123456789012', region: 'us-east-1', group: 'g', stream: 's', createGroup: true };

async function open() {
  const service = openTestService('logs', logs, { clock: new FakeClock() });
  // The sink calls CloudWatch Logs only, which the type of a call to any service does not tell.
  const sink = taskLogs(() => async (_service, operation, input) => {
    const answer: object = await service.call(operation as OperationName<'logs'>, input as object);
    return answer as never;
  });
  await sink.open(destination);
  /** All of it: a page has 1 MiB at most, and the token of the end is the one that was given. */
  const stored = async () => {
    const messages: string[] = [];
    for (let nextToken: string | undefined; ;) {
      const page = { logGroupName: 'g', logStreamName: 's', startFromHead: true };
      const answer = await service.call('GetLogEvents', nextToken === undefined ? page : { ...page, nextToken });
      messages.push(...(answer.events ?? []).map((event) => event.message ?? ''));
      if (answer.nextForwardToken === nextToken) return messages;
      nextToken = answer.nextForwardToken;
    }
  };
  return { service, sink, stored, now: service.clock.now() };
}

test('what a container may print, CloudWatch Logs takes: blank lines, disorder, lines of any length', async () => {
  const { service, sink, stored, now } = await open();
  const huge = 'é'.repeat(1_000_000);
  await sink.append(destination, [
    { timeMs: now + 2, message: 'second' },
    { timeMs: now + 1, message: 'first' },
    { timeMs: now + 2, message: '' },
    { timeMs: now + 3, message: huge },
    { timeMs: now + 4, message: 'last' },
  ]);
  const messages = await stored();
  assert.deepEqual([...messages.slice(0, 2), messages.at(-1)], ['first', 'second', 'last']);
  assert.equal(messages.slice(2, -1).join(''), huge);
  await sink.append(destination, [{ timeMs: now + 5, message: '' }]);
  assert.equal((await stored()).length, messages.length);
  await service.close();
});

test('more lines than one request takes go in several', async () => {
  const { service, sink, stored, now } = await open();
  await sink.append(
    destination,
    Array.from({ length: 10_001 }, (_, at) => ({ timeMs: now, message: String(at) })),
  );
  const messages = await stored();
  assert.equal(messages.length, 10_001);
  assert.equal(messages.at(-1), '10000');
  await service.close();
});

test('after a restart a line is rather read twice than lost', async () => {
  const { service, sink, now } = await open();
  assert.equal(await sink.position(destination), undefined);
  await sink.append(destination, [
    { timeMs: now, message: 'a' },
    { timeMs: now, message: 'x'.repeat(600_000) },
    { timeMs: now, message: '' },
    { timeMs: now, message: 'b' },
  ]);
  const position = await sink.position(destination);
  assert.equal(position?.timeMs, now);
  assert.equal(position?.linesAtTime, 3, 'of the four lines; the pieces of one count once');
  await service.close();
});
