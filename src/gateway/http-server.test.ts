import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { test, type TestContext } from 'node:test';
import { createLog, silentLog } from '../kernel/log.ts';
import type { RawRequest } from '../wire/raw-request.ts';
import { HttpServer, json, plain } from './http-server.ts';
import type { HttpRoutes } from './http-server.ts';

const MOST_BYTES = 16 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

async function open(change: Partial<HttpRoutes> = {}, log = silentLog, accepts?: (address: string) => boolean) {
  const seen: RawRequest[] = [];
  const routes: HttpRoutes = {
    api: async (request, sourceIp) => {
      seen.push(request);
      return plain(200, `${request.body.length} bytes from ${sourceIp}`);
    },
    stream: () => undefined,
    own: async ({ rawUrl }) => (rawUrl === '/_longshore/health' ? json(200, { status: 'ok' }) : undefined),
    ...change,
  };
  const server = new HttpServer(() => routes, log, accepts);
  const port = await server.listen(0, '127.0.0.1');
  return { server, port, seen };
}

/** Sends a request, body and all, whatever the server does meanwhile. */
function send(
  port: number,
  options: { path?: string; body?: Buffer; agent?: Agent; chunked?: boolean; type?: string } = {},
): Promise<Answer> {
  const { path = '/', body = Buffer.from(''), agent, chunked = false, type = 'text/plain' } = options;
  return new Promise((resolve, reject) => {
    const headers = { host: 'x', 'content-type': type, ...(chunked ? {} : { 'content-length': body.length }) };
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path,
      headers,
      ...(agent ? { agent } : {}),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.end(body);
  });
}

test('every path but its own goes to the API, as it came', async () => {
  const { server, port, seen } = await open();
  const answer = await send(port, { path: '/2013-04-01/a%20b?x=%2F&y', body: Buffer.from('hello') });
  assert.deepEqual([answer.status, answer.text], [200, '5 bytes from 127.0.0.1']);
  assert.deepEqual(
    [seen[0]?.method, seen[0]?.rawUrl, seen[0]?.body.toString(), seen[0]?.headers[0]],
    ['POST', '/2013-04-01/a%20b?x=%2F&y', 'hello', ['host', 'x']],
  );
  assert.equal((await send(port, { path: '/_longshore/health' })).text, '{"status":"ok"}\n');
  assert.equal((await send(port, { path: '/_longshore/else' })).status, 404);
  assert.equal(seen.length, 1);
  await server.close();
});

test('what streams gets the connection itself', async () => {
  const { server, port, seen } = await open({
    stream: (path) => (path.startsWith('/v2/') ? async (req, res) => void res.end(`streams ${req.url}`) : undefined),
  });
  assert.equal((await send(port, { path: '/v2/x?y=1' })).text, 'streams /v2/x?y=1');
  assert.equal(seen.length, 0);
  await server.close();
});

test('a body of 16 MiB is taken, one byte more is refused, and the refusal arrives', async () => {
  const { server, port, seen } = await open();
  assert.equal((await send(port, { body: Buffer.alloc(MOST_BYTES) })).status, 200);
  for (const chunked of [false, true]) {
    for (const more of [1, MOST_BYTES]) {
      const answer = await send(port, { body: Buffer.alloc(MOST_BYTES + more), chunked });
      assert.equal(answer.status, 413);
      assert.match(answer.text, /16777216 bytes at most/);
      assert.equal(answer.headers['connection'], 'close');
    }
  }
  assert.equal(seen.length, 1);
  const said = await send(port, { body: Buffer.alloc(MOST_BYTES + 1), type: 'application/x-amz-json-1.1' });
  assert.deepEqual(JSON.parse(said.text), {
    __type: 'RequestEntityTooLargeException',
    message: 'A request may have 16777216 bytes at most.',
  });
  await server.close();
});

test('closing lets a running request end, and takes no other', async () => {
  const entered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const { server, port } = await open({
    api: async () => {
      entered.resolve();
      await released.promise;
      return plain(200, 'done');
    },
  });
  const agent = new Agent({ keepAlive: true });
  const running = send(port, { agent });
  await entered.promise;
  const closedAt = server.close().then(() => performance.now());
  await assert.rejects(send(port), { code: 'ECONNREFUSED' });
  const releasedAt = performance.now();
  released.resolve();
  assert.equal((await running).text, 'done');
  assert.ok((await closedAt) - releasedAt < 2000, 'a connection that is kept alive holds it up');
  agent.destroy();
});

test('closing cuts connections that are idle or have not asked yet', async () => {
  const { server, port } = await open();
  const agent = new Agent({ keepAlive: true });
  await send(port, { agent });
  const silent = connect(port, '127.0.0.1');
  await new Promise((resolve) => silent.once('connect', resolve));
  const ended = new Promise((resolve) => silent.once('close', resolve));
  await server.close();
  await ended;
  agent.destroy();
});

test('an address that may not connect is cut off', async () => {
  const { server, port, seen } = await open({}, silentLog, (address) => address !== '127.0.0.1');
  await assert.rejects(send(port), { code: 'ECONNRESET' });
  assert.equal(seen.length, 0);
  await server.close();
});

