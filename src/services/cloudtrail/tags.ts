import type { Tag } from '@aws-sdk/client-cloudtrail';
import { checkTags, type Tags } from '../../kernel/tags.ts';
import { invalidTag, tooManyTags } from './errors.ts';

/** @throws ServiceError InvalidTagParameterException, TagsLimitExceededException */
export function withTags(before: Tags, given: readonly Tag[] = []): Tags {
  const added: Record<string, string> = {};
  for (const { Key = '', Value = '' } of given) {
    if (Object.hasOwn(added, Key)) throw invalidTag(`The tag key ${Key} is given twice.`);
    added[Key] = Value;
  }
  const tags = { ...before, ...added };
  const problem = checkTags(tags);
  if (problem?.kind === 'count') throw tooManyTags(problem.message);
  if (problem) throw invalidTag(problem.message);
  return tags;
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
