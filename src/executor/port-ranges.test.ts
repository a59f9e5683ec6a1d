import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseRanges } from './port-ranges.ts';

const tcp = (first: number, last: number) => ({ first, last, protocol: 'tcp' }) as const;
const firsts = (wanted: Parameters<typeof chooseRanges>[0], taken: Parameters<typeof chooseRanges>[1] = []) =>
  chooseRanges(wanted, taken).map(({ hostFirst }) => hostFirst);

test('ranges are given ports in a row, around those that others have', () => {
  assert.deepEqual(firsts([tcp(1, 10), tcp(20, 21)]), [49_153, 49_163]);
  assert.deepEqual(firsts([tcp(1, 10)], [tcp(49_155, 49_155)]), [49_156]);
  assert.deepEqual(firsts([tcp(1, 2)], [tcp(49_155, 49_155)]), [49_153]);
  assert.deepEqual(firsts([tcp(1, 3)], [tcp(49_160, 49_170), tcp(49_153, 49_158), tcp(32_768, 49_154)]), [49_171]);
  assert.deepEqual(firsts([tcp(1, 3)], [{ ...tcp(49_153, 60_000), protocol: 'udp' }]), [49_153]);
  assert.deepEqual(firsts([tcp(1, 11_847)]), [49_153]);
});

test('where there are not so many in a row, it says so', () => {
  assert.throws(() => firsts([tcp(1, 11_848)]), {
    kind: 'rejected',
    message: '11848 contiguous host ports unavailable',
  });
  assert.throws(() => firsts([tcp(1, 6000)], [tcp(55_000, 55_000)]), { kind: 'rejected' });
});
