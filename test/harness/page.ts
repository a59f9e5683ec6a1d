import { request as httpRequest } from 'node:http';
import type { Agent, IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';

const ANSWER_WITHIN_MS = 10_000;

export interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface PageRequest {
  readonly port: number;
  readonly hostname: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the only authority that is trusted; without it the request is plain HTTP. */
  readonly ca?: string;
  /** Keeps connections; without it the request has a connection of its own. */
  readonly agent?: Agent;
}

/** One GET through the edge on this host's loopback address. Rejects when no whole answer comes. */
export function getPage(wanted: PageRequest): Promise<Page> {
  const { port, hostname, ca, agent } = wanted;
  const options = {
    host: '127.0.0.1',
    port,
    path: wanted.path ?? '/',
    headers: { host: `${hostname}:${port}`, ...wanted.headers },
    agent: agent ?? false,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  } as const;
  return new Promise((resolve, reject) => {
    const request = ca === undefined ? httpRequest(options) : httpsRequest({ ...options, ca, servername: hostname });
    request.once('error', reject);
    request.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.end();
  });
}

/** `open`, or why no connection came about: `timeout`, `ECONNREFUSED`, ... */
export function tryConnect(host: string, port: number, withinMs = 1000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: withinMs });
    const finish = (result: string) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish('open'));
    socket.once('timeout', () => finish('timeout'));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}
