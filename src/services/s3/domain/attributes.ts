import { aclNotSupported, invalidStorageClass, keyTooLong, metadataTooLarge, notImplemented } from '../errors.ts';
import type { ObjectAttributes } from '../tables.ts';
import { parseTagging } from './tag-sets.ts';

/** What PutObject, CopyObject and CreateMultipartUpload have in common. */
export interface AttributeInput {
  readonly Key: string | undefined;
  readonly ACL?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly Expires?: Date | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
  readonly StorageClass?: string | undefined;
  readonly Tagging?: string | undefined;
}

const MOST_KEY_BYTES = 1024;
const MOST_METADATA_BYTES = 2048;
/** With ObjectOwnership BucketOwnerEnforced these say what holds anyway. */
const ACLS: ReadonlySet<string> = new Set(['private', 'bucket-owner-full-control']);

const GRANTS = ['GrantFullControl', 'GrantRead', 'GrantReadACP', 'GrantWrite', 'GrantWriteACP'];
/** Members that would change what happens, by the header's name. */
const NOT_BUILT: ReadonlyMap<string, string> = new Map([
  ['ServerSideEncryption', 'x-amz-server-side-encryption'],
  ['SSECustomerAlgorithm', 'x-amz-server-side-encryption-customer-algorithm'],
  ['SSECustomerKey', 'x-amz-server-side-encryption-customer-key'],
  ['SSEKMSKeyId', 'x-amz-server-side-encryption-aws-kms-key-id'],
  ['CopySourceSSECustomerAlgorithm', 'x-amz-copy-source-server-side-encryption-customer-algorithm'],
  ['WebsiteRedirectLocation', 'x-amz-website-redirect-location'],
  ['ObjectLockMode', 'x-amz-object-lock-mode'],
  ['ObjectLockRetainUntilDate', 'x-amz-object-lock-retain-until-date'],
  ['ObjectLockLegalHoldStatus', 'x-amz-object-lock-legal-hold'],
  ['ObjectLockEventHold', 'x-amz-object-lock-event-hold'],
  ['WriteOffsetBytes', 'x-amz-write-offset-bytes'],
  ['ChecksumXXHASH64', 'x-amz-checksum-xxhash64'],
  ['ChecksumXXHASH3', 'x-amz-checksum-xxhash3'],
  ['ChecksumXXHASH128', 'x-amz-checksum-xxhash128'],
  ['MFA', 'x-amz-mfa'],
]);

/** @throws ServiceError NotImplemented, AccessControlListNotSupported */
export function refuseUnsupported(input: object): void {
  const given = input as Readonly<Record<string, unknown>>;
  for (const [member, header] of NOT_BUILT) if (given[member] !== undefined) throw notImplemented(header);
  if (GRANTS.some((member) => given[member] !== undefined)) throw aclNotSupported();
}

/** What the input says of the object. @throws ServiceError */
export function readAttributes(input: AttributeInput): ObjectAttributes {
  refuseUnsupported(input);
  checkKey(input.Key ?? '');
  if (input.ACL !== undefined && !ACLS.has(input.ACL)) throw aclNotSupported();
  if (input.StorageClass !== undefined && input.StorageClass !== 'STANDARD') {
    throw invalidStorageClass(input.StorageClass);
  }
  const { Metadata: metadata = {} } = input;
  const size = Object.entries(metadata).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  if (size > MOST_METADATA_BYTES) throw metadataTooLarge(size);
  const tags = parseTagging(input.Tagging);
  return {
    ...headersOf(input),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(Object.keys(tags).length > 0 && { tags }),
  };
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > MOST_KEY_BYTES) throw keyTooLong(key);
}

function headersOf(input: AttributeInput): ObjectAttributes {
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires } = input;
  return {
    ...(ContentType !== undefined && { contentType: ContentType }),
    ...(CacheControl !== undefined && { cacheControl: CacheControl }),
    ...(ContentDisposition !== undefined && { contentDisposition: ContentDisposition }),
    ...(ContentEncoding !== undefined && { contentEncoding: ContentEncoding }),
    ...(ContentLanguage !== undefined && { contentLanguage: ContentLanguage }),
    ...(Expires !== undefined && { expiresAtMs: Expires.getTime() }),
  };
}
