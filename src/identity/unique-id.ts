import type { Ids } from '../kernel/ids.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes */
export type UniqueIdPrefix = 'AIDA' | 'AROA' | 'AGPA' | 'AIPA' | 'ANPA';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An id as IAM forms it: the prefix of its kind, then 17 letters and digits. Access keys' are in access-key-id.ts. */
export function uniqueId(prefix: UniqueIdPrefix, ids: Ids): string {
  return prefix + Array.from(ids.bytes(17), (byte) => BASE32[byte % 32]).join('');
}
