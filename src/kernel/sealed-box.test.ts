import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds, systemIds } from './ids.ts';
import { SealedBox } from './sealed-box.ts';

const key = Buffer.alloc(32, 7);
const box = new SealedBox(key, 'test', systemIds);

test('what is sealed can be opened, and only looks random', () => {
  for (const plain of ['', 'a secret', 'ünïcödé\n'.repeat(500)]) {
    const sealed = box.seal(plain);
    assert.match(sealed, /^[A-Za-z0-9_-]+$/);
    assert.equal(box.open(sealed), plain);
    assert.notEqual(box.seal(plain), sealed);
  }
  assert.ok(!Buffer.from(box.seal('a secret'), 'base64url').includes('a secret'));
});

test('a box of another key or purpose cannot open it; one of the same can', () => {
  const sealed = box.seal('a secret');
  assert.equal(new SealedBox(key, 'test', seededIds(1)).open(sealed), 'a secret');
  assert.equal(new SealedBox(key, 'other', systemIds).open(sealed), undefined);
  assert.equal(new SealedBox(Buffer.alloc(32, 8), 'test', systemIds).open(sealed), undefined);
});

test('whatever is changed, it does not open', () => {
  const bytes = Buffer.from(box.seal('a secret'), 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] ?? 0) ^ 1;
    assert.equal(box.open(changed.toString('base64url')), undefined, `byte ${i}`);
  }
  for (const text of [
    '',
    'x',
    'not a box',
    bytes.subarray(0, 27).toString('base64url'),
    bytes.subarray(0, -1).toString('base64url'),
  ]) {
    assert.equal(box.open(text), undefined, text);
  }
});
