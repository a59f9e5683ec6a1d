import { createServer } from 'node:http';
import type { Principal } from '../../identity/principal.ts';
import { systemIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { silentLog } from '../../kernel/log.ts';
import { SCOPE, openTestRegistry } from '../testing.ts';
import type { TestRegistry } from '../testing.ts';
import { RegistryTokens } from '../token.ts';
import { createRegistryHandler } from './handler.ts';
import type { RegistryHandlerOptions } from './handler.ts';

/** The account's root user. */
export function testPrincipal(account: string): Principal {
  return { kind: 'root', account, arn: `arn:aws:iam::${account}:root`, userId: account };
}

/** A registry that listens on loopback. */
export interface RegistryServer extends TestRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** The password that GetAuthorizationToken would give. */
  readonly password: string;
  readonly authorization: string;
  /** An authenticated request. */
  send(method: string, path: string, options?: { headers?: Record<string, string>; body?: string }): Promise<Response>;
}

/** @param options.port the port of a server that was closed, to take its place */
export async function startRegistryServer(
  options: Parameters<typeof openTestRegistry>[0] & {
    port?: number;
    authorize?: RegistryHandlerOptions['authorize'];
    countsAsPull?: RegistryHandlerOptions['countsAsPull'];
    upstream?: (world: TestRegistry) => RegistryHandlerOptions['upstream'];
  } = {},
): Promise<RegistryServer> {
  const world = openTestRegistry(options);
  const upstream = options.upstream?.(world);
  const tokens = new RegistryTokens(new SealedBox(Buffer.alloc(32, 1), 'ecr-token', systemIds));
  const handler = createRegistryHandler({
    registry: world.registry,
    authenticate: (header, now) => tokens.authenticate(header, now),
    ...(options.authorize && { authorize: options.authorize }),
    ...(options.countsAsPull && { countsAsPull: options.countsAsPull }),
    ...(upstream && { upstream }),
    clock: world.clock,
    ids: systemIds,
    log: silentLog,
  });
  const server = createServer((req, res) => void handler(req, res));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const host = `127.0.0.1:${address.port}`;
  const { authorizationToken } = tokens.issue({ ...SCOPE, principal: testPrincipal(SCOPE.account) }, world.clock.now());
  const authorization = `Basic ${authorizationToken}`;
  return {
    ...world,
    host,
    password: Buffer.from(authorizationToken, 'base64').toString().slice('AWS:'.length),
    authorization,
    send: (method, path, { headers = {}, body } = {}) =>
      fetch(`http://${host}${path}`, {
        method,
        redirect: 'manual',
        headers: { authorization, ...headers },
        ...(body !== undefined && { body }),
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await world.close();
    },
  };
}
