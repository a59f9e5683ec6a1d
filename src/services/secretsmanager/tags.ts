import type { Tag } from '@aws-sdk/client-secrets-manager';
import { checkTags } from '../../kernel/tags.ts';
import type { Tags } from '../../kernel/tags.ts';
import { invalidParameter } from './errors.ts';

/**
 * Adds tags to those a secret has.
 * @throws ServiceError InvalidParameterException
 */
export function withTags(current: Tags, given: readonly Tag[]): Tags {
  const keys = given.map((tag) => tag.Key ?? '');
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) throw invalidParameter(`The tag key ${twice} is given more than once.`);
  const added = Object.fromEntries(given.map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  const problem = checkTags(added) ?? checkTags({ ...current, ...added });
  if (problem) throw invalidParameter(problem.message);
  return { ...current, ...added };
}

export function withoutTags(current: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(current).filter(([key]) => !keys.includes(key)));
}

export function tagsView(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
