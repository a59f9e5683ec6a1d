import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encryptionOf, encryptionView } from './encryption.ts';

test('each type is kept, and a key with the types that have one', () => {
  assert.equal(encryptionOf(undefined), undefined);
  assert.deepEqual(encryptionView(undefined), { encryptionType: 'AES256' });
  for (const given of [
    { encryptionType: 'AES256' },
    { encryptionType: 'KMS' },
    { encryptionType: 'KMS', kmsKey: 'alias/a' },
    { encryptionType: 'KMS_DSSE', kmsKey: 'arn:aws:kms:us-east-1:123456789012:key/1' },
  ]) {
    assert.deepEqual(encryptionView(encryptionOf(given)), given);
  }
  for (const given of [
    {},
    { encryptionType: 'aes' },
    { encryptionType: 'AES256', kmsKey: 'k' },
    { encryptionType: 'KMS', kmsKey: '' },
  ]) {
    assert.throws(() => encryptionOf(given), { code: 'InvalidParameterException' });
  }
});
