import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NameTable } from './name-table.ts';
import type { NameRecord } from './names.ts';

const a = (name: string, ...values: string[]): NameRecord => ({ name, type: 'A', ttlSeconds: 300, values });

const cname = (name: string, target: string): NameRecord => ({ name, type: 'CNAME', ttlSeconds: 60, values: [target] });

function tableOf(...records: NameRecord[]): NameTable {
  const table = new NameTable();
  table.publish({ zoneId: 'Z1', origin: 'example.com', visibility: 'public', records });
  return table;
}

/** `rcode`, then `name type value` of each answer. */
function shown(table: NameTable, name: string, type = 'A', vpcId?: string): string[] {
  const resolution = table.answer({ name, type }, vpcId);
  if (!resolution) return ['elsewhere'];
  const { rcode, answers, continueAt } = resolution;
  const lines = answers.map((one) => `${one.name} ${one.type} ${'data' in one ? JSON.stringify(one.data) : ''}`);
  return [rcode, ...lines, ...(continueAt === undefined ? [] : [`then ${continueAt}`])];
}

describe('name table', () => {
  it('answers all values of a name, whatever its case, in turn', () => {
    const table = tableOf(a('www.example.com', '192.0.2.1', '192.0.2.2'));
    const values = ['www.example.com A "192.0.2.1"', 'www.example.com A "192.0.2.2"'];
    assert.deepEqual(shown(table, 'www.example.com'), ['NOERROR', ...values]);
    assert.deepEqual(shown(table, 'WWW.Example.com.'), ['NOERROR', ...values.toReversed()]);
  });

  it('tells a name without such records from a name that does not exist, and sends the SOA with both', () => {
    const table = tableOf(a('deep.www.example.com', '192.0.2.1'));
    for (const [name, rcode] of [
      ['deep.www.example.com', 'NOERROR'],
      ['www.example.com', 'NOERROR'],
      ['example.com', 'NOERROR'],
      ['mail.example.com', 'NXDOMAIN'],
    ] as const) {
      const resolution = table.answer({ name, type: 'AAAA' }, undefined);
      assert.equal(resolution?.rcode, rcode, name);
      assert.deepEqual(resolution.answers, []);
      assert.deepEqual(
        resolution.authorities.map((one) => [one.name, one.type]),
        [['example.com', 'SOA']],
      );
    }
  });

  it('lets a negative answer live as long as the SOA record says', () => {
    const values = ['ns-1.example.com. hostmaster.example.com. 1 7200 900 1209600 30'];
    const table = tableOf({ name: 'example.com', type: 'SOA', ttlSeconds: 900, values });
    const [soa] = table.answer({ name: 'x.example.com', type: 'A' }, undefined)?.authorities ?? [];
    assert.equal(soa?.type === 'SOA' && soa.ttl, 30);
  });

  it('answers from the zone with the longest origin', () => {
    const table = tableOf(a('a.sub.example.com', '192.0.2.1'), a('b.example.com', '192.0.2.2'));
    const records = [a('b.sub.example.com', '192.0.2.3')];
    table.publish({ zoneId: 'Z2', origin: 'sub.example.com', visibility: 'public', records });
    assert.deepEqual(shown(table, 'b.sub.example.com'), ['NOERROR', 'b.sub.example.com A "192.0.2.3"']);
    assert.deepEqual(shown(table, 'a.sub.example.com'), ['NXDOMAIN']);
    table.withdraw('Z2');
    assert.deepEqual(shown(table, 'a.sub.example.com'), ['NOERROR', 'a.sub.example.com A "192.0.2.1"']);
    assert.deepEqual(shown(table, 'example.org'), ['elsewhere']);
  });

  it('shows a private zone to its VPCs only, before the public one of the same name', () => {
    const table = tableOf(a('www.example.com', '192.0.2.1'));
    const records = [a('www.example.com', '10.0.0.1')];
    table.publish({ zoneId: 'Z2', origin: 'example.com', visibility: { vpcIds: ['vpc-a'] }, records });
    assert.deepEqual(shown(table, 'www.example.com', 'A', 'vpc-a'), ['NOERROR', 'www.example.com A "10.0.0.1"']);
    assert.deepEqual(shown(table, 'www.example.com', 'A', 'vpc-b'), ['NOERROR', 'www.example.com A "192.0.2.1"']);
    assert.deepEqual(shown(table, 'www.example.com'), ['NOERROR', 'www.example.com A "192.0.2.1"']);
  });

  it('uses a wildcard where nothing closer exists', () => {
    const table = tableOf(a('*.example.com', '192.0.2.9'), a('x.www.example.com', '192.0.2.1'));
    assert.deepEqual(shown(table, 'any.thing.example.com'), ['NOERROR', 'any.thing.example.com A "192.0.2.9"']);
    assert.deepEqual(shown(table, 'www.example.com'), ['NOERROR']);
    assert.deepEqual(shown(table, 'y.www.example.com'), ['NXDOMAIN']);
  });

  it('follows CNAMEs through the table, and says where one leads out', () => {
    const table = tableOf(
      cname('one.example.com', 'two.example.com.'),
      cname('two.example.com', 'www.example.com'),
      a('www.example.com', '192.0.2.1'),
      cname('out.example.com', 'www.example.org'),
      cname('lost.example.com', 'nowhere.example.com'),
      cname('loop.example.com', 'loop.example.com'),
    );
    assert.deepEqual(shown(table, 'one.example.com'), [
      'NOERROR',
      'one.example.com CNAME "two.example.com"',
      'two.example.com CNAME "www.example.com"',
      'www.example.com A "192.0.2.1"',
    ]);
    assert.deepEqual(shown(table, 'one.example.com', 'CNAME').length, 2);
    assert.deepEqual(shown(table, 'out.example.com').at(-1), 'then www.example.org');
    assert.deepEqual(shown(table, 'lost.example.com')[0], 'NXDOMAIN');
    assert.deepEqual(shown(table, 'loop.example.com')[0], 'SERVFAIL');
  });

  it('answers for an alias what its target answers, under the asked name', () => {
    const table = tableOf(
      { name: 'example.com', type: 'A', ttlSeconds: 60, values: [], aliasOf: 'web-1.elb.example.net' },
      { name: 'gone.example.com', type: 'A', ttlSeconds: 60, values: [], aliasOf: 'web-2.elb.example.net' },
      { name: 'self.example.com', type: 'A', ttlSeconds: 60, values: [], aliasOf: 'self.example.com' },
    );
    const records = [a('web-1.elb.example.net', '192.0.2.1', '192.0.2.2')];
    table.publish({ zoneId: 'E', origin: 'elb.example.net', visibility: 'public', records });
    const answer = ['NOERROR', 'example.com A "192.0.2.1"', 'example.com A "192.0.2.2"'];
    assert.deepEqual(shown(table, 'example.com'), answer);
    assert.deepEqual(shown(table, 'example.com', 'AAAA'), ['NOERROR']);
    assert.deepEqual(shown(table, 'gone.example.com'), ['NOERROR']);
    assert.deepEqual(shown(table, 'self.example.com'), ['NOERROR']);
  });

  it('answers the address behind the prefix that SDKs put before an endpoint', () => {
    const table = new NameTable();
    assert.deepEqual(shown(table, 'data-169.254.170.2'), ['NOERROR', 'data-169.254.170.2 A "169.254.170.2"']);
    assert.deepEqual(shown(table, 'data-169.254.170.2', 'AAAA'), ['NOERROR']);
    assert.equal(table.answer({ name: 'data-1.2.3.400', type: 'A' }, undefined), undefined);
  });

  it('keeps names below localhost to itself', () => {
    const table = new NameTable();
    assert.deepEqual(shown(table, 'localhost'), ['NOERROR', 'localhost A "127.0.0.1"']);
    assert.deepEqual(shown(table, 'app.localhost', 'AAAA'), ['NOERROR', 'app.localhost AAAA "::1"']);
    assert.deepEqual(shown(table, 'app.localhost', 'TXT'), ['NOERROR']);
    const records = [a('app.localhost', '198.18.0.5')];
    table.publish({ zoneId: 'Z1', origin: 'app.localhost', visibility: 'public', records });
    assert.deepEqual(shown(table, 'app.localhost'), ['NOERROR', 'app.localhost A "198.18.0.5"']);
    assert.deepEqual(shown(table, 'x.app.localhost'), ['NXDOMAIN']);
  });

  it('refuses a record outside its zone, and keeps the zone as it was', () => {
    const table = tableOf(a('www.example.com', '192.0.2.1'));
    const zone = { zoneId: 'Z1', origin: 'example.com', visibility: 'public' } as const;
    assert.throws(() => table.publish({ ...zone, records: [a('www.example.org', '192.0.2.1')] }), /outside its zone/);
    assert.throws(() => table.publish({ ...zone, records: [a('www.example.com', 'nonsense')] }), /'nonsense' is not/);
    assert.deepEqual(shown(table, 'www.example.com').length, 2);
  });
});
