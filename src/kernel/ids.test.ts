import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds, systemIds } from './ids.ts';

const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ids have the shape that is asked for', () => {
  for (const ids of [systemIds, seededIds(7)]) {
    for (const length of [0, 1, 8, 17, 32]) assert.match(ids.hex(length), new RegExp(`^[0-9a-f]{${length}}$`));
    assert.equal(ids.bytes(12).length, 12);
    for (let i = 0; i < 50; i++) assert.match(ids.uuid(), UUID_4);
  }
});

test('the same seed draws the same ids, another one others, and none twice', () => {
  const draw = (seed: number) => {
    const ids = seededIds(seed);
    return Array.from({ length: 200 }, () => ids.hex(16));
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  assert.equal(new Set(draw(1)).size, 200);
  assert.notEqual(systemIds.hex(32), systemIds.hex(32));
});
