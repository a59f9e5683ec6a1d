import type { Tag } from '@aws-sdk/client-acm';
import { checkTags, type Tags } from '../../kernel/tags.ts';
import { badTags } from './errors.ts';

/** Input tags as rows keep them, after AWS's rules; `present` are those that stay beside them. */
export function tagsFrom(input: readonly Tag[] | undefined, present: Tags = {}): Tags {
  const added = Object.fromEntries((input ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  const tags = { ...present, ...added };
  const problem = checkTags(tags);
  if (problem) throw badTags(problem);
  return tags;
}
