import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from './table.ts';

test('columns are as wide as their widest cell', () => {
  assert.equal(
    formatTable(
      ['NAME', 'N'],
      [
        ['a', '1'],
        ['longer', '20'],
      ],
    ),
    'NAME    N\na       1\nlonger  20',
  );
});
