import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RecordSet, RecordType } from '../tables.ts';
import { applyBatch, setKey, type RecordChange } from './change-batch.ts';
import { valueProblem } from './record-values.ts';

const ZONE = { zoneId: 'Z1', name: 'example.com.' };

function plain(name: string, type: RecordType, ...values: readonly string[]): RecordSet {
  return { name, type, ttlSeconds: 300, values };
}

function aliasTo(name: string, hostedZoneId: string, dnsName: string): RecordSet {
  return { name, type: 'A', values: [], alias: { hostedZoneId, dnsName, evaluateTargetHealth: false } };
}

const NS = plain('example.com.', 'NS', 'ns-1.longshore.localhost.');
const SOA = plain('example.com.', 'SOA', 'ns-1.l. h.l. 1 7200 900 1209600 86400');
const WWW = plain('www.example.com.', 'A', '192.0.2.1');

function apply(current: readonly RecordSet[], ...changes: readonly [RecordChange['action'], RecordSet][]) {
  return applyBatch(
    ZONE,
    new Map(current.map((set) => [setKey(set), set])),
    changes.map(([action, set]) => ({ action, set })),
  );
}

function problemsOf(result: ReturnType<typeof apply>): readonly string[] {
  return 'problems' in result ? result.problems : [];
}

describe('a batch of changes', () => {
  test('creates, replaces and deletes', () => {
    const other = plain('www.example.com.', 'A', '192.0.2.2');
    const result = apply([WWW], ['UPSERT', other], ['CREATE', plain('b.example.com.', 'A', '192.0.2.3')]);
    assert.ok('sets' in result);
    assert.deepEqual(result.sets.get(setKey(WWW))?.values, ['192.0.2.2']);
    assert.equal(result.sets.size, 2);
    const gone = apply([WWW], ['DELETE', WWW]);
    assert.ok('sets' in gone && gone.sets.size === 0);
  });

  test('answers all that is wrong, in the words of AWS', () => {
    assert.deepEqual(
      problemsOf(
        apply(
          [WWW],
          ['CREATE', WWW],
          ['DELETE', plain('no.example.com.', 'A', '192.0.2.1')],
          ['CREATE', plain('www.example.org.', 'A', '192.0.2.1')],
        ),
      ),
      [
        "Tried to create resource record set [name='www.example.com.', type='A'] but it already exists",
        "Tried to delete resource record set [name='no.example.com.', type='A'] but it was not found",
        'RRSet with DNS name www.example.org. is not permitted in zone example.com.',
      ],
    );
  });

  test('deletes only what has the same time to live and values, in any order', () => {
    const two = plain('www.example.com.', 'A', '192.0.2.1', '192.0.2.2');
    assert.deepEqual(problemsOf(apply([two], ['DELETE', plain(two.name, 'A', '192.0.2.2', '192.0.2.1')])), []);
    assert.match(
      String(problemsOf(apply([two], ['DELETE', { ...two, ttlSeconds: 60 }]))),
      /but the values provided do not match the current values/,
    );
  });

  test('a record set may be deleted and made again in one batch, and changed once only otherwise', () => {
    const cname = plain('www.example.com.', 'CNAME', 'other.example.com');
    assert.deepEqual(problemsOf(apply([WWW], ['DELETE', WWW], ['CREATE', WWW])), []);
    assert.deepEqual(problemsOf(apply([WWW], ['DELETE', WWW], ['CREATE', cname])), []);
    assert.deepEqual(problemsOf(apply([], ['CREATE', WWW], ['UPSERT', WWW])), [
      "The request contains an invalid set of changes for a resource record set 'A www.example.com.'",
    ]);
  });

  test('a CNAME stands alone, and not at the apex', () => {
    const cname = plain('www.example.com.', 'CNAME', 'other.example.com');
    assert.deepEqual(problemsOf(apply([WWW], ['CREATE', cname])), [
      'RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.',
    ]);
    assert.deepEqual(problemsOf(apply([cname], ['CREATE', WWW])), [
      'RRSet of type A with DNS name www.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.',
    ]);
    assert.deepEqual(problemsOf(apply([NS, SOA], ['CREATE', { ...cname, name: 'example.com.' }])), [
      'RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.',
    ]);
  });

  test('the apex keeps its SOA and NS', () => {
    assert.deepEqual(problemsOf(apply([NS, SOA], ['DELETE', SOA], ['DELETE', NS])), [
      'A HostedZone must contain exactly one SOA record.',
      'A HostedZone must contain at least one NS record for the zone itself.',
    ]);
  });

  test('an alias within the zone leads to what is there', () => {
    assert.deepEqual(problemsOf(apply([WWW], ['CREATE', aliasTo('example.com.', 'Z1', 'www.example.com.')])), []);
    assert.deepEqual(problemsOf(apply([], ['CREATE', aliasTo('a.example.com.', 'Z1', 'no.example.com.')])), [
      'Tried to create an alias that targets no.example.com., type A in zone Z1, but that target was not found',
    ]);
    assert.deepEqual(problemsOf(apply([], ['CREATE', aliasTo('a.example.com.', 'ZELB', 'lb.example.org.')])), []);
  });

  test('values are checked by type', () => {
    const good: readonly [RecordType, string][] = [
      ['A', '192.0.2.1'],
      ['AAAA', '2001:db8::1'],
      ['CNAME', 'a.example.com.'],
      ['MX', '10 mail.example.com'],
      ['SRV', '1 10 5269 xmpp.example.com.'],
      ['TXT', '"v=spf1 -all" "and more"'],
      ['CAA', '0 issue "ca.example.com"'],
    ];
    for (const [type, value] of good) assert.equal(valueProblem(type, value), undefined, `${type} ${value}`);
    const bad: readonly [RecordType, string][] = [
      ['A', '192.0.2'],
      ['AAAA', '192.0.2.1'],
      ['CNAME', 'a b'],
      ['MX', 'mail.example.com'],
      ['SRV', '1 10 xmpp.example.com'],
      ['TXT', 'unquoted'],
      ['TXT', `"${'x'.repeat(256)}"`],
      ['CAA', '0 issue ca.example.com'],
    ];
    for (const [type, value] of bad)
      assert.match(valueProblem(type, value) ?? 'none', /FATAL problem/, `${type} ${value}`);
  });
});
