import { createHash } from 'node:crypto';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html */
export const CLIENT_TOKEN_MS = 24 * 3_600_000;

/** Of all that is asked for but where, and with which token; members in any order. */
export function requestHash({
  clientToken: _token,
  cluster: _cluster,
  ...wish
}: {
  readonly clientToken?: string | undefined;
  readonly cluster?: string | undefined;
}): string {
  const text = JSON.stringify(wish, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
