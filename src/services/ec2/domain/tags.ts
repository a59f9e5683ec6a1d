import type { Tags } from '../../../kernel/tags.ts';
import { invalidParameterValue, tagLimitExceeded } from '../errors.ts';
import type { ResourceKind } from './resource-kind.ts';

/** The rules of EC2's tags: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html */
interface TagItem {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

interface TagSpecification {
  readonly ResourceType?: string | undefined;
  readonly Tags?: readonly TagItem[] | undefined;
}

const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/**
 * The tags for a new resource of the kind, out of TagSpecifications.
 * @param byService services may set `aws:` tags
 */
export function tagsFor(
  kind: ResourceKind,
  specifications: readonly TagSpecification[] | undefined,
  byService: boolean,
): Tags {
  const [specification, second] = specifications ?? [];
  if (!specification) return {};
  if (specification.ResourceType !== kind.type) {
    throw invalidParameterValue(
      `'${specification.ResourceType}' is not a valid taggable resource type for this operation.`,
    );
  }
  if (second) {
    throw invalidParameterValue('The same resource type may not be specified more than once in tag specifications');
  }
  if (!specification.Tags?.length) throw invalidParameterValue('Tag specification must have at least one tag');
  return mergeTags({}, specification.Tags, byService);
}

/** `tags` with `items` set; throws what EC2 says about the first that is not allowed. */
export function mergeTags(tags: Tags, items: readonly TagItem[], byService: boolean): Tags {
  const added = new Map<string, string>();
  for (const { Key: key = '', Value: value = '' } of items) {
    if (added.has(key)) throw invalidParameterValue(`Duplicate tag key '${key}' specified.`);
    checkTag(key, value, byService);
    added.set(key, value);
  }
  const merged = { ...tags, ...Object.fromEntries(added) };
  if (Object.keys(merged).filter((key) => !isReserved(key)).length > MAX_TAGS) throw tagLimitExceeded();
  return merged;
}

/**
 * `tags` without `items`: an item with a value (an empty one too) removes the tag only if it has that value. Without
 * items all of the user's tags go.
 */
export function withoutTags(tags: Tags, items: readonly TagItem[] | undefined): Tags {
  const removes = (key: string, value: string) =>
    items?.length ? items.some((item) => item.Key === key && (item.Value === undefined || item.Value === value)) : true;
  return Object.fromEntries(Object.entries(tags).filter(([key, value]) => isReserved(key) || !removes(key, value)));
}

function checkTag(key: string, value: string, byService: boolean): void {
  if (key.length < 1 || key.length > MAX_KEY_LENGTH) {
    throw invalidParameterValue(`Tag key '${key}' is not valid: it must have 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  if (value.length > MAX_VALUE_LENGTH) {
    throw invalidParameterValue(
      `The value of tag '${key}' exceeds the maximum length of ${MAX_VALUE_LENGTH} characters.`,
    );
  }
  if (isReserved(key) && !byService) {
    throw invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
  }
}

/**
 * Keys of an instance whose metadata shows its tags are parts of paths.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
 */
export function checkMetadataTagKeys(tags: Tags): void {
  const bad = Object.keys(tags).find(
    (key) => !/^[\w\-+=,.@:]{1,255}$/.test(key) || ['.', '..', '_index'].includes(key),
  );
  if (bad === undefined) return;
  throw invalidParameterValue(
    `'${bad}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')`,
  );
}

export function isReserved(key: string): boolean {
  return key.toLowerCase().startsWith('aws:');
}
