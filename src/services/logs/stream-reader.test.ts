import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import { openTestService } from '../../api/testing.ts';
import type { ReadTx } from '../../store/store.ts';
import { logs } from './index.ts';
import { readBackward, readForward } from './stream-reader.ts';
import { batches, logStreams, streamKey } from './tables.ts';

const BATCHES = 300;
const SCOPE = { account: '123456789012', region: 'us-east-1' };

test('reading one page reads a few batches of a long stream, wherever the page lies', async () => {
  const service = openTestService('logs', logs, { clock: new FakeClock() });
  const names = { logGroupName: 'g', logStreamName: 's' };
  await service.call('CreateLogGroup', { logGroupName: 'g' });
  await service.call('CreateLogStream', names);
  const startMs = service.clock.now();
  for (let at = 0; at < BATCHES; at += 1) {
    await service.call('PutLogEvents', { ...names, logEvents: [{ timestamp: startMs + at, message: `${at}` }] });
  }
  await service.store.read(async (tx) => {
    const stream = await tx.get(logStreams, streamKey(SCOPE, 'g', 's'));
    assert.ok(stream);
    const readOne = async (read: typeof readForward, window: { fromMs: number; untilMs: number }) => {
      const counted = counting(tx);
      const first = await read(counted.tx, stream, window).next();
      return { message: first.value?.message, rows: counted.rows() };
    };
    const everything = { fromMs: 0, untilMs: Infinity };
    assert.deepEqual(await readOne(readBackward, everything), { message: '299', rows: 1 });
    const middle = await readOne(readForward, { fromMs: startMs + 150, untilMs: Infinity });
    assert.equal(middle.message, '150');
    assert.ok(middle.rows <= 12, `${middle.rows} rows`);
    const before = await readOne(readBackward, { fromMs: 0, untilMs: startMs + 150 });
    assert.equal(before.message, '149');
    assert.ok(before.rows <= 16, `${before.rows} rows`);
  });
  await service.close();
});

/** The same transaction, counting the batches that are read through it. */
function counting(tx: ReadTx): { tx: ReadTx; rows: () => number } {
  let rows = 0;
  return {
    rows: () => rows,
    tx: {
      async get(table, key) {
        if (table.name === batches.name) rows += 1;
        return tx.get(table, key);
      },
      async list(table, query) {
        const found = await tx.list(table, query);
        if (table.name === batches.name) rows += found.length;
        return found;
      },
      project: (projection, key, use) => tx.project(projection, key, use),
    },
  };
}
