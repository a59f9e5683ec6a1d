import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { dialled } from './operator-call.ts';

test('every address of an endpoint can be connected to', () => {
  for (const address of ['[::1]', '[2001:db8::7]', '127.0.0.1']) {
    assert.notEqual(isIP(dialled(new URL(`http://${address}:4566`).hostname)), 0, address);
  }
  assert.equal(dialled('localhost'), 'localhost');
});
