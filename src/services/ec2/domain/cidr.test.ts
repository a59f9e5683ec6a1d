import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cidrOf, containsAddress, formatAddress, formatCidr, parseAddress, parseCidr, sizeOf } from './cidr.ts';

test('addresses go to numbers and back, beyond 2^31 too', () => {
  for (const text of ['0.0.0.0', '10.0.0.1', '172.31.255.254', '255.255.255.255']) {
    const address = parseAddress(text);
    assert.ok(address !== undefined && address >= 0);
    assert.equal(formatAddress(address), text);
  }
});

test('what is no address is refused', () => {
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.x', '-1.2.3.4']) {
    assert.equal(parseAddress(text), undefined, text);
  }
});

test('a block loses its host bits', () => {
  assert.equal(formatCidr(cidrOf('100.68.0.18/18')), '100.68.0.0/18');
  assert.equal(formatCidr(cidrOf('203.0.113.7/32')), '203.0.113.7/32');
  assert.equal(formatCidr(cidrOf('203.0.113.7/0')), '0.0.0.0/0');
});

test('what is no block is refused', () => {
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '10.0.0.0/8/8', '10.0.0.0/-1']) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

test('size and containment', () => {
  const block = cidrOf('172.31.16.0/20');
  assert.equal(sizeOf(block), 4096);
  assert.ok(containsAddress(block, parseAddress('172.31.31.255') ?? 0));
  assert.ok(!containsAddress(block, parseAddress('172.31.32.0') ?? 0));
});
