import type { Tag } from '@aws-sdk/client-ecs';
import { checkTags } from '../../../kernel/tags.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { invalidParameter } from '../errors.ts';

/** ECS's `[{key, value}]` as tags, checked. */
export function tagsOf(list: readonly Tag[] | undefined): Tags {
  const tags = Object.fromEntries((list ?? []).map((tag) => [tag.key ?? '', tag.value ?? '']));
  if (Object.keys(tags).length < (list?.length ?? 0)) throw invalidParameter('Duplicate tag keys found.');
  const problem = checkTags(tags);
  if (problem) throw invalidParameter(problem.message);
  return tags;
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** @throws InvalidParameterException for more than 50 tags of the user's own */
export function checkTagCount(tags: Tags): void {
  const own = Object.keys(tags).filter((key) => !key.startsWith('aws:'));
  if (own.length > 50) throw invalidParameter('Tags can have at most 50 items.');
}
