import type { ConditionValues } from '../policy/model.ts';

/**
 * aws:RequestTag/KEY and aws:TagKeys, read off the members in which AWS's services take tags: lists of Key and Value
 * (`tags`, `Tags`, `TagList`, `AddTags`), maps, EC2's TagSpecifications, and lists of keys to remove.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag
 */
export function requestTags(input: object): ConditionValues {
  const tags = new Map<string, string>();
  const keys = new Set<string>();
  for (const [member, value] of Object.entries(input)) {
    const name = member.toLowerCase();
    if (name === 'tags' || name === 'taglist' || name === 'tagslist' || name === 'addtags' || name === 'tagging') {
      readTags(value, tags);
    } else if (name === 'tagspecifications' && Array.isArray(value)) {
      for (const specification of value) readTags(specification?.Tags ?? specification?.tags, tags);
    } else if ((name === 'tagkeys' || name === 'removetagkeys') && Array.isArray(value)) {
      for (const key of value) if (typeof key === 'string') keys.add(key);
    }
  }
  for (const key of tags.keys()) keys.add(key);
  if (keys.size === 0) return {};
  const values: Record<string, string | readonly string[]> = { 'aws:tagkeys': [...keys] };
  for (const [key, value] of tags) values[`aws:requesttag/${key.toLowerCase()}`] = value;
  return values;
}

function readTags(value: unknown, into: Map<string, string>): void {
  if (Array.isArray(value)) {
    for (const each of value) {
      const { Key, key, Value, value: other } = (each ?? {}) as Record<string, unknown>;
      const name = Key ?? key;
      const text = Value ?? other;
      if (typeof name === 'string') into.set(name, typeof text === 'string' ? text : '');
    }
  } else if (typeof value === 'object' && value !== null) {
    const { TagSet } = value as Record<string, unknown>;
    if (TagSet !== undefined) return readTags(TagSet, into);
    for (const [key, text] of Object.entries(value)) if (typeof text === 'string') into.set(key, text);
  }
}
