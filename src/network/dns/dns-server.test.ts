import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { decode, encode } from 'dns-packet';
import type { DecodedPacket, Packet } from 'dns-packet';
import { FakeClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { DnsServer } from './dns-server.ts';
import { Unframer, frame } from './framing.ts';
import { NameTable } from './name-table.ts';
import { Responder } from './responder.ts';

const REFUSED = 5;

function query(name: string, more: Packet = {}): Buffer {
  return encode({ type: 'query', id: 7, flags: 0x01_00, questions: [{ name, type: 'A' }], ...more });
}

function rcode(packet: DecodedPacket): number {
  return (packet.flags ?? 0) & 0x0f;
}

function values(packet: DecodedPacket): unknown[] {
  return (packet.answers ?? []).map((one) => ('data' in one ? one.data : undefined));
}

async function askUdp(port: number, message: Buffer): Promise<DecodedPacket> {
  const socket = createSocket('udp4');
  socket.send(message, port, '127.0.0.1');
  const [answer] = await once(socket, 'message');
  socket.close();
  return decode(answer);
}

async function askTcp(port: number, ...messages: Buffer[]): Promise<DecodedPacket[]> {
  const socket = connect(port, '127.0.0.1');
  const unframer = new Unframer();
  socket.end(Buffer.concat(messages.map(frame)));
  const answers: DecodedPacket[] = [];
  for await (const chunk of socket) answers.push(...unframer.push(chunk).map((message) => decode(message)));
  return answers;
}

describe('DNS server', () => {
  const names = new NameTable();
  const many = Array.from({ length: 100 }, (_one, index) => `192.0.2.${index}`);
  names.publish({
    zoneId: 'Z1',
    origin: 'example.com',
    visibility: 'public',
    records: [
      { name: 'www.example.com', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] },
      { name: 'many.example.com', type: 'A', ttlSeconds: 60, values: many },
      { name: 'far.example.com', type: 'CNAME', ttlSeconds: 60, values: ['many.example.org'] },
      { name: 'out.example.com', type: 'CNAME', ttlSeconds: 60, values: ['www.example.org'] },
    ],
  });
  const clock = new FakeClock();
  let upstreams: string[];
  let upstream: DnsServer;
  let server: DnsServer;
  let port: number;

  beforeEach(async () => {
    const theirs = new NameTable();
    const records = [
      { name: 'www.example.org', type: 'A', ttlSeconds: 60, values: ['203.0.113.1'] },
      { name: 'many.example.org', type: 'A', ttlSeconds: 60, values: many },
    ] as const;
    theirs.publish({ zoneId: 'Z', origin: 'example.org', visibility: 'public', records });
    const common = { log: silentLog, clock, vpcOf: () => undefined };
    upstream = new DnsServer({ ...common, names: theirs, upstreams: () => [] });
    const above = await upstream.listen({ address: '127.0.0.1', port: 0 });
    upstreams = [`127.0.0.1:${above.port}`];
    server = new DnsServer({ ...common, names, upstreams: () => upstreams });
    ({ port } = await server.listen({ address: '127.0.0.1', port: 0 }));
  });
  afterEach(async () => {
    await server.close();
    await upstream.close();
  });

  it('answers over UDP and TCP, with authority', async () => {
    const [udp, [first, second]] = await Promise.all([
      askUdp(port, query('www.example.com')),
      askTcp(port, query('www.example.com'), query('nobody.example.com')),
    ]);
    assert.deepEqual(values(udp), ['192.0.2.1']);
    assert.deepEqual([udp.id, udp.flag_aa, udp.flag_ra, udp.flag_rd], [7, true, true, true]);
    assert.ok(first && second);
    assert.deepEqual(values(first), ['192.0.2.1']);
    assert.deepEqual([rcode(second), second.authorities?.[0]?.type], [3, 'SOA']);
  });

  it('marks what does not fit a UDP packet as truncated; TCP has the whole', async () => {
    const udp = await askUdp(port, query('many.example.com'));
    assert.deepEqual([udp.flag_tc, values(udp)], [true, []]);
    const [tcp] = await askTcp(port, query('many.example.com'));
    assert.ok(tcp);
    assert.deepEqual(new Set(values(tcp)), new Set(many));
  });

  it('asks upstream for other names, over UDP and TCP', async () => {
    assert.deepEqual(values(await askUdp(port, query('www.example.org'))), ['203.0.113.1']);
    const [tcp] = await askTcp(port, query('www.example.org'));
    assert.ok(tcp);
    assert.deepEqual(values(tcp), ['203.0.113.1']);
  });

  it('has a CNAME that leads out of the table completed by upstream', async () => {
    const answer = await askUdp(port, query('out.example.com'));
    assert.deepEqual(values(answer), ['www.example.org', '203.0.113.1']);
    // Upstream's answer does not fit a packet, and neither does ours.
    const far = await askUdp(port, query('far.example.com'));
    assert.deepEqual([far.flag_tc, rcode(far), values(far)], [true, 0, []]);
  });

  it('completes a CNAME whose answer upstream is truncated over UDP, and fits with us', async () => {
    const ours = { type: 'A', name: 'many.example.org', ttl: 60, data: '203.0.113.7' } as const;
    const asked: string[] = [];
    const forwarder = {
      async ask(message: Buffer, transport: string) {
        asked.push(transport);
        const { id = 0, questions = [] } = decode(message);
        const whole = transport === 'tcp';
        return encode({ type: 'response', id, flags: whole ? 0 : 0x02_00, questions, answers: whole ? [ours] : [] });
      },
    };
    const responder = new Responder({ names, forwarder, vpcOf: () => undefined });
    const answer = await responder.respond(query('far.example.com'), '127.0.0.1', 'udp');
    assert.deepEqual(values(decode(answer ?? Buffer.alloc(0))), ['many.example.org', '203.0.113.7']);
    assert.deepEqual(asked, ['udp', 'tcp']);
  });

  it('goes on with what came over UDP where upstream does not answer over TCP; nothing of it is no answer', async () => {
    const answerTo = async (...addresses: readonly string[]) => {
      const answers = addresses.map((data) => ({ type: 'A', name: 'many.example.org', ttl: 60, data }) as const);
      const forwarder = {
        async ask(message: Buffer, transport: string) {
          const { id = 0, questions = [] } = decode(message);
          if (transport === 'tcp') return undefined;
          return encode({ type: 'response', id, flags: 0x02_00, questions, answers });
        },
      };
      const responder = new Responder({ names, forwarder, vpcOf: () => undefined });
      const answer = await responder.respond(query('far.example.com'), '127.0.0.1', 'udp');
      const packet = decode(answer ?? Buffer.alloc(0));
      return [rcode(packet), values(packet)];
    };
    assert.deepEqual(await answerTo('203.0.113.7'), [0, ['many.example.org', '203.0.113.7']]);
    assert.deepEqual(await answerTo(), [2, ['many.example.org']]);
  });

  it('tries the next upstream, and answers SERVFAIL when none answers', async () => {
    const dead = createSocket('udp4');
    dead.bind(0, '127.0.0.1');
    await once(dead, 'listening');
    const [alive = ''] = upstreams;
    upstreams = [`127.0.0.1:${dead.address().port}`, alive];
    const answer = askUdp(port, query('www.example.org'));
    await once(dead, 'message');
    clock.advance(2000);
    assert.deepEqual(values(await answer), ['203.0.113.1']);
    upstreams = [];
    assert.equal(rcode(await askUdp(port, query('www.example.org'))), 2);
    dead.close();
  });
});

