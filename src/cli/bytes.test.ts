import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatDollars } from './bytes.ts';

test('bytes are written in the unit that fits', () => {
  const written = [0, 1, 1023, 1024, 1536 * 1024, 5 * 1024 ** 3, 3 * 1024 ** 5].map(formatBytes);
  assert.deepEqual(written, ['0 B', '1 B', '1023 B', '1.0 KiB', '1.5 MiB', '5.0 GiB', '3072.0 TiB']);
});

test('what costs something is never written as nothing', () => {
  assert.deepEqual([0, 0.001, 0.006, 12.345].map(formatDollars), ['$0.00', '<$0.01', '$0.01', '$12.35']);
});
