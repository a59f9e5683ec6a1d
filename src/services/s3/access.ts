import type { Scope } from '../../kernel/arn.ts';
import type { ConditionValues, Permission } from '../../api/operation.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx } from '../../store/store.ts';
import { objectArn } from './arns.ts';
import { objectKey, objects } from './tables.ts';
import { parseTagging } from './domain/tag-sets.ts';

/**
 * S3's condition keys, by the members that they are read from.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
 */
const KEYS: ReadonlyMap<string, string> = new Map([
  ['ACL', 's3:x-amz-acl'],
  ['CopySource', 's3:x-amz-copy-source'],
  ['Delimiter', 's3:delimiter'],
  ['IfMatch', 's3:if-match'],
  ['IfNoneMatch', 's3:if-none-match'],
  ['MaxKeys', 's3:max-keys'],
  ['MetadataDirective', 's3:x-amz-metadata-directive'],
  ['ObjectOwnership', 's3:x-amz-object-ownership'],
  ['Prefix', 's3:prefix'],
  ['ServerSideEncryption', 's3:x-amz-server-side-encryption'],
  ['StorageClass', 's3:x-amz-storage-class'],
  ['GrantFullControl', 's3:x-amz-grant-full-control'],
  ['GrantRead', 's3:x-amz-grant-read'],
  ['GrantReadACP', 's3:x-amz-grant-read-acp'],
  ['GrantWrite', 's3:x-amz-grant-write'],
  ['GrantWriteACP', 's3:x-amz-grant-write-acp'],
]);

export function requestConditions(input: object): ConditionValues {
  const values: Record<string, string> = {};
  for (const [member, value] of Object.entries(input)) {
    const key = KEYS.get(member);
    if (key !== undefined && value !== undefined) values[key] = String(value);
  }
  return values;
}

/** What a write of an object says, and whether it makes one. */
export function writeConditions(created: boolean) {
  return (input: object): ConditionValues => ({
    ...requestConditions(input),
    ...requestTagConditions((input as { readonly Tagging?: unknown }).Tagging),
    's3:objectcreationoperation': String(created),
  });
}

/** @param tagging as the header has it; what cannot be read is refused later */
function requestTagConditions(tagging: unknown): ConditionValues {
  if (typeof tagging !== 'string') return {};
  try {
    return tagConditions(parseTagging(tagging));
  } catch {
    return {};
  }
}

export function tagConditions(tags: Tags): ConditionValues {
  const keys = Object.keys(tags);
  if (keys.length === 0) return {};
  const each = keys.map((key) => [`s3:requestobjecttag/${key.toLowerCase()}`, tags[key] ?? ''] as const);
  return { 's3:requestobjecttagkeys': keys, ...Object.fromEntries(each) };
}

interface OfObject {
  readonly Bucket: string | undefined;
  readonly Key: string | undefined;
}

/** The tags that the object has. */
export async function existingTagConditions(input: OfObject, _scope: Scope, tx: ReadTx): Promise<ConditionValues> {
  const tags = await existingTags(input, tx);
  const each = Object.entries(tags).map(([key, value]) => [`s3:existingobjecttag/${key.toLowerCase()}`, value]);
  return Object.fromEntries(each);
}

export async function existingTags({ Bucket = '', Key = '' }: OfObject, tx: ReadTx): Promise<Tags> {
  return (await tx.get(objects, objectKey(Bucket, Key)))?.attributes.tags ?? {};
}

/** Tags given with a new object need a permission of their own. */
export function tagOnWrite(input: OfObject & { readonly Tagging?: string | undefined }): readonly Permission[] {
  if (!input.Tagging) return [];
  const conditions = requestTagConditions(input.Tagging);
  return [{ action: 's3:PutObjectTagging', resources: [objectArn(input.Bucket, input.Key)], conditions }];
}
