import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostUpstreams, parseResolvConf, parseUpstream } from './upstreams.ts';

describe('upstreams', () => {
  it('reads the name servers of resolv.conf', () => {
    const text = '# comment\nsearch example.com\nnameserver 192.0.2.1\n  nameserver ::1 \noptions ndots:2\n';
    assert.deepEqual(parseResolvConf(text), ['192.0.2.1', '::1']);
    assert.deepEqual(hostUpstreams('/nonexistent')(), []);
  });

  it('reads addresses with and without a port', () => {
    assert.deepEqual(parseUpstream('192.0.2.1'), { address: '192.0.2.1', port: 53 });
    assert.deepEqual(parseUpstream('192.0.2.1:5353'), { address: '192.0.2.1', port: 5353 });
    assert.deepEqual(parseUpstream('::1'), { address: '::1', port: 53 });
    assert.deepEqual(parseUpstream('[::1]:5353'), { address: '::1', port: 5353 });
    assert.equal(parseUpstream('resolver.example.com'), undefined);
    assert.equal(parseUpstream('192.0.2.1:99999'), undefined);
  });
});
