import type { Tag } from '@aws-sdk/client-iam';
import type { Tags } from '../../kernel/tags.ts';
import { checkLength } from './domain/names.ts';
import { invalidInput, limitExceeded, validationError } from './errors.ts';
import { pageOf, type PageInput } from './pages.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules */
const MOST_TAGS = 50;
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Tags of a request laid over those that are present. Keys differ by more than their case: `foo` takes the place of
 * `Foo`, and keeps its own spelling. Throws IAM's own errors.
 */
export function tagsFrom(input: readonly Tag[] | undefined, present: Tags = {}): Tags {
  const added = input ?? [];
  if (added.length > MOST_TAGS) {
    throw validationError('tags', `Member must have length less than or equal to ${MOST_TAGS}`);
  }
  added.forEach((tag, index) => checkTag(tag, index + 1));
  const keys = new Set(added.map((tag) => fold(tag.Key)));
  if (keys.size < added.length) {
    throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  const kept = Object.entries(present).filter(([key]) => !keys.has(fold(key)));
  const tags = Object.fromEntries([...kept, ...added.map((tag) => [tag.Key ?? '', tag.Value ?? ''] as const)]);
  if (Object.keys(tags).length > MOST_TAGS) {
    throw limitExceeded('The number of tags has reached the maximum limit.');
  }
  return tags;
}

/** The tags without those of these keys, whatever their case. Keys that name no tag are no error. */
export function withoutTags(present: Tags, keys: readonly string[]): Tags {
  if (keys.length > MOST_TAGS) {
    throw validationError('tagKeys', `Member must have length less than or equal to ${MOST_TAGS}`);
  }
  const gone = new Set(keys.map(fold));
  return Object.fromEntries(Object.entries(present).filter(([key]) => !gone.has(fold(key))));
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** To be spread into an answer: `Tags`, and only where there are any. */
export function tagMember(tags: Tags): { Tags?: Tag[] } {
  const list = tagList(tags);
  return list.length === 0 ? {} : { Tags: list };
}

/** The whole answer of ListUserTags, ListRoleTags, ... */
export function tagPage(tags: Tags, input: PageInput): { Tags: Tag[]; IsTruncated: boolean; Marker?: string } {
  const { items, page } = pageOf(tagList(tags), (tag) => tag.Key ?? '', input);
  return { Tags: items, ...page };
}

function checkTag({ Key = '', Value = '' }: Tag, position: number): void {
  const member = `tags.${position}.member`;
  checkLength(Key, `${member}.key`, 128, 1);
  checkLength(Value, `${member}.value`, 256);
  if (!KEY.test(Key)) throw validationError(`${member}.key`, `${MUST_MATCH} [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+`);
  if (!VALUE.test(Value)) throw validationError(`${member}.value`, `${MUST_MATCH} [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*`);
  if (fold(Key).startsWith('aws:')) throw invalidInput('aws: prefixed tag key names are not allowed for external use.');
}

const MUST_MATCH = 'Member must satisfy regular expression pattern:';
const fold = (key = ''): string => key.toLowerCase();
