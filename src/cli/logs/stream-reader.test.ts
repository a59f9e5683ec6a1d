import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs';
import type {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { StreamReader } from './stream-reader.ts';

const STREAM = { label: 'app', group: '/ecs/app', name: 'app/app/1' };

/** CloudWatch Logs with one stream, which is there once it has lines. */
function openLogs() {
  const messages: string[] = [];
  const asked: GetLogEventsCommandInput[] = [];
  const send = async ({ input }: GetLogEventsCommand) => {
    asked.push(input);
    if (messages.length === 0) throw new ResourceNotFoundException({ message: 'no such stream', $metadata: {} });
    const { limit = 0, nextToken, startFromHead } = input;
    const from =
      nextToken === undefined ? (startFromHead ? 0 : Math.max(0, messages.length - limit)) : Number(nextToken);
    const events = messages.slice(from, from + limit).map((message) => ({ timestamp: 1, message }));
    return { events, nextForwardToken: String(from + events.length) };
  };
  return { messages, asked, client: { send } as unknown as CloudWatchLogsClient };
}

const texts = async (reader: StreamReader) => (await reader.read()).map(({ message }) => message);

test('the first read brings the last lines, later ones all that is new', async () => {
  const { messages, client } = openLogs();
  messages.push('one', 'two', 'three');
  const reader = new StreamReader(client, STREAM, { last: 2 });
  assert.deepEqual(await texts(reader), ['two', 'three']);
  messages.push('four', 'five', 'six');
  assert.deepEqual(await texts(reader), ['four', 'five', 'six']);
});

test('a stream that comes after the first read is read whole', async () => {
  const { messages, client } = openLogs();
  const reader = new StreamReader(client, STREAM, { last: 2 });
  assert.deepEqual(await texts(reader), []);
  messages.push('one', 'two', 'three');
  assert.deepEqual(await texts(reader), ['one', 'two', 'three']);
});
