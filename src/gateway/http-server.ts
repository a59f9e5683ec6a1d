import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../kernel/log.ts';
import type { RawRequest, RawResponse } from '../wire/raw-request.ts';
import { bucketOfHost } from '../wire/s3-target.ts';

/** CloudFormation's and EC2's largest requests stay far below this; images go the registry's own way. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const READ_OUT_BYTES = 4 * MAX_BODY_BYTES;
/** A client of the API that sends nothing of its request for so long is gone. */
const IDLE_MS = 60_000;
/** So is one that takes nothing of its answer. The kernel holds megabytes for it, so who reads slowly needs some time. */
const UNREAD_MS = 300_000;
const HEADERS_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
const DRAIN_MS = 10_000;

export interface HttpRoutes {
  /** Every AWS API call. */
  readonly api: (request: RawRequest, sourceIp: string) => Promise<RawResponse>;
  /** What streams gets the connection itself: the registry's `/v2/...`. Undefined for other paths. */
  readonly stream: (path: string) => ((req: IncomingMessage, res: ServerResponse) => Promise<void>) | undefined;
  /** `/_longshore/...`, never with a body: answers undefined for what it does not know. */
  readonly own: (request: RawRequest, sourceIp: string) => Promise<RawResponse | undefined>;
  /** Takes over a connection that asks for another protocol, or answers false. */
  readonly upgrade?: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
}

/** The one HTTP listener for all of it. */
export class HttpServer {
  readonly #server: Server;
  /** How many requests are under way on each connection. */
  readonly #connections = new Map<Socket, number>();
  readonly #closing = new AbortController();

  /**
   * @param accepts whether a caller's address may connect at all; left out, every one
   * @param mostConnections at once; what comes above that is closed
   */
  constructor(
    routes: () => HttpRoutes,
    log: Log,
    accepts: (address: string) => boolean = () => true,
    mostConnections?: number,
  ) {
    const options = {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Who offers HTTP/2, as Java's client does, is answered in HTTP/1.1.
      shouldUpgradeCallback: (req: IncomingMessage) =>
        req.headers.upgrade?.toLowerCase() === 'websocket' && routes().upgrade !== undefined,
    };
    this.#server = createServer(options, (req, res) => {
      const isAlone = this.#begin(req.socket, res);
      serve(routes, { req, res, isAlone }, this.#closing.signal).catch((error: unknown) => {
        if (isHangUp(error)) log.debug('a client hung up', { error });
        else log.error('a connection failed', { error });
        res.destroy();
      });
    });
    this.#server.on('connection', (socket) => {
      if (!accepts((socket.remoteAddress ?? '').replace(/^::ffff:/, ''))) return socket.destroy();
      this.#connections.set(socket, 0);
      return socket.once('close', () => this.#connections.delete(socket));
    });
    this.#server.on('upgrade', (req, socket: Duplex, head: Buffer) => {
      // Node has let go of it: a reset that nobody hears would end this process.
      socket.on('error', (error) => log.debug('a client hung up', { error }));
      if (!routes().upgrade?.(req, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    });
    if (mostConnections !== undefined) this.#server.maxConnections = mostConnections;
    // Image layers take as long as they take; the registry watches for idle connections itself.
    this.#server.requestTimeout = 0;
  }

  async listen(port: number, address: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, address, resolve);
    });
    const bound = this.#server.address() as AddressInfo;
    return bound.port;
  }

  /** Serves a connection that came in elsewhere. */
  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  /** Takes no new connections, lets running requests end, and cuts what is left after ten seconds. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#closing.abort();
    // Node counts a connection that has not asked yet as busy, and keeps one alive that has just been answered.
    for (const [socket, requests] of this.#connections) if (requests === 0) socket.destroy();
    const signal = AbortSignal.timeout(DRAIN_MS);
    signal.addEventListener('abort', () => this.#server.closeAllConnections(), { once: true });
    await closed;
  }

  /** Answers whether no other request is under way on the connection. */
  #begin(socket: Socket, res: ServerResponse): boolean {
    const before = this.#connections.get(socket) ?? 0;
    this.#connections.set(socket, before + 1);
    res.once('close', () => {
      const left = (this.#connections.get(socket) ?? 1) - 1;
      if (!socket.destroyed) this.#connections.set(socket, left);
      if (this.#closing.signal.aborted && left === 0) socket.destroySoon();
    });
    return before === 0;
  }
}

