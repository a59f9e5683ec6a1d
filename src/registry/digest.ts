import { createHash } from 'node:crypto';

export type DigestAlgorithm = 'sha256' | 'sha512';

const HEX_DIGITS: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha512: 128 };

/** Takes `sha256:<64 hex>` or `sha512:<128 hex>` apart; undefined for anything else. Its parts are safe as file names. */
export function parseDigest(text: string): { algorithm: DigestAlgorithm; hex: string } | undefined {
  const [algorithm, hex, ...rest] = text.split(':');
  if ((algorithm !== 'sha256' && algorithm !== 'sha512') || hex === undefined || rest.length > 0) return undefined;
  return hex.length === HEX_DIGITS[algorithm] && /^[0-9a-f]+$/.test(hex) ? { algorithm, hex } : undefined;
}

export function isDigest(text: string): boolean {
  return parseDigest(text) !== undefined;
}

export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
