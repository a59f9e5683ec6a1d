import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { transcriptLines } from './exec-log-delivery.ts';

async function bunches(chunks: readonly (string | Buffer)[]): Promise<string[][]> {
  return Readable.from(transcriptLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))).toArray();
}

test('lines come whole wherever the chunks end', async () => {
  assert.deepEqual(await bunches(['a\r', '\nb\nc', 'd\r\n']), [['a', 'b'], ['cd']]);
  assert.deepEqual(await bunches(['a\n\n', 'end']), [['a', ''], ['end']]);
  assert.deepEqual(await bunches([]), []);
  const [first = 0, ...others] = Buffer.from('é\n');
  assert.deepEqual((await bunches([Buffer.from([first]), Buffer.from(others)])).flat(), ['é']);
});

test('a line without an end is cut between two characters', async () => {
  const endless = Buffer.from('é'.repeat(200_000));
  const chunks = Array.from({ length: 5 }, (_, at) => endless.subarray(at * 99_999, (at + 1) * 99_999));
  const pieces = (await bunches(chunks)).flat();
  assert.ok(pieces.length > 1);
  assert.equal(pieces.join(''), endless.toString());
});
