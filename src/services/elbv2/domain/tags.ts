import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { checkTags, type Tags } from '../../../kernel/tags.ts';
import { duplicateTagKeys, invalid, tooManyTags } from '../errors.ts';

/** `before` with these tags set; throws what ELB says about the first that is not allowed. */
export function withTags(before: Tags, added: readonly Tag[] = []): Tags {
  const keys = added.map((tag) => tag.Key);
  if (new Set(keys).size < keys.length) throw duplicateTagKeys();
  const tags = { ...before, ...Object.fromEntries(added.map((tag) => [tag.Key ?? '', tag.Value ?? ''])) };
  const problem = checkTags(tags);
  if (problem) throw problem.kind === 'count' ? tooManyTags(problem.message) : invalid(problem.message);
  return tags;
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
