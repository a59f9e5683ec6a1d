import { X509Certificate } from 'node:crypto';
import type { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { JWK, JWTPayload } from 'jose';
import { seededIds } from '../../kernel/ids.ts';
import { issueLeaf } from '../../pki/leaf.ts';
import { loadRoot, makeRoot } from '../../pki/root.ts';

/** An OpenID Connect provider on loopback, with a certificate authority and signing keys of its own. */
export interface TestProvider {
  /** Without `https://`: `localhost:PORT`. */
  readonly url: string;
  /** Of the authority's certificate, which the server shows after its own. */
  readonly thumbprint: string;
  /** Of the server's own certificate. */
  readonly leafThumbprint: string;
  /** The paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** How it answers a path, where it is not what a provider should. */
  readonly answers: Map<string, (response: ServerResponse) => void>;
  /** Signs with its newest key, or with a key that it does not publish. `iss` is its own if left out. */
  sign(claims: JWTPayload, options?: { readonly stranger?: boolean; readonly withoutKeyId?: boolean }): Promise<string>;
  /** A further key, which signs from now on. */
  addKey(alg?: 'RS256' | 'ES256'): Promise<void>;
  close(): Promise<void>;
}

interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: webcrypto.CryptoKey;
  readonly jwk: JWK;
}

/** @param certificate `names`: what it is for (`localhost`); `notAfterMs`: its end */
export async function openTestProvider(
  certificate: { readonly names?: readonly string[]; readonly notAfterMs?: number } = {},
): Promise<TestProvider> {
  const tls = await tlsFiles(certificate.names ?? ['localhost'], certificate.notAfterMs);
  const keys: SigningKey[] = [await signingKey('key-0', 'RS256')];
  const asked: string[] = [];
  const answers: TestProvider['answers'] = new Map();
  let url = '';
  const server = createServer({ key: tls.key, cert: tls.chain }, (request, response) => {
    asked.push(request.url ?? '');
    const given = answers.get(request.url ?? '');
    if (given) given(response);
    else answerAsProvider(url, keys, request, response);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  url = `localhost:${(server.address() as AddressInfo).port}`;
  return {
    url,
    thumbprint: thumbprintOf(tls.root),
    leafThumbprint: thumbprintOf(tls.leaf),
    asked,
    answers,
    async sign(claims, { stranger = false, withoutKeyId = false } = {}) {
      const key = stranger ? await signingKey(keys.at(-1)?.kid ?? '', 'RS256') : keys.at(-1);
      if (!key) throw new Error('it has no key');
      return new SignJWT({ iss: `https://${url}`, ...claims })
        .setProtectedHeader({ alg: key.alg, typ: 'JWT', ...(withoutKeyId ? {} : { kid: key.kid }) })
        .sign(key.privateKey);
    },
    async addKey(alg = 'RS256') {
      keys.push(await signingKey(`key-${keys.length}`, alg));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answerAsProvider(
  url: string,
  keys: readonly SigningKey[],
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const documents: Record<string, object> = {
    '/.well-known/openid-configuration': { issuer: `https://${url}`, jwks_uri: `https://${url}/keys` },
    '/keys': { keys: keys.map(({ jwk }) => jwk) },
  };
  const document = documents[request.url ?? ''];
  response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(document ?? {}));
}

async function signingKey(kid: string, alg: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

async function tlsFiles(names: readonly string[], notAfterMs = Date.now() + 3_600_000) {
  const ids = seededIds(1);
  const root = await loadRoot(await makeRoot(Date.now(), ids, 'feedc0de'));
  const leaf = await issueLeaf(root, ids, {
    names,
    keyAlgorithm: 'EC_prime256v1',
    notBeforeMs: Date.now() - 7_200_000,
    notAfterMs,
  });
  const chain = leaf.certificatePem + leaf.chainPem;
  return { key: leaf.privateKeyPem, chain, root: root.certificatePem, leaf: leaf.certificatePem };
}

function thumbprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase();
}
