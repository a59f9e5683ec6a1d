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
