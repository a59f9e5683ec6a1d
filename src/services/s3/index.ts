import { bucketAccount } from './lookup.ts';
import type { Service } from '../../api/service.ts';
import { readS3Arn } from './arns.ts';
import { bucketPolicy } from './lookup.ts';
import type { S3Ports } from './operation.ts';
import * as bucketOperations from './operations/buckets.ts';
import * as bucketPolicyOperations from './operations/bucket-policy.ts';
import * as bucketOptions from './operations/bucket-options.ts';
import * as bucketSettings from './operations/bucket-settings.ts';
import { CopyObject } from './operations/copy-object.ts';
import * as deleting from './operations/delete-objects.ts';
import * as getting from './operations/get-object.ts';
import { ListObjects, ListObjectsV2 } from './operations/list-objects.ts';
import * as multipartUploads from './operations/multipart-uploads.ts';
import * as objectTagging from './operations/object-tagging.ts';
import * as partOperations from './operations/parts.ts';
import { PutObject } from './operations/put-object.ts';
import { bytesReconciler } from './reconcilers/bytes.ts';
import { buckets, bytes, manifests, objects, parts, uploads } from './tables.ts';

/** Amazon Simple Storage Service: buckets without versions, and objects in them. */
export const s3: Service<S3Ports> = {
  name: 's3',
  principal: 's3.amazonaws.com',
  operations: {
    ...bucketOperations,
    ...bucketPolicyOperations,
    ...bucketOptions,
    ...bucketSettings,
    CopyObject,
    ...deleting,
    ...getting,
    ListObjects,
    ListObjectsV2,
    ...multipartUploads,
    ...objectTagging,
    ...partOperations,
    PutObject,
  },
  tables: [buckets, objects, manifests, bytes, uploads, parts],
  reconcilers: (env) => [bytesReconciler(env)],
  resourceAccount: bucketAccount,
  resourcePolicy: bucketPolicy,
  resourceTags: async (tx, arn) => {
    const { bucket, key } = readS3Arn(arn) ?? {};
    return bucket === undefined || key !== undefined ? undefined : (await tx.get(buckets, bucket))?.tags;
  },
};

export type { S3Ports } from './operation.ts';
