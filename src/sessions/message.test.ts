import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage, encodeMessage, PAYLOAD } from './message.ts';
import type { ChannelMessage } from './message.ts';

const MESSAGE: ChannelMessage = {
  type: 'output_stream_data',
  createdAtMs: 1_767_225_600_000,
  sequence: 7,
  flags: 1n,
  id: '00112233-4455-6677-8899-aabbccddeeff',
  payloadType: PAYLOAD.output,
  payload: Buffer.from('hello'),
};

test('a frame is laid out as the session-manager-plugin reads it', () => {
  const bytes = encodeMessage(MESSAGE);
  assert.equal(bytes.readUInt32BE(0), 116);
  assert.equal(bytes.toString('utf8', 4, 36), 'output_stream_data'.padEnd(32));
  assert.equal(bytes.readUInt32BE(36), 1);
  assert.equal(bytes.readBigInt64BE(48), 7n);
  // The lower half of the UUID comes first.
  assert.equal(bytes.toString('hex', 64, 80), '8899aabbccddeeff0011223344556677');
  assert.equal(bytes.readUInt32BE(112), PAYLOAD.output);
  assert.equal(bytes.readUInt32BE(116), 5);
  assert.equal(bytes.toString('utf8', 120), 'hello');
});

test('what was encoded is decoded', () => {
  assert.deepEqual(decodeMessage(encodeMessage(MESSAGE)), MESSAGE);
});

test('a type may be padded with zeros', () => {
  const bytes = encodeMessage(MESSAGE);
  bytes.fill(0, 4 + 'output_stream_data'.length, 36);
  assert.equal(decodeMessage(bytes).type, 'output_stream_data');
});

const damaged: readonly [string, RegExp, (bytes: Buffer) => Buffer][] = [
  ['cut in its header', /not whole/, (bytes) => bytes.subarray(0, 60)],
  ['cut in its payload', /promises 5 bytes of payload and has 3/, (bytes) => bytes.subarray(0, 123)],
  ['with a header beyond its end', /not whole/, (bytes) => (bytes.writeUInt32BE(4000, 0), bytes)],
  ['with another payload', /digest/, (bytes) => (bytes.write('j', 120), bytes)],
  ['of an unknown type', /unknown type 'outqut/, (bytes) => (bytes.write('q', 7), bytes)],
];
for (const [what, error, damage] of damaged) {
  test(`a frame ${what} is refused`, () => {
    assert.throws(() => decodeMessage(damage(encodeMessage(MESSAGE))), error);
  });
}
