import { checkTags, type Tags } from '../../../kernel/tags.ts';
import { invalidTag, invalidArgument, tooManyTags } from '../errors.ts';

const MOST_OBJECT_TAGS = 10;

interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** @throws ServiceError InvalidTag */
export function bucketTags(tagSet: readonly Tag[] | undefined): Tags {
  const tags: Record<string, string> = {};
  for (const { Key = '', Value = '' } of tagSet ?? []) {
    if (Object.hasOwn(tags, Key)) throw invalidTag('Cannot provide multiple Tags with the same key');
    tags[Key] = Value;
  }
  const problem = checkTags(tags);
  if (problem?.kind === 'reserved') throw invalidTag('System tags cannot be added/updated by requester');
  if (problem) throw invalidTag(problem.message);
  return tags;
}

/** @throws ServiceError InvalidTag, BadRequest */
export function objectTags(tagSet: readonly Tag[] | undefined): Tags {
  const tags = bucketTags(tagSet);
  if (Object.keys(tags).length > MOST_OBJECT_TAGS) throw tooManyTags();
  return tags;
}

/**
 * The header x-amz-tagging: `team=web&stage=test`.
 * @throws ServiceError
 */
export function parseTagging(text: string | undefined): Tags {
  if (text === undefined) return {};
  const pairs = [...new URLSearchParams(text)].map(([Key, Value]) => ({ Key, Value }));
  if (pairs.some(({ Key }) => Key === '')) {
    const message =
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
    throw invalidArgument(message, 'x-amz-tagging', text);
  }
  return objectTags(pairs);
}

export function tagSet(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
