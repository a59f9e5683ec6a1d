import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { encode } from 'dns-packet';
import { FakeClock } from '../../kernel/clock.ts';
import { createLog } from '../../kernel/log.ts';
import { Forwarder } from './forwarder.ts';

const QUERY = encode({ type: 'query', id: 7, questions: [{ name: 'www.example.org', type: 'A' }] });
const ANSWER = encode({ type: 'response', id: 7, questions: [{ name: 'www.example.org', type: 'A' }] });

/** Answers over UDP, and closes each connection over TCP. */
async function udpOnly() {
  const tcp = createServer((socket) => socket.destroy());
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const address = tcp.address();
  assert.ok(address && typeof address === 'object');
  const udp = createSocket('udp4');
  udp.on('message', (_message, { port, address: client }) => udp.send(ANSWER, port, client));
  udp.bind(address.port, '127.0.0.1');
  await once(udp, 'listening');
  return { text: `127.0.0.1:${address.port}`, close: () => [tcp.close(), udp.close()] };
}

test('says once that no upstream answers over TCP, though they do over UDP, and once that one answers again', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', format: 'json', now: () => 0, write: (line) => lines.push(line) });
  const said = () => lines.splice(0).map((line) => [JSON.parse(line).message, JSON.parse(line).transport]);
  const upstream = await udpOnly();
  let upstreams = [upstream.text];
  const forwarder = new Forwarder({ upstreams: () => upstreams, clock: new FakeClock(), log, timeoutMs: 1000 });
  try {
    for (const transport of ['udp', 'tcp', 'udp', 'tcp', 'udp'] as const) {
      assert.deepEqual(await forwarder.ask(QUERY, transport), transport === 'udp' ? ANSWER : undefined);
    }
    assert.deepEqual(said(), [['no upstream resolver answers', 'tcp']]);
    upstreams = [];
    for (const transport of ['udp', 'tcp', 'udp'] as const) await forwarder.ask(QUERY, transport);
    assert.deepEqual(said(), [['no upstream resolver answers', 'udp']]);
    upstreams = [upstream.text];
    for (const transport of ['udp', 'tcp', 'udp'] as const) await forwarder.ask(QUERY, transport);
    assert.deepEqual(said(), [['an upstream resolver answers again', 'udp']]);
  } finally {
    upstream.close();
  }
});
