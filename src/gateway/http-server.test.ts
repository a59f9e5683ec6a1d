import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
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
