import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** The account's key: ES256, as every ACME server takes it (RFC 8555, 6.2). */
export interface AccountKey {
  readonly key: KeyObject;
  readonly jwk: { readonly crv: string; readonly kty: string; readonly x: string; readonly y: string };
  /** RFC 7638: what key authorizations end with. */
  readonly thumbprint: string;
}

export function newAccountKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function accountKeyOf(privateKeyPem: string): AccountKey {
  const key = createPrivateKey(privateKeyPem);
  const { crv = '', kty = '', x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  // In this order and without blanks: it is hashed.
  const jwk = { crv, kty, x, y };
  return { key, jwk, thumbprint: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url') };
}

/** A flattened JWS. Without a payload it is a POST-as-GET. */
export function signed(
  account: AccountKey,
  header: { readonly url: string; readonly nonce: string; readonly kid?: string },
  payload: object | undefined,
): string {
  const identity = header.kid === undefined ? { jwk: account.jwk } : { kid: header.kid };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const protectedPart = encode({ alg: 'ES256', nonce: header.nonce, url: header.url, ...identity });
  const payloadPart = payload === undefined ? '' : encode(payload);
  const signature = sign('sha256', Buffer.from(`${protectedPart}.${payloadPart}`), {
    key: account.key,
    dsaEncoding: 'ieee-p1363',
  }).toString('base64url');
  return JSON.stringify({ protected: protectedPart, payload: payloadPart, signature });
}
