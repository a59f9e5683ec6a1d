import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect, getCACertificates } from 'node:tls';
import type { DetailedPeerCertificate, SecureContextOptions } from 'node:tls';
import { noVerificationKey, providerUnreachable, wrongThumbprint } from './errors.ts';

const TIMEOUT_MS = 5000;
const MAX_BYTES = 1024 * 1024;
const HTTPS_PORT = 443;

/**
 * Gets JSON from an identity provider as IAM does. Its certificate is trusted if one of the system's authorities made
 * it, or if the SHA-1 of the last certificate of the chain that it shows is registered: then that certificate is taken
 * for the authority, and the rest of the chain, the host's name and the dates must hold all the same.
 * Redirects are not followed; an answer that is no JSON, or longer than 1 MiB, is refused.
 * @param thumbprints hexadecimal, 40 digits
 * @param limitBytes another limit of the answer than 1 MiB
 * @throws ServiceError
 */
export async function httpsJson(url: URL, thumbprints: readonly string[], limitBytes = MAX_BYTES): Promise<unknown> {
  try {
    return await getJson(url, { ca: [...trustedAuthorities()] }, limitBytes);
  } catch (error) {
    if (!isUntrusted(error)) throw asAnswer(error);
  }
  try {
    return await getJson(url, { ca: await pinned(url, thumbprints), allowPartialTrustChain: true }, limitBytes);
  } catch (error) {
    throw isUntrusted(error) ? wrongThumbprint() : asAnswer(error);
  }
}

class Unusable extends Error {}

function asAnswer(error: unknown): Error {
  if (error instanceof Unusable) return noVerificationKey(error);
  return error instanceof Error && error.name === 'ServiceError' ? error : providerUnreachable(error);
}

let authorities: readonly string[] | undefined;

/** Mozilla's, as Node has them, and those of the machine's own store. */
function trustedAuthorities(): readonly string[] {
  authorities ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return authorities;
}

const UNTRUSTED: ReadonlySet<unknown> = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function isUntrusted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && UNTRUSTED.has(error.code);
}

function getJson(url: URL, trust: SecureContextOptions, limitBytes: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // `agent: false`: a connection is never lent to a request that trusts other certificates.
    const request = get(
      url,
      { ...trust, agent: false, signal, headers: { accept: 'application/json' } },
      (response) => {
        readJson(response, limitBytes).then(resolve, (error: unknown) => {
          request.destroy();
          reject(error);
        });
      },
    );
    request.on('error', reject);
  });
}

async function readJson(response: IncomingMessage, limitBytes: number): Promise<unknown> {
  if (response.statusCode !== 200) throw new Unusable(`it answers with HTTP status ${response.statusCode}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new Unusable(`its answer is longer than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Unusable('its answer is not JSON');
  }
}

/** The certificate, as PEM, that a registered thumbprint lets us take for the authority. */
async function pinned(url: URL, thumbprints: readonly string[]): Promise<string> {
  const top = await lastOfChain(url);
  const thumbprint = top.fingerprint.replaceAll(':', '').toLowerCase();
  if (!thumbprints.some((one) => one.toLowerCase() === thumbprint)) throw wrongThumbprint();
  return `-----BEGIN CERTIFICATE-----\n${top.raw.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

/** Looks at the chain that the host shows, and says nothing to it: nothing is trusted yet. */
function lastOfChain(url: URL): Promise<DetailedPeerCertificate> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = url.port === '' ? HTTPS_PORT : Number(url.port);
    const isName = /[a-z]/i.test(host) && !host.includes(':');
    const socket = connect({ host, port, rejectUnauthorized: false, ...(isName ? { servername: host } : {}) }, () => {
      resolve(topOf(socket.getPeerCertificate(true)));
      socket.destroy();
    });
    socket.on('error', reject);
    AbortSignal.timeout(TIMEOUT_MS).addEventListener('abort', () =>
      socket.destroy(new Error('the connection timed out')),
    );
  });
}

/** The last certificate of a chain is its own issuer, or names one that was not shown. */
function topOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate {
  let top = leaf;
  while (top.issuerCertificate !== undefined && top.issuerCertificate.fingerprint256 !== top.fingerprint256) {
    top = top.issuerCertificate;
  }
  return top;
}
