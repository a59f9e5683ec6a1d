/**
 * A process inside a test's network namespace, driven over IPC: it serves as targets, and asks as a client.
 * Run by testing-world.ts.
 */
import { Agent, createServer, request, type Server } from 'node:http';
import { connect, constants, createServer as createHttp2Server, type ClientHttp2Session } from 'node:http2';
import { connect as connectRaw, createServer as createRawServer, type Socket } from 'node:net';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

export type PeerTask =
  | { readonly do: 'serve'; readonly ip: string; readonly port: number; readonly http2?: boolean }
  | { readonly do: 'close'; readonly ip: string; readonly port: number }
  // A health of 0 is no answer.
  | { readonly do: 'behave'; readonly ip: string; readonly port: number; readonly health: number }
  | { readonly do: 'get'; readonly url: string; readonly options: PeerRequest }
  | {
      readonly do: 'start-load';
      readonly url: string;
      /** How many ask at once; 8 when left out. */
      readonly loops?: number;
      readonly authorization?: string;
      readonly http2?: { readonly ca: string; readonly servername: string };
    }
  | {
      readonly do: 'http2';
      readonly url: string;
      readonly method: string;
      readonly contentType?: string;
      readonly tls: TlsPeer;
    }
  | { readonly do: 'slow'; readonly url: string }
  | { readonly do: 'slow-end' }
  | { readonly do: 'serve-raw'; readonly ip: string; readonly port: number }
  | { readonly do: 'hold'; readonly ip: string; readonly port: number; readonly text: string }
  | { readonly do: 'held' }
  | { readonly do: 'echo'; readonly url: string; readonly text: string }
  | { readonly do: 'pass-load' }
  | { readonly do: 'stop-load' };

export interface PeerRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** How long a body it has. */
  readonly bodyBytes?: number;
  /** The address it comes from. */
  readonly localAddress?: string;
  /** Over the connection of the last such request, while it is open. */
  readonly keepAlive?: boolean;
  /** PEM of the authority to trust, and the name to ask for. */
  readonly ca?: string;
  readonly servername?: string;
  /** PEM of the client's own certificate and key. */
  readonly cert?: string;
  readonly key?: string;
}

export interface PeerResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface LoadReport {
  readonly requests: number;
  readonly failures: readonly string[];
}

const servers = new Map<string, { server: Server; health: number }>();
const keepAlive = new Agent({ keepAlive: true });
let load: Load | undefined;

interface Load {
  stop: boolean;
  requests: number;
  readonly failures: string[];
  /** The requests that have no answer yet. */
  readonly open: Set<Promise<void>>;
  done: Promise<unknown>;
}

process.on('message', ({ id, task }: { id: number; task: PeerTask }) => {
  run(task).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

async function run(task: PeerTask): Promise<unknown> {
  switch (task.do) {
    case 'serve':
      return serve(task.ip, task.port, task.http2 === true);
    case 'close':
      servers.get(`${task.ip}:${task.port}`)?.server.close();
      servers.get(`${task.ip}:${task.port}`)?.server.closeAllConnections();
      return servers.delete(`${task.ip}:${task.port}`);
    case 'behave': {
      const entry = servers.get(`${task.ip}:${task.port}`);
      if (entry) entry.health = task.health;
      return undefined;
    }
    case 'serve-raw':
      return serveRaw(task.ip, task.port);
    case 'hold':
      return hold(task.ip, task.port, task.text);
    case 'http2':
      return askHttp2(task);
    case 'slow':
      return startSlow(task.url);
    case 'slow-end':
      return slow;
    case 'held':
      return held !== undefined && !held.destroyed;
    case 'echo':
      return echo(task.url, task.text);
    case 'get':
      return get(task.url, task.options, task.options.keepAlive ? keepAlive : undefined);
    case 'start-load': {
      load = { stop: false, requests: 0, failures: [], open: new Set(), done: Promise.resolve() };
      load.done = Promise.all(Array.from({ length: task.loops ?? 8 }, () => loadLoop(task.url, task)));
      return undefined;
    }
    case 'pass-load':
      if (!load) throw new Error('no load');
      return void (await Promise.all(load.open));
    default:
      if (!load) throw new Error('no load');
      load.stop = true;
      await load.done;
      return { requests: load.requests, failures: load.failures } satisfies LoadReport;
  }
}

async function serve(ip: string, port: number, http2: boolean): Promise<void> {
  const name = `${ip}:${port}`;
  if (http2) return serveHttp2(ip, port);
  const entry = { server: createServer(), health: 200 };
  entry.server.on('upgrade', (_req, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n');
    socket.write(`Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`);
    socket.pipe(socket);
  });
  entry.server.on('request', (req, res) => {
    if (req.url === '/health') return entry.health === 0 ? undefined : res.writeHead(entry.health).end();
    if (req.url === '/endless') return res.writeHead(200).write('first');
    const login = req.url === '/login' ? { 'set-cookie': 'session=1' } : {};
    let received = 0;
    req.on('data', (data: Buffer) => (received += data.length));
    req.on('end', () =>
      res
        .writeHead(200, { 'x-target': name, ...login })
        .end(JSON.stringify({ url: req.url, headers: req.headers, received })),
    );
    return undefined;
  });
  entry.server.keepAliveTimeout = 60_000;
  servers.set(name, entry);
  await new Promise<void>((resolve, reject) => {
    entry.server.on('error', reject);
    entry.server.listen(port, ip, resolve);
  });
}

/** Speaks HTTP/2 only; its health is a gRPC method that is not there. */
async function serveHttp2(ip: string, port: number): Promise<void> {
  const server = createHttp2Server((req, res) => {
    const health = req.url === '/AWS.ALB/healthcheck';
    res.writeHead(200, health ? { 'grpc-status': '12' } : { 'x-target': `${ip}:${port}` });
    res.end(health ? '' : JSON.stringify({ url: req.url, version: req.httpVersion }));
  });
  await new Promise<void>((resolve) => server.listen(port, ip, resolve));
}

/** Says back what it hears, from the first byte on. */
async function serveRaw(ip: string, port: number): Promise<void> {
  const server = createRawServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, ip, resolve));
}