/** The client went away in the middle of what it sent or was sent: its own business. */
function isHangUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** No other request is under way on the connection. */
  readonly isAlone: boolean;
}

async function serve(current: () => HttpRoutes, { req, res, isAlone }: Exchange, closing: AbortSignal): Promise<void> {
  const routes = current();
  const rawUrl = req.url ?? '/';
  const path = rawUrl.split('?')[0] ?? '/';
  // With its bucket in the host, an object may have any path.
  const isBucket = bucketOfHost(req.headers.host ?? '') !== undefined;
  const stream = isBucket ? undefined : routes.stream(path);
  if (stream) return stream(req, res);
  const raw = { method: req.method ?? 'GET', rawUrl, headers: headerPairs(req.rawHeaders) };
  const sourceIp = req.socket.remoteAddress ?? '';
  if (!isBucket && path.startsWith('/_longshore/')) {
    watchReader(res);
    const answer = await routes.own({ ...raw, body: Buffer.alloc(0) }, sourceIp);
    await send(res, answer ?? plain(404, 'There is nothing here.\n'), closing);
    return;
  }
  // A connection has one timer only: where another request's answer is on its way, its time stands.
  if (isAlone) req.setTimeout(IDLE_MS);
  req.once('timeout', () => req.destroy());
  const body = await readBody(req);
  watchReader(res);
  if (body === 'too large') {
    res.setHeader('Connection', 'close');
    await send(res, tooLarge(req.headers['content-type'] ?? ''), closing);
    return;
  }
  await send(res, await routes.api({ ...raw, body }, sourceIp), closing);
}

async function readBody(req: IncomingMessage): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The connection must outlive a refusal, to carry it.
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    // A client that still sends does not read: it is heard out for a while, so that it gets its answer and not a reset.
    if (size > READ_OUT_BYTES) return 'too large';
    if (size > MAX_BODY_BYTES) chunks.length = 0;
    else chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? 'too large' : Buffer.concat(chunks, size);
}

function headerPairs(raw: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return pairs;
}

/** Clients of JSON services read nothing but JSON, and would speak of a syntax error. */
function tooLarge(contentType: string): RawResponse {
  const message = `A request may have ${MAX_BODY_BYTES} bytes at most.`;
  return contentType.startsWith('application/x-amz-json')
    ? json(413, { __type: 'RequestEntityTooLargeException', message })
    : plain(413, `${message}\n`);
}

/** A stream's length, where it is known, and that of what a HEAD would get, stand among its headers. */
async function send(res: ServerResponse, response: RawResponse, closing: AbortSignal): Promise<void> {
  const { status, headers, body, stream } = response;
  const hasBody = status !== 204 && status !== 304;
  const length = hasBody && !stream && headers['Content-Length'] === undefined ? { 'Content-Length': body.length } : {};
  res.writeHead(status, { ...headers, ...length });
  if (!stream) return void res.end(body);
  if (res.req.method === 'HEAD') {
    stream.destroy();
    return void res.end();
  }
  await (response.live ? sendLive(stream, res, closing) : pipeline(stream, res));
}

/** Waits, with pipelined requests, until it is this one's turn. */
function watchReader(res: ServerResponse): void {
  res.setTimeout(UNREAD_MS, () => {
    // With nothing to send, it is the answer that takes its time: as long as it takes.
    if (res.writableLength > 0) res.destroy();
    else res.setTimeout(UNREAD_MS);
  });
}

/** Ends after the chunk under way when the server closes, as it does with its source or its client. */
async function sendLive(source: Readable, res: ServerResponse, closing: AbortSignal): Promise<void> {
  const passed = new PassThrough();
  const finish = () => {
    source.unpipe(passed);
    passed.end();
  };
  if (closing.aborted) finish();
  else source.pipe(passed);
  closing.addEventListener('abort', finish, { once: true });
  source.once('error', (error) => passed.destroy(error));
  try {
    await pipeline(passed, res);
  } finally {
    closing.removeEventListener('abort', finish);
    source.destroy();
  }
}

export function plain(status: number, text: string): RawResponse {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: Buffer.from(text) };
}

export function json(status: number, value: unknown): RawResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: Buffer.from(`${JSON.stringify(value)}\n`) };
}
