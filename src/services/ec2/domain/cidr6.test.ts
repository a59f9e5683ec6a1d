import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCidr6 } from './cidr6.ts';

test('IPv6 blocks in their shortest form, without host bits', () => {
  for (const [text, shown] of [
    ['::/0', '::/0'],
    ['0:0:0:0:0:0:0:0/0', '::/0'],
    ['2001:DB8:0::1/32', '2001:db8::/32'],
    ['2001:db8:ffff:ffff::/33', '2001:db8:8000::/33'],
    ['2001:db8::1/128', '2001:db8::1/128'],
    ['::ffff:192.0.2.1/128', '::ffff:c000:201/128'],
    ['1:2:3:4:5:6:7:8/128', '1:2:3:4:5:6:7:8/128'],
  ] as const) {
    assert.equal(formatCidr6(text), shown);
  }
  for (const text of ['', '::', '::/129', '::/x', '10.0.0.0/8', '::1%lo/64', 'g::/0', '::/0/0']) {
    assert.equal(formatCidr6(text), undefined, text);
  }
});