describe('DNS responder', () => {
  const asked: Buffer[] = [];
  const forwarder = {
    async ask(message: Buffer) {
      asked.push(message);
      return undefined;
    },
  };
  const responder = new Responder({
    names: new NameTable(),
    forwarder,
    vpcOf: (source) => (source === '198.19.0.2' ? 'vpc-a' : undefined),
  });
  const respond = async (message: Buffer, source = '127.0.0.1') => {
    const answer = await responder.respond(message, source, 'udp');
    return answer ? decode(answer) : undefined;
  };

  it('refuses strangers, and serves loopback and VPCs', async () => {
    const sources = ['192.0.2.1', '198.19.0.1', '198.19.0.2', '::ffff:198.19.0.2', '127.0.0.53', '::1'];
    const codes = await Promise.all(
      sources.map(async (source) => rcode((await respond(query('app.localhost'), source)) as DecodedPacket)),
    );
    assert.deepEqual(codes, [REFUSED, REFUSED, 0, 0, 0, 0]);
    assert.deepEqual(asked, []);
  });

  it('refers those who do not ask for recursion to the name servers of a delegated part, and asks for the others', async () => {
    const names = new NameTable();
    const records = [{ name: 'sub.example.com', type: 'NS', ttlSeconds: 60, values: ['ns.example.org.'] }] as const;
    names.publish({ zoneId: 'Z1', origin: 'example.com', visibility: 'public', records });
    const delegating = new Responder({ names, forwarder, vpcOf: () => undefined });
    const ask = async (flags: number) =>
      decode((await delegating.respond(query('a.sub.example.com', { flags }), '127.0.0.1', 'udp')) ?? Buffer.alloc(0));
    const referral = await ask(0);
    assert.deepEqual(
      [rcode(referral), referral.flag_aa, referral.answers?.length, referral.authorities?.map((one) => one.name)],
      [0, false, 0, ['sub.example.com']],
    );
    assert.equal(rcode(await ask(0x01_00)), 2);
    assert.equal(asked.splice(0).length, 1);
  });

  it('answers what it cannot read or does not do with the code for it', async () => {
    const broken = Buffer.concat([query('a.example').subarray(0, 13), Buffer.from([0xff])]);
    assert.equal(rcode((await respond(broken)) as DecodedPacket), 1);
    assert.equal(rcode((await respond(query('a.example', { questions: [] }))) as DecodedPacket), 1);
    assert.equal(rcode((await respond(query('a.example', { flags: 0x28_00 }))) as DecodedPacket), 4);
    assert.equal(await respond(encode({ type: 'response', id: 1 })), undefined);
    assert.equal(await respond(Buffer.from('short')), undefined);
  });

  it('never asks upstream for names below localhost', async () => {
    for (const name of ['localhost', 'LOCALHOST', 'a.b.localhost']) await respond(query(name));
    assert.deepEqual(asked, []);
    assert.equal(rcode((await respond(query('example.org'))) as DecodedPacket), 2);
    assert.equal(asked.length, 1);
  });
});
