import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedLock } from '../keyed-lock.ts';
import { parts } from '../suite.ts';
import { streamAndStore } from './stream-and-store.ts';
import type { Storing } from './stream-and-store.ts';

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Records what becomes of the bytes. */
function recorder(store?: Storing['store']) {
  const told: string[] = [];
  const lock = new KeyedLock();
  const storing: Storing = {
    lock,
    key: 'k',
    store:
      store ??
      (async (bytes) => {
        told.push(`stored ${await text(bytes)}`);
      }),
    stored: async () => {
      told.push(`done, ${lock.isHeld('k') ? 'held' : 'free'}`);
    },
    failed: (error) => told.push(`failed: ${error instanceof Error ? error.message : ''}`),
  };
  return { told, storing };
}

test('the reader and the store get the same bytes, under the lock', async () => {
  const { told, storing } = recorder();
  assert.equal(await text(streamAndStore(parts('one ', 'two'), storing)), 'one two');
  assert.deepEqual(told, ['stored one two', 'done, held']);
  assert.equal(storing.lock.isHeld('k'), false);
});

test('a full disk is not the reader’s affair', async () => {
  const { told, storing } = recorder(async (bytes) => {
    for await (const _ of bytes) throw new Error('the disk is full');
  });
  const big = 'x'.repeat(3 * 1024 * 1024);
  assert.equal((await text(streamAndStore(parts(big, 'y', big), storing))).length, 2 * big.length + 1);
  assert.deepEqual(told, ['failed: the disk is full']);
  assert.equal(storing.lock.isHeld('k'), false);
});

test('a source that breaks off stores nothing, and its reader hears of it', async () => {
  const { told, storing } = recorder();
  async function* broken(): AsyncGenerator<Uint8Array, void> {
    yield Buffer.from('one');
    throw new Error('cut');
  }
  await assert.rejects(text(streamAndStore(broken(), storing)), /cut/);
  assert.deepEqual(told, ['failed: the client left, or the upstream registry failed']);
  assert.equal(storing.lock.isHeld('k'), false);
});

test('while somebody stores the same bytes they are passed on only', async () => {
  const { told, storing } = recorder();
  const { promise, resolve } = Promise.withResolvers<void>();
  const holding = storing.lock.hold('k', () => promise);
  assert.equal(await text(streamAndStore(parts('one'), storing)), 'one');
  assert.deepEqual(told, []);
  resolve();
  await holding;
});
