import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Turns } from './turns.ts';

it('takes turns for one key, also after a failure, and none for different keys', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take('a', async () => {
    await gate.promise;
    order.push('first');
    throw new Error('no');
  });
  const second = turns.take('a', async () => order.push('second'));
  await turns.take('b', async () => order.push('other'));
  gate.resolve();
  await assert.rejects(first, /no/);
  await second;
  assert.deepEqual(order, ['other', 'first', 'second']);
});
