import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../../src/loadbalancer/haproxy/testing-world.ts';

/** Signs tokens, and publishes its key over HTTPS. */
export interface Issuer {
  /** `https://localhost:PORT`; the key is at `/keys`. */
  readonly url: string;
  sign(claims: object): string;
  close(): Promise<void>;
}

/** What is started after it trusts its certificate. */
export async function openIssuer(): Promise<Issuer> {
  const pem = selfSigned('localhost');
  const folder = await mkdtemp(join(tmpdir(), 'ls-issuer-'));
  const path = join(folder, 'ca.pem');
  await writeFile(path, pem.slice(0, pem.indexOf('-----BEGIN PRIVATE KEY')));
  process.env['NODE_EXTRA_CA_CERTS'] = path;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' }] });
  const server = createServer({ key: pem, cert: pem }, (req, res) => {
    res.writeHead(req.url === '/keys' ? 200 : 404).end(keys);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    url,
    sign(claims) {
      const text = `${part({ alg: 'RS256', kid: 'one' })}.${part({ iss: url, ...claims })}`;
      return `${text}.${createSign('sha256').update(text).sign(privateKey, 'base64url')}`;
    },
    async close() {
      delete process.env['NODE_EXTRA_CA_CERTS'];
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
