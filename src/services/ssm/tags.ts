import type { Tag } from '@aws-sdk/client-ssm';
import { checkTags, type Tags } from '../../kernel/tags.ts';
import { invalid, tooManyTags } from './errors.ts';

/** Input tags as rows keep them, after AWS's rules; `present` are those that stay beside them. */
export function tagsFrom(input: readonly Tag[] | undefined, present: Tags = {}): Tags {
  const tags = { ...present, ...Object.fromEntries((input ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])) };
  const problem = checkTags(tags);
  if (problem) throw problem.kind === 'count' ? tooManyTags() : invalid(problem.message);
  return tags;
}