let held: Socket | undefined;

/** Answers the first bytes that come back, in hexadecimal digits, and keeps the connection open. */
function hold(host: string, port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectRaw({ host, port }, () => socket.write(text));
    held = socket;
    socket.once('data', (data) => resolve(data.toString('hex')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
  });
}

/** RFC 6455's own example of a key and its answer. */
const WEBSOCKET = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** What comes back over a connection that was upgraded. */
function echo(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const req = request(url, { agent: false, headers: WEBSOCKET });
    req.on('upgrade', (_res, socket) => {
      socket.once('data', (data) => {
        resolve(String(data));
        socket.destroy();
      });
      socket.write(text);
    });
    req.on('response', (res) => reject(new Error(`status ${res.statusCode}`)));
    req.on('error', reject);
    req.end();
  });
}

function get(url: string, options: PeerRequest, agent?: Agent): Promise<PeerResponse> {
  return new Promise((resolve, reject) => {
    const tls = url.startsWith('https:');
    const how = {
      ...options,
      agent: agent ?? (tls ? new TlsAgent({ keepAlive: false }) : new Agent({ keepAlive: false })),
    };
    const req = (tls ? tlsRequest : request)(url, how, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (text: string) => (body += text));
      res.on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
    });
    req.on('error', reject);
    req.end(options.bodyBytes === undefined ? undefined : Buffer.alloc(options.bodyBytes, 1));
  });
}

async function loadLoop(
  url: string,
  { http2, authorization }: { readonly http2?: TlsPeer; readonly authorization?: string },
): Promise<void> {
  const headers = authorization === undefined ? {} : { headers: { authorization } };
  const ask = async ({ failures }: Load) => {
    try {
      const status = http2 ? await getHttp2(url, http2) : (await get(url, headers, keepAlive)).status;
      if (status !== 200) failures.push(`status ${status}`);
    } catch (error) {
      failures.push(String(error));
    }
  };
  while (load && !load.stop) {
    load.requests++;
    const answered = ask(load);
    load.open.add(answered);
    await answered;
    load.open.delete(answered);
  }
  session?.close();
}

let slow: Promise<string> | undefined;

/** Begins a request that a target never answers, and answers its target once it is there. */
async function startSlow(url: string): Promise<void> {
  const began = Promise.withResolvers<void>();
  slow = new Promise((resolve) => {
    const req = request(url, { agent: false, headers: { accept: 'text/event-stream' } }, (res) => {
      began.resolve();
      res.on('data', () => {});
      res.on('error', () => resolve('cut'));
      res.on('end', () => resolve('ended'));
    });
    req.on('error', () => resolve('cut'));
    req.end();
  });
  await began.promise;
}

/** The status of a request over a connection of its own, of HTTP/2. */
function askHttp2({ url, method, contentType, tls }: Extract<PeerTask, { do: 'http2' }>): Promise<number> {
  return new Promise((resolve, reject) => {
    const client = connect(url, { ca: tls.ca, servername: tls.servername });
    client.on('error', reject);
    const type = contentType === undefined ? {} : { 'content-type': contentType };
    const stream = client.request({ ':path': '/', ':method': method, ...type });
    stream.on('response', (headers) => resolve(Number(headers[':status'])));
    stream.on('error', reject);
    stream.on('close', () => client.close());
    stream.resume();
    stream.end();
  });
}

interface TlsPeer {
  readonly ca: string;
  readonly servername: string;
}

let session: ClientHttp2Session | undefined;

/** All go over one connection, until the other side says that it ends. */
function getHttp2(url: string, tls: TlsPeer): Promise<number> {
  if (!session || session.closed || session.destroyed) {
    session = connect(url, tls);
    session.on('error', () => {});
  }
  const used = session;
  return new Promise((resolve, reject) => {
    let status = 0;
    const stream = used.request({ ':path': '/' });
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    // A request that the session did not begin any more goes over the next one, as in every HTTP/2 client (RFC 9113, 8.7).
    stream.on('error', (error) =>
      stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? resolve(getHttp2(url, tls)) : reject(error),
    );
    stream.on('end', () => resolve(status));
    stream.resume();
    stream.end();
  });
}
