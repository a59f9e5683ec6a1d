import { onBucket } from '../arns.ts';
import { noSuchConfiguration } from '../errors.ts';
import { requireBucket } from '../lookup.ts';
import { operation } from '../operation.ts';

/*
 * What no bucket here has, and how S3 says so: Terraform asks for all of it before it believes that a bucket is as it
 * was made. None of it can be set.
 */

export const GetBucketAccelerateConfiguration = operation('GetBucketAccelerateConfiguration', {
  action: 's3:GetAccelerateConfiguration',
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    await ctx.read((tx) => requireBucket(tx, ctx, input));
    return {};
  },
});

export const GetBucketCors = operation('GetBucketCors', {
  action: 's3:GetBucketCORS',
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    throw noSuchConfiguration('NoSuchCORSConfiguration', 'The CORS configuration does not exist', name);
  },
});

/** Nothing is encrypted here, and so it is said; AWS encrypts every bucket with AES256 since 2023. */
export const GetBucketEncryption = operation('GetBucketEncryption', {
  action: 's3:GetEncryptionConfiguration',
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    throw noSuchConfiguration(
      'ServerSideEncryptionConfigurationNotFoundError',
      'The server side encryption configuration was not found',
      name,
    );
  },
});

export const GetBucketLifecycleConfiguration = operation('GetBucketLifecycleConfiguration', {
  action: 's3:GetLifecycleConfiguration',
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    throw noSuchConfiguration('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', name);
  },
});

export const GetBucketLogging = operation('GetBucketLogging', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    await ctx.read((tx) => requireBucket(tx, ctx, input));
    return {};
  },
});

export const GetBucketReplication = operation('GetBucketReplication', {
  action: 's3:GetReplicationConfiguration',
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    throw noSuchConfiguration(
      'ReplicationConfigurationNotFoundError',
      'The replication configuration was not found',
      name,
    );
  },
});

export const GetBucketRequestPayment = operation('GetBucketRequestPayment', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    await ctx.read((tx) => requireBucket(tx, ctx, input));
    return { Payer: 'BucketOwner' as const };
  },
});

export const GetBucketWebsite = operation('GetBucketWebsite', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    throw noSuchConfiguration(
      'NoSuchWebsiteConfiguration',
      'The specified bucket does not have a website configuration',
      name,
    );
  },
});

export const GetObjectLockConfiguration = operation('GetObjectLockConfiguration', {
  action: 's3:GetBucketObjectLockConfiguration',
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    throw noSuchConfiguration(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
      name,
    );
  },
});
