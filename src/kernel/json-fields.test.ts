import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonFields } from './json-fields.ts';

test('of what is no object of JSON there are none', () => {
  assert.deepEqual(jsonFields('{"token":"a","expires_in":60}'), { token: 'a', expires_in: 60 });
  for (const text of ['', 'token', 'null', '1', '{"token":']) assert.deepEqual(jsonFields(text), {}, text);
});
