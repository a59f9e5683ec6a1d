import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { CredentialScope } from './credential-scope.ts';

const MAX_SIGNING_KEYS = 1000;
const signingKeys = new Map<string, Buffer>();

export function sha256Hex(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The signature that the holder of `secret` makes of a canonical request; `time` is `YYYYMMDDTHHMMSSZ`. */
export function signatureOf(canonical: string, time: string, scope: CredentialScope, secret: string): Buffer {
  const scopeText = `${scope.date}/${scope.region}/${scope.signingName}/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', time, scopeText, sha256Hex(canonical)].join('\n');
  return signatureOfText(stringToSign, scope, secret);
}

/** The signature of a string to sign, in which the scope's text stands already. */
export function signatureOfText(stringToSign: string, scope: CredentialScope, secret: string): Buffer {
  return hmac(signingKey(secret, scope), stringToSign);
}

/** Compares in a time that does not tell how much is right. */
export function isSignature(given: string, right: Buffer): boolean {
  const bytes = Buffer.from(given, 'hex');
  return /^[0-9a-f]{64}$/i.test(given) && timingSafeEqual(bytes, right);
}

/** A key holds for a day, a region and a service, so the last ones used are kept. */
function signingKey(secret: string, scope: CredentialScope): Buffer {
  const name = [secret, scope.date, scope.region, scope.signingName].join('\n');
  const known = signingKeys.get(name);
  signingKeys.delete(name);
  const key = known ?? deriveKey(secret, scope);
  signingKeys.set(name, key);
  const oldest = signingKeys.keys().next().value;
  if (signingKeys.size > MAX_SIGNING_KEYS && oldest !== undefined) signingKeys.delete(oldest);
  return key;
}

function deriveKey(secret: string, scope: CredentialScope): Buffer {
  const dateKey = hmac(`AWS4${secret}`, scope.date);
  return hmac(hmac(hmac(dateKey, scope.region), scope.signingName), 'aws4_request');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
