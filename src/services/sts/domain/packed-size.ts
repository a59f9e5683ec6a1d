import { deflateRawSync } from 'node:zlib';
import type { Tags } from '../../../kernel/tags.ts';
import { packedPolicyTooLarge } from '../errors.ts';

/** What the session policies and tags of a session may take, compressed: they travel in its token. */
const ALLOTTED_BYTES = 2048;

/** AWS keeps its packed form and its limit to itself; ours is raw deflate and `ALLOTTED_BYTES`. */
export interface Packed {
  readonly inlinePolicy?: string;
  readonly policyArns: readonly string[];
  readonly tags: Tags;
}

/**
 * PackedPolicySize: how much of the space is taken, in percent.
 * @throws ServiceError above 100
 */
export function packedPercent({ inlinePolicy = '', policyArns, tags }: Packed): number {
  const parts = [inlinePolicy, ...policyArns, ...Object.entries(tags).flat()].filter((part) => part !== '');
  if (parts.length === 0) return 0;
  const percent = Math.ceil((100 * deflateRawSync(parts.join('\n')).length) / ALLOTTED_BYTES);
  if (percent > 100) throw packedPolicyTooLarge(percent);
  return percent;
}
