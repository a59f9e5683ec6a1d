import type { Tag } from '@aws-sdk/client-servicediscovery';
import { checkTags } from '../../../kernel/tags.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { invalidInput } from '../errors.ts';

/** Of a creation. @throws InvalidInput */
export function tagsOf(tags: readonly Tag[] | undefined): Tags {
  const pairs = (tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const);
  const made = Object.fromEntries(pairs);
  if (Object.keys(made).length < pairs.length) throw invalidInput('Tag keys must be unique.');
  const problem = checkTags(made);
  if (problem) throw invalidInput(problem.message);
  return made;
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
