import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { systemIds } from '../../src/kernel/ids.ts';
import { issueLeaf } from '../../src/pki/leaf.ts';
import { loadRoot, makeRoot } from '../../src/pki/root.ts';

/** AWS's own host names, led to a server on loopback. */
export interface AwsHosts {
  /** For HTTPS_PROXY. */
  readonly proxy: string;
  /** PEM, for AWS_CA_BUNDLE. */
  readonly authority: string;
  /** Whom clients have asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * Clients from before AWS_ENDPOINT_URL (the aws CLI below 2.13) assume the roles of their profiles at AWS's own hosts,
 * whatever --endpoint-url says: this proxy brings those calls here, with the signed Host header as it is.
 */
export async function openAwsHosts(endpoint: string, names: readonly string[]): Promise<AwsHosts> {
  const root = await loadRoot(await makeRoot(Date.now(), systemIds, 'feedc0de'));
  const leaf = await issueLeaf(root, systemIds, {
    names,
    keyAlgorithm: 'EC_prime256v1',
    notBeforeMs: Date.now() - 60_000,
    notAfterMs: Date.now() + 3_600_000,
  });
  const sockets = new Set<Socket>();
  const host = createHttpsServer({ key: leaf.privateKeyPem, cert: leaf.certificatePem + leaf.chainPem }, (from, to) =>
    passOn(endpoint, from, to),
  );
  const asked: string[] = [];
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (connect, socket: Socket) => {
    asked.push(connect.url ?? '');
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    const isNamed = names.includes((connect.url ?? '').replace(/:443$/, ''));
    if (!isNamed) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    return host.emit('connection', socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    authority: root.certificatePem,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

function passOn(endpoint: string, from: IncomingMessage, to: ServerResponse): void {
  const { hostname, port } = new URL(endpoint);
  const { method, url, headers } = from;
  const passed = request({ hostname, port, method, path: url, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(to);
  });
  passed.on('error', () => to.destroy());
  from.pipe(passed);
}
