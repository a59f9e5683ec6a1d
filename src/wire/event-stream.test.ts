import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudWatchLogsClient, StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs';
import { ServiceError } from '../kernel/errors.ts';
import { Contracts } from './contracts.ts';
import { encodeOutput } from './encode.ts';
import { encodeMessage } from './event-stream.ts';

/** What the SDK reads of an answer with these events. */
async function read(events: AsyncIterable<object>): Promise<StartLiveTailResponseStream[]> {
  const contract = await new Contracts().get('logs');
  const operation = contract.operations.get('StartLiveTail');
  assert.ok(operation);
  const answer = encodeOutput({ contract, operation, protocol: 'awsJson1_1' }, { responseStream: events }, 'id-1');
  assert.equal(answer.headers['content-type'], 'application/vnd.amazon.eventstream');
  assert.equal(answer.live, true);
  const client = new CloudWatchLogsClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async () => ({ response: { statusCode: 200, headers: answer.headers, body: answer.stream } }),
    },
  });
  const output = await client.send(new StartLiveTailCommand({ logGroupIdentifiers: ['arn'] }));
  const found: StartLiveTailResponseStream[] = [];
  for await (const each of output.responseStream ?? []) found.push(each);
  return found;
}

test('the SDK reads each event as it was given', async () => {
  const sessionStart = { requestId: 'r', sessionId: 's', logGroupIdentifiers: ['arn'] };
  const sessionResults = [{ logStreamName: 'é😀', message: 'x'.repeat(100_000), timestamp: 5, ingestionTime: 6 }];
  const found = await read(
    (async function* () {
      yield { sessionStart };
      yield { sessionUpdate: { sessionMetadata: { sampled: true }, sessionResults } };
    })(),
  );
  assert.deepEqual(found, [
    { sessionStart },
    { sessionUpdate: { sessionMetadata: { sampled: true }, sessionResults } },
  ]);
});

test('an error of the union comes as itself, and a bug without its words', async () => {
  const failing = (error: Error) =>
    read(
      (async function* () {
        yield { sessionStart: {} };
        throw error;
      })(),
    );
  await assert.rejects(failing(new ServiceError('SessionTimeoutException', 'It is over.')), {
    name: 'SessionTimeoutException',
    message: 'It is over.',
  });
  await assert.rejects(failing(new Error('a secret')), (error: Error) => !error.message.includes('secret'));
});

test('a message is laid out as the format says', () => {
  // From https://github.com/awslabs/smithy: header names of one byte, texts of type 7.
  const message = encodeMessage({ a: 'b' }, Buffer.from('{}'));
  assert.equal(message.length, message.readUInt32BE(0));
  assert.equal(message.readUInt32BE(4), 6);
  assert.equal(message.subarray(12, 18).toString('latin1'), '\u0001a\u0007\u0000\u0001b');
  assert.equal(message.subarray(18, 20).toString(), '{}');
});
