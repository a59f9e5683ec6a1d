import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { accessDenied, noSuchBucket, noSuchKey, noSuchUpload, noSuchVersion } from './errors.ts';
import { readS3Arn } from './arns.ts';
import {
  buckets,
  manifests,
  objectKey,
  objects,
  uploadKey,
  uploads,
  type BucketRow,
  type ObjectRow,
  type Piece,
  type UploadRow,
} from './tables.ts';

export interface OfBucket {
  readonly Bucket: string | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
}

export interface OfObject extends OfBucket {
  readonly Key: string | undefined;
  readonly VersionId?: string | undefined;
}

/** @throws ServiceError NoSuchBucket; AccessDenied for another account's that says nothing of this one */
export async function requireBucket(tx: ReadTx, scope: Scope, input: OfBucket): Promise<Stored<BucketRow>> {
  const name = input.Bucket ?? '';
  const row = await tx.get(buckets, name);
  if (!row) throw noSuchBucket(name);
  if (row.account !== scope.account && row.policy === undefined) throw accessDenied();
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== row.account) throw accessDenied();
  return row;
}

/** @throws ServiceError NoSuchKey, NoSuchVersion */
export async function requireObject(tx: ReadTx, scope: Scope, input: OfObject): Promise<Stored<ObjectRow>> {
  await requireBucket(tx, scope, input);
  const key = input.Key ?? '';
  checkVersion(key, input.VersionId);
  const row = await tx.get(objects, objectKey(input.Bucket ?? '', key));
  if (!row) throw noSuchKey(key);
  return row;
}

/** A bucket without versioning has one version of each object, and it is called null. */
export function checkVersion(key: string, versionId: string | undefined): void {
  if (versionId !== undefined && versionId !== 'null') throw noSuchVersion(key, versionId);
}

/** @throws ServiceError NoSuchUpload */
export async function requireUpload(
  tx: ReadTx,
  scope: Scope,
  input: OfObject & { readonly UploadId: string | undefined },
): Promise<Stored<UploadRow>> {
  await requireBucket(tx, scope, input);
  const { Bucket = '', Key = '', UploadId = '' } = input;
  const row = await tx.get(uploads, uploadKey(Bucket, Key, UploadId));
  if (!row) throw noSuchUpload(UploadId);
  return row;
}

/** An object's bytes, in order. */
export async function piecesOf(tx: ReadTx, row: ObjectRow): Promise<readonly Piece[]> {
  if (row.partCount === undefined) return [{ id: row.bytes, sizeBytes: row.sizeBytes }];
  return (await tx.get(manifests, row.bytes))?.pieces ?? [];
}

/** The policy on the bucket of an ARN. */
export async function bucketPolicy(tx: ReadTx, arn: string): Promise<string | undefined> {
  return (await bucketOfArn(tx, arn))?.policy;
}

/** The account that owns what an ARN, which names none, is of. */
export async function bucketAccount(tx: ReadTx, arn: string): Promise<string | undefined> {
  return (await bucketOfArn(tx, arn))?.account;
}

async function bucketOfArn(tx: ReadTx, arn: string): Promise<BucketRow | undefined> {
  const read = readS3Arn(arn);
  return read && tx.get(buckets, read.bucket);
}
