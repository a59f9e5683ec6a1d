import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const Bucket = 'bucket';
const Key = 'a/b';
const UploadId = 'upload';
const bucket = ['arn:aws:s3:::bucket'];
const object = ['arn:aws:s3:::bucket/a/b'];
const source = ['arn:aws:s3:::source/c'];
const CopySource = 'source/c';
const creates = { 's3:objectcreationoperation': 'true' };
const prepares = { 's3:objectcreationoperation': 'false' };
const TagSet = [{ Key: 'team', Value: 'web' }];
const tags = { 's3:requestobjecttagkeys': ['team'], 's3:requestobjecttag/team': 'web' };
const tagging = { action: 's3:PutObjectTagging', resources: object };

export const S3_CASES: AuthorizationCases<'s3'> = {
  AbortMultipartUpload: { input: { Bucket, Key, UploadId }, resources: object },
  CompleteMultipartUpload: {
    input: { Bucket, Key, UploadId, IfNoneMatch: '*' },
    action: 's3:PutObject',
    resources: object,
    conditions: { ...creates, 's3:if-none-match': '*' },
  },
  CopyObject: {
    input: { Bucket, Key, CopySource, MetadataDirective: 'COPY', TaggingDirective: 'REPLACE', Tagging: 'team=web' },
    action: 's3:PutObject',
    resources: object,
    conditions: { ...creates, ...tags, 's3:x-amz-copy-source': CopySource, 's3:x-amz-metadata-directive': 'COPY' },
    also: [{ action: 's3:GetObject', resources: source }, tagging],
  },
  CreateBucket: {
    input: { Bucket, ACL: 'private', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1', Tags: TagSet } },
    resources: bucket,
    conditions: { 's3:x-amz-acl': 'private', 's3:locationconstraint': 'eu-west-1' },
    also: [{ action: 's3:TagResource', resources: bucket }],
  },
  CreateMultipartUpload: {
    input: { Bucket, Key, Tagging: 'team=web', StorageClass: 'STANDARD' },
    action: 's3:PutObject',
    resources: object,
    conditions: { ...prepares, ...tags, 's3:x-amz-storage-class': 'STANDARD' },
    also: [tagging],
  },
  DeleteBucket: { input: { Bucket }, resources: bucket },
  DeleteBucketPolicy: { input: { Bucket }, resources: bucket },
  DeleteBucketTagging: { input: { Bucket }, action: 's3:PutBucketTagging', resources: bucket },
  DeleteObject: { input: { Bucket, Key, IfMatch: 'x' }, resources: object, conditions: { 's3:if-match': 'x' } },
  DeleteObjects: {
    input: { Bucket, Delete: { Objects: [{ Key }, { Key: 'c' }] } },
    action: 's3:DeleteObject',
    resources: [...object, 'arn:aws:s3:::bucket/c'],
  },
  DeleteObjectTagging: { input: { Bucket, Key }, resources: object },
  GetBucketAccelerateConfiguration: {
    input: { Bucket },
    action: 's3:GetAccelerateConfiguration',
    resources: bucket,
  },
  GetBucketCors: { input: { Bucket }, action: 's3:GetBucketCORS', resources: bucket },
  GetBucketEncryption: { input: { Bucket }, action: 's3:GetEncryptionConfiguration', resources: bucket },
  GetBucketLifecycleConfiguration: {
    input: { Bucket },
    action: 's3:GetLifecycleConfiguration',
    resources: bucket,
  },
  GetBucketLogging: { input: { Bucket }, resources: bucket },
  GetBucketReplication: { input: { Bucket }, action: 's3:GetReplicationConfiguration', resources: bucket },
  GetBucketRequestPayment: { input: { Bucket }, resources: bucket },
  GetBucketWebsite: { input: { Bucket }, resources: bucket },
  GetObjectLockConfiguration: {
    input: { Bucket },
    action: 's3:GetBucketObjectLockConfiguration',
    resources: bucket,
  },
  GetBucketAcl: { input: { Bucket }, resources: bucket },
  GetBucketLocation: { input: { Bucket }, resources: bucket },
  GetBucketPolicy: { input: { Bucket }, resources: bucket },
  GetBucketPolicyStatus: { input: { Bucket }, resources: bucket },
  GetBucketTagging: { input: { Bucket }, resources: bucket },
  GetBucketVersioning: { input: { Bucket }, resources: bucket },
  GetObject: { input: { Bucket, Key }, resources: object },
  GetObjectTagging: { input: { Bucket, Key }, resources: object },
  HeadBucket: { input: { Bucket }, action: 's3:ListBucket', resources: bucket },
  HeadObject: { input: { Bucket, Key }, action: 's3:GetObject', resources: object },
  ListBuckets: { input: {}, action: 's3:ListAllMyBuckets', resources: ['*'] },
  ListMultipartUploads: { input: { Bucket }, action: 's3:ListBucketMultipartUploads', resources: bucket },
  ListObjects: {
    input: { Bucket, Prefix: 'a/', Delimiter: '/', MaxKeys: 7 },
    action: 's3:ListBucket',
    resources: bucket,
    conditions: { 's3:prefix': 'a/', 's3:delimiter': '/', 's3:max-keys': '7' },
  },
  ListObjectsV2: {
    input: { Bucket, Prefix: 'a/' },
    action: 's3:ListBucket',
    resources: bucket,
    conditions: { 's3:prefix': 'a/' },
  },
  ListParts: { input: { Bucket, Key, UploadId }, action: 's3:ListMultipartUploadParts', resources: object },
  PutBucketPolicy: { input: { Bucket, Policy: '{}' }, resources: bucket },
  PutBucketTagging: { input: { Bucket, Tagging: { TagSet } }, resources: bucket },
  PutObject: {
    input: { Bucket, Key, ACL: 'bucket-owner-full-control', Tagging: 'team=web' },
    resources: object,
    conditions: { ...creates, ...tags, 's3:x-amz-acl': 'bucket-owner-full-control' },
    also: [tagging],
  },
  PutObjectTagging: { input: { Bucket, Key, Tagging: { TagSet } }, resources: object, conditions: tags },
  UploadPart: {
    input: { Bucket, Key, UploadId, PartNumber: 1 },
    action: 's3:PutObject',
    resources: object,
    conditions: prepares,
  },
  UploadPartCopy: {
    input: { Bucket, Key, UploadId, PartNumber: 1, CopySource },
    action: 's3:PutObject',
    resources: object,
    conditions: { ...prepares, 's3:x-amz-copy-source': CopySource },
    also: [{ action: 's3:GetObject', resources: source }],
  },
};
