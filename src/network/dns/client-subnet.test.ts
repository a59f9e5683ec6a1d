import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from 'dns-packet';
import { systemIds } from '../../kernel/ids.ts';
import { NameTable } from './name-table.ts';
import type { NameRecord, Places } from './names.ts';
import { Responder } from './responder.ts';

const PLACES: Places = {
  of: (address) => ({
    coordinates: { latitude: 0, longitude: 0 },
    continent: address?.startsWith('203.0.113.') || address?.startsWith('2001:db8:') ? 'AS' : 'EU',
    country: '',
  }),
};

function record(value: string, continent: string): NameRecord {
  const routing = { policy: 'geolocation', location: { continent } } as const;
  return { name: 'www.example.com', type: 'A', ttlSeconds: 60, values: [value], routing };
}

const names = new NameTable(systemIds, PLACES);
const plain: NameRecord = { name: 'all.example.com', type: 'A', ttlSeconds: 60, values: ['192.0.2.3'] };
names.publish({
  zoneId: 'Z1',
  origin: 'example.com',
  visibility: 'public',
  records: [record('192.0.2.1', 'EU'), record('192.0.2.2', 'AS'), plain],
});
const responder = new Responder({ names, vpcOf: () => undefined, forwarder: { ask: async () => undefined } });

/** The answer's address, and the client subnet that comes with it: address, source and scope. */
async function ask(name: string, subnet?: { readonly ip: string; readonly sourcePrefixLength: number }) {
  const option = subnet && { code: 8 as const, family: subnet.ip.includes(':') ? 2 : 1, ...subnet };
  const query = encode({
    type: 'query',
    id: 7,
    flags: 0x01_00,
    questions: [{ name, type: 'A' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: option ? [option] : [],
      },
    ],
  });
  const { answers = [], additionals = [] } = decode(
    (await responder.respond(query, '127.0.0.1', 'udp')) ?? Buffer.alloc(0),
  );
  const [answer] = answers;
  const opt = additionals.find((one) => one.type === 'OPT');
  const told = opt?.type === 'OPT' ? opt.options : [];
  const scopes = told.map((one) =>
    one.code === 8 ? `${one.ip}/${one.sourcePrefixLength} for /${one.scopePrefixLength}` : one.code,
  );
  return [answer && 'data' in answer ? answer.data : undefined, ...scopes];
}

test('a question is answered for the client subnet that it names, and the answer says for how much of it (RFC 7871)', async () => {
  assert.deepEqual(await ask('www.example.com'), ['192.0.2.1']);
  const asia = { ip: '203.0.113.0', sourcePrefixLength: 24 };
  assert.deepEqual(await ask('www.example.com', asia), ['192.0.2.2', '203.0.113.0/24 for /24']);
  const six = { ip: '2001:db8:7::', sourcePrefixLength: 48 };
  assert.deepEqual(await ask('www.example.com', six), ['192.0.2.2', '2001:db8:7::/48 for /48']);
  assert.deepEqual(await ask('all.example.com', asia), ['192.0.2.3', '203.0.113.0/24 for /0']);
});

test('a client that wants nothing told of it is where its packets come from', async () => {
  const nothing = { ip: '0.0.0.0', sourcePrefixLength: 0 };
  assert.deepEqual(await ask('www.example.com', nothing), ['192.0.2.1', '0.0.0.0/0 for /0']);
});

test('a subnet that cannot be is a format error, and one that is told nothing of is none', async () => {
  const rcodeFor = async (family: number, bits: number, address: readonly number[]) => {
    const option = [0, 8, 0, 4 + address.length, 0, family, bits, 0, ...address];
    const query = Buffer.concat([
      Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]),
      Buffer.from('\x03all\x07example\x03com\x00\x00\x01\x00\x01', 'latin1'),
      Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, option.length, ...option]),
    ]);
    const reply = await responder.respond(query, '127.0.0.1', 'udp');
    return (reply?.readUInt16BE(2) ?? 0) & 15;
  };
  const formatError = 1;
  assert.equal(await rcodeFor(1, 255, [203, 0, 113, 1]), formatError);
  assert.equal(await rcodeFor(2, 129, []), formatError);
  assert.equal(await rcodeFor(3, 8, [1]), formatError);
  assert.equal(await rcodeFor(0, 8, [1]), formatError);
  assert.deepEqual([await rcodeFor(0, 0, []), await rcodeFor(1, 24, [203, 0, 113])], [0, 0]);
});
