import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { scopeKey, type Scope } from '../../kernel/arn.ts';
import { publicHalf } from './domain/digest.ts';
import type { CloudTrailEnvironment } from './operation.ts';
import { signingKeys, type SigningKeyRow } from './tables.ts';

const MODULUS_BITS = 2048;
/** Keys are not replaced, so they stay valid. */
const YEARS_MS = 100 * 365 * 24 * 60 * 60_000;

export interface SigningKey {
  readonly fingerprint: string;
  readonly privateKey: KeyObject;
}

export function keyValidity({ createdAtMs }: SigningKeyRow): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: createdAtMs, toMs: createdAtMs + YEARS_MS };
}

/** The key of a region's digests; made when the first is signed. */
export async function signingKey(env: CloudTrailEnvironment, scope: Scope): Promise<SigningKey> {
  const known = await env.store.read((tx) => tx.list(signingKeys, { prefix: `${scopeKey(scope)}/` }));
  const row = known[0] ?? (await makeKey(env, scope));
  const pem = env.ports.box.open(row.sealedPrivateKey);
  if (pem === undefined) throw new Error(`The digest key ${row.fingerprint} was sealed with another master key.`);
  return { fingerprint: row.fingerprint, privateKey: createPrivateKey(pem) };
}

async function makeKey(env: CloudTrailEnvironment, scope: Scope): Promise<SigningKeyRow> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const row: SigningKeyRow = {
    account: scope.account,
    region: scope.region,
    ...publicHalf(privateKey),
    sealedPrivateKey: env.ports.box.seal(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    createdAtMs: env.clock.now(),
  };
  return env.store.write(async (tx) => {
    const [other] = await tx.list(signingKeys, { prefix: `${scopeKey(scope)}/` });
    return other ?? tx.put(signingKeys, row);
  });
}
