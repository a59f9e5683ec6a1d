import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode, encode } from 'dns-packet';
import type { NameRecord } from './names.ts';
import { parseValues, toAnswer } from './record-values.ts';

/** The value as a client gets it: parsed, put on the wire and read from there. */
function overTheWire(type: NameRecord['type'], value: string): unknown {
  const values = parseValues({ name: 'example.com', type, ttlSeconds: 60, values: [value] });
  const answers = values.map((parsed) => toAnswer('example.com', type, 60, parsed));
  const [answer] = decode(encode({ type: 'response', answers })).answers ?? [];
  return answer && 'data' in answer ? answer.data : undefined;
}

function textOf(value: string): string[] {
  const strings = overTheWire('TXT', value);
  return Array.isArray(strings) ? strings.map((one) => (Buffer.isBuffer(one) ? one.toString('latin1') : '?')) : [];
}

describe('record values', () => {
  it('reads the zone-file form of each type', () => {
    assert.equal(overTheWire('A', '192.0.2.1'), '192.0.2.1');
    assert.equal(overTheWire('AAAA', '2001:db8::1'), '2001:db8::1');
    assert.equal(overTheWire('CNAME', 'WWW.example.org.'), 'www.example.org');
    assert.deepEqual(overTheWire('MX', '10 mail.example.org.'), { preference: 10, exchange: 'mail.example.org' });
    const srv = { priority: 1, weight: 2, port: 8080, target: 'a.example.org' };
    assert.deepEqual(overTheWire('SRV', '1 2 8080 a.example.org'), srv);
    const caa = { flags: 128, tag: 'issue', value: 'ca.example.org', issuerCritical: true };
    assert.deepEqual(overTheWire('CAA', '128 issue "ca.example.org"'), caa);
    const ds = { keyTag: 12_345, algorithm: 13, digestType: 2, digest: Buffer.from('0a0b', 'hex') };
    assert.deepEqual(overTheWire('DS', '12345 13 2 0A 0B'), ds);
    const tlsa = { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from('ff00', 'hex') };
    assert.deepEqual(overTheWire('TLSA', '3 1 1 ff00'), tlsa);
    const fingerprint = 'AB'.repeat(20);
    assert.deepEqual(overTheWire('SSHFP', `4 1 ${fingerprint}`), { algorithm: 4, hash: 1, fingerprint });
    assert.throws(() => overTheWire('SSHFP', '4 2 abcd'), /is not a value/);
    const sip = { flags: 'u', services: 'E2U+sip', regexp: '!^.*$!sip:a@b.example!', replacement: '.' };
    assert.deepEqual(overTheWire('NAPTR', '100 50 "u" "E2U+sip" "!^.*$!sip:a@b.example!" .'), {
      order: 100,
      preference: 50,
      ...sip,
    });
    assert.deepEqual(overTheWire('SPF', '"v=spf1 -all"'), Buffer.from('\u000bv=spf1 -all'));
  });

  it('reads quoted strings with their escapes', () => {
    assert.deepEqual(textOf('"one two" "three"'), ['one two', 'three']);
    assert.deepEqual(textOf(String.raw`"a\"b\\c\101"`), [String.raw`a"b\cA`]);
    assert.deepEqual(textOf('word'), ['word']);
  });

  it('refuses what is not in the form, and names the record', () => {
    for (const [type, value] of [
      ['A', '192.0.2.256'],
      ['AAAA', '192.0.2.1'],
      ['MX', 'mail.example.org'],
      ['SRV', '1 2 a.example.org'],
      ['SOA', 'ns.example.org hostmaster.example.org 1'],
      ['TXT', '"open'],
      ['CNAME', 'two words'],
    ] as const) {
      assert.throws(() => overTheWire(type, value), new RegExp(`is not a value for example\\.com ${type}`));
    }
  });
});

describe('service bindings', () => {
  const bytes = (value: string) => {
    const data = overTheWire('HTTPS', value);
    return Buffer.isBuffer(data) ? data.toString('hex') : data;
  };

  it('go on the wire as RFC 9460 has them, parameters in order', () => {
    assert.equal(bytes('0 a.example.'), '00000161076578616d706c6500');
    assert.equal(bytes('1 . alpn="h2,h3" port=8443'), '000100000100060268320268330003000220fb');
    assert.equal(bytes('1 . port=8443 alpn=h2'), '000100000100030268320003000220fb');
    assert.equal(
      bytes('1 . ipv4hint=192.0.2.1 ipv6hint=2001:db8::1'),
      '00010000040004c00002010006001020010db8000000000000000000000001',
    );
    assert.equal(
      bytes('1 . key65000=x no-default-alpn alpn=h2 mandatory=alpn'),
      '0001000000000200010001000302683200020000fde8000178',
    );
  });

  it('are refused when they are not in their form', () => {
    for (const value of ['x .', '1', '1 . port=99999', '1 . nokey=1', '1 . alpn=h2 alpn=h3', '1 . ipv4hint=::1']) {
      assert.throws(() => overTheWire('SVCB', value), /is not a value/, value);
    }
  });
});
