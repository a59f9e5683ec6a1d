import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';

const TIMEOUT_MS = 5000;

export interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Target {
  /** Where to connect, whatever the name resolves to. */
  readonly address: string;
  readonly port: number;
  readonly hostname: string;
  readonly path?: string;
  /** PEM of the only authority that is trusted; without it the request is plain HTTP. */
  readonly ca?: string;
}

/** One GET on a connection of its own. */
export function get(target: Target): Promise<Page> {
  const { address, port, hostname, path = '/', ca } = target;
  const isDefaultPort = port === (ca === undefined ? 80 : 443);
  const options = {
    host: address,
    port,
    path,
    agent: false as const,
    timeout: TIMEOUT_MS,
    headers: { host: isDefaultPort ? hostname : `${hostname}:${port}` },
  };
  return new Promise((resolve, reject) => {
    const request = ca === undefined ? httpRequest(options) : httpsRequest({ ...options, ca, servername: hostname });
    request.once('timeout', () =>
      request.destroy(new Error(`no answer from ${address}:${port} within ${TIMEOUT_MS} ms`)),
    );
    request.once('error', reject);
    request.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.end();
  });
}

/** `open`, or why no connection came about: `timeout`, `ECONNREFUSED`, `EHOSTUNREACH`. */
export function tryConnect(address: string, port: number, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const finish = (result: string) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => finish('timeout'));
    socket.once('connect', () => finish('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}
