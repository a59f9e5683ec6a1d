import type { Tag } from '@aws-sdk/client-ecr';
import { checkTags } from '../../kernel/tags.ts';
import type { Tags } from '../../kernel/tags.ts';
import { invalidTag, tooManyTags } from './errors.ts';

/**
 * Adds tags to those a resource has.
 * @throws ServiceError InvalidTagParameterException, TooManyTagsException
 */
export function withTags(current: Tags, given: readonly Tag[]): Tags {
  const keys = given.map((tag) => tag.Key ?? '');
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) throw invalidTag(`Duplicate tag key '${twice}'`);
  const added = Object.fromEntries(given.map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  const problem = checkTags(added) ?? checkTags({ ...current, ...added });
  if (problem) throw problem.kind === 'count' ? tooManyTags(problem.message) : invalidTag(problem.message);
  return { ...current, ...added };
}

export function withoutTags(current: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(current).filter(([key]) => !keys.includes(key)));
}

export function tagsView(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
