import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../kernel/ids.ts';
import { accessKeyId, accountOfAccessKey } from './access-key-id.ts';

test('the account can be read off an access key id', () => {
  const ids = seededIds(1);
  for (const account of ['123456789012', '000000000000', '000000000001', '999999999999']) {
    for (const prefix of ['AKIA', 'ASIA'] as const) {
      const id = accessKeyId(prefix, account, ids);
      assert.match(id, /^A[KS]IA[A-Z2-7]{16}$/);
      assert.equal(accountOfAccessKey(id), account);
    }
  }
  const made = Array.from({ length: 500 }, () => accessKeyId('ASIA', '123456789012', ids));
  assert.equal(new Set(made).size, 500);
});

test("the encoding is AWS's own", () => {
  // The published example of the decoding: https://hackingthe.cloud/aws/enumeration/get-account-id-from-keys/
  assert.equal(accountOfAccessKey('ASIAQNZGKIQY56JQ7WML'), '029608264753');
});

test('what is no access key id has no account', () => {
  for (const text of ['', 'AKIA', 'AROAQNZGKIQY56JQ7WML', 'AKIAIOSFODNN7EXAMPL1', 'AKIA7777777777777777']) {
    assert.equal(accountOfAccessKey(text), undefined, text);
  }
});
