import type { SessionFacts } from '../../../identity/principal.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { invalidParameterValue, validationError } from '../errors.ts';
import { lengthProblems, textProblems } from './constraints.ts';

const MAX_TAGS = 50;
const TAG_PATTERN = String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`;

/** Tags of a session, and those of them that further sessions inherit. */
export interface SessionTags {
  readonly tags: Tags;
  readonly transitiveTagKeys: readonly string[];
}

export interface TagPair {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

/** What the tags of a request break. */
export function tagProblems(tags: readonly TagPair[] | undefined, transitive?: readonly string[]): string[] {
  return [
    ...lengthProblems('tags', tags, MAX_TAGS),
    ...lengthProblems('transitiveTagKeys', transitive, MAX_TAGS),
    ...(tags ?? []).flatMap(({ Key, Value }, index) => [
      ...textProblems(`tags.${index + 1}.member.key`, Key, { min: 1, max: 128, pattern: TAG_PATTERN }),
      ...textProblems(`tags.${index + 1}.member.value`, Value, { min: 0, max: 256, pattern: TAG_PATTERN }),
    ]),
  ];
}

/**
 * The tags of a new session: those asked for, and those that the calling session hands on. Keys are the same whatever
 * their case.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 * @param caller the calling session, where it is one
 */
export function sessionTags(
  asked: readonly TagPair[] = [],
  transitive: readonly string[] = [],
  caller?: SessionFacts,
): SessionTags {
  const tags = Object.fromEntries(asked.map(({ Key = '', Value = '' }) => [Key, Value]));
  const keys = new Set(asked.map(({ Key = '' }) => Key.toLowerCase()));
  if (keys.size < asked.length) {
    throw invalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  const reserved = asked.find(({ Key = '' }) => Key.toLowerCase().startsWith('aws:'));
  if (reserved) throw validationError(`Tag key '${reserved.Key}' is reserved: the prefix aws: is for AWS use.`);
  if (!transitive.every((key) => keys.has(key.toLowerCase()))) {
    throw invalidParameterValue('The specified transitive tag key must be included in the requested tags.');
  }
  const inherited = inheritedTags(caller);
  if (Object.keys(inherited).some((key) => keys.has(key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return { tags: { ...inherited, ...tags }, transitiveTagKeys: [...Object.keys(inherited), ...transitive] };
}

/** The transitive tags of a calling session. */
export function inheritedTags(caller: SessionFacts | undefined): Tags {
  const keys = new Set(caller?.transitiveTagKeys?.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(caller?.tags ?? {}).filter(([key]) => keys.has(key.toLowerCase())));
}
