import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKSUM_ALGORITHMS, checksumOf, combineCrcs, isCrc } from './checksums.ts';

const hex = (base64: string) => Buffer.from(base64, 'base64').toString('hex');

test('the check values of the catalogue of CRCs', () => {
  const digits = Buffer.from('123456789');
  assert.equal(hex(checksumOf('CRC32', digits)), 'cbf43926');
  assert.equal(hex(checksumOf('CRC32C', digits)), 'e3069283');
  assert.equal(hex(checksumOf('CRC64NVME', digits)), 'ae8b14860a799888');
  assert.equal(checksumOf('SHA1', Buffer.from('')), '2jmj7l5rSw0yVb/vlWAYkK/YBwk=');
});

test('the CRC of a whole follows from its parts', () => {
  const parts = ['a', '', 'some bytes', 'x'.repeat(100_000)].map((text) => Buffer.from(text));
  for (const algorithm of CHECKSUM_ALGORITHMS.filter(isCrc)) {
    const each = parts.map((part) => ({ checksum: checksumOf(algorithm, part), sizeBytes: part.length }));
    assert.equal(combineCrcs(algorithm, each), checksumOf(algorithm, Buffer.concat(parts)), algorithm);
  }
});