test('a route that throws costs its connection, and is logged; the server goes on', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'error', format: 'json', now: () => 0, write: (line) => lines.push(line) });
  let calls = 0;
  const { server, port } = await open(
    {
      api: async () => {
        if (++calls === 1) throw new Error('a bug');
        return plain(200, 'fine');
      },
    },
    log,
  );
  await assert.rejects(send(port), { code: 'ECONNRESET' });
  assert.match(lines.join(''), /a connection failed.*a bug/);
  assert.equal((await send(port)).text, 'fine');
  await server.close();
});

/** An answer that goes on for ever: `tick` after `tick`, each when it is asked for. */
function ticking() {
  const ended = Promise.withResolvers<void>();
  const ticks = async function* () {
    try {
      for (;;) {
        yield 'tick\n';
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      ended.resolve();
    }
  };
  const api = async () => ({
    status: 200,
    headers: {},
    body: Buffer.alloc(0),
    stream: Readable.from(ticks(), { objectMode: false }),
    live: true as const,
  });
  return { api, ended: ended.promise };
}

test('a live answer ends properly when the server closes', async () => {
  const { api, ended } = ticking();
  const { server, port } = await open({ api });
  const first = Promise.withResolvers<void>();
  const whole = new Promise<string>((resolve, reject) => {
    httpRequest({ port, host: '127.0.0.1', method: 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        first.resolve();
      });
      response.on('error', reject).on('end', () => resolve(text));
    }).end();
  });
  await first.promise;
  await server.close();
  assert.match(await whole, /^(tick\n)+$/);
  await ended;
});

test('a live answer’s source ends when its client goes away', async () => {
  const { api, ended } = ticking();
  const { server, port } = await open({ api });
  const request = httpRequest({ port, host: '127.0.0.1', method: 'POST' }, (response) => {
    response.once('data', () => request.destroy()).on('error', () => {});
  });
  request.on('error', () => {}).end();
  await ended;
  await server.close();
});

/** A client that has its answer's first bytes and reads no more, and the server's end of its connection. */
async function openPaused(t: TestContext, chunks: AsyncIterable<Buffer>) {
  const stream = Readable.from(chunks, { objectMode: false });
  const { server } = await open({ api: async () => ({ ...plain(200, ''), stream }) });
  const accepted = Promise.withResolvers<Socket>();
  const front = createServer((socket) => {
    accepted.resolve(socket);
    server.accept(socket);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const client = connect((front.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  t.after(async () => {
    client.destroy();
    front.close();
    await server.close();
  });
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  await once(client, 'data');
  client.pause();
  return { client, stream, socket: await accepted.promise };
}

test('a client that stops reading loses its connection, and the answer’s source ends', async (t) => {
  const { socket, stream } = await openPaused(
    t,
    (async function* () {
      for (;;) yield Buffer.alloc(1024 * 1024);
    })(),
  );
  assert.equal(socket.timeout, 300_000);
  // As when that time is over, again and again, until the kernel takes no more for the client.
  while (!socket.destroyed) {
    socket.emit('timeout');
    await new Promise((resolve) => setImmediate(resolve));
  }
  await finished(stream).catch(() => {});
  assert.ok(stream.destroyed);
});

test('a second request does not free a client of reading the first one’s answer', async (t) => {
  const { client, socket } = await openPaused(
    t,
    (async function* () {
      for (;;) yield Buffer.alloc(1024 * 1024);
    })(),
  );
  const { bytesRead } = socket;
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  while (socket.bytesRead === bytesRead) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(socket.timeout, 300_000);
});

test('an answer may take its time: the client is not to blame', async (t) => {
  const released = Promise.withResolvers<void>();
  const { socket, stream } = await openPaused(
    t,
    (async function* () {
      yield Buffer.from('first');
      await released.promise;
    })(),
  );
  while (socket.writableLength > 0) await new Promise((resolve) => setImmediate(resolve));
  socket.emit('timeout');
  assert.deepEqual([socket.destroyed, socket.timeout], [false, 300_000]);
  released.resolve();
  await finished(stream);
});

/** One request that asks for another protocol, and the first line of its answer. */
function askFor(protocol: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().split('\r\n')[0] ?? '');
    });
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
  });
}

test('a client that would rather speak HTTP/2 is answered in HTTP/1.1', async () => {
  const { server, port } = await open({ upgrade: () => false });
  assert.equal(await askFor('h2c', port), 'HTTP/1.1 200 OK');
  assert.equal(await askFor('websocket', port), 'HTTP/1.1 404 Not Found');
  await server.close();
});

test('a client that asks for another protocol and is gone at once does no harm', async () => {
  const { server, port } = await open({
    upgrade: (_req, socket) => {
      // As when the client resets the connection before its answer is written.
      socket.destroy(new Error('read ECONNRESET'));
      return false;
    },
  });
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await closed;
  assert.equal((await send(port)).status, 200);
  await server.close();
});

test('connections above the most that it takes are closed, and one that ends makes room', async (t) => {
  const server = new HttpServer(
    () => ({ api: async () => plain(200, 'here'), stream: () => undefined, own: async () => undefined }),
    silentLog,
    undefined,
    2,
  );
  const port = await server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  await assert.rejects(send(port));
  for (const socket of held) socket.destroy();
  const answered = async () => (await send(port).catch(() => undefined))?.text;
  let text = await answered();
  while (text === undefined) text = await answered();
  assert.equal(text, 'here');
});
