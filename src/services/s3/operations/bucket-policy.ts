import { checkPolicy } from '../../../policy/document.ts';
import { bucketArn, onBucket } from '../arns.ts';
import { isPublicPolicy, policyResources } from '../domain/policy.ts';
import { malformedPolicy, noSuchBucketPolicy } from '../errors.ts';
import { requireBucket } from '../lookup.ts';
import { operation } from '../operation.ts';
import { buckets } from '../tables.ts';

const MOST_BYTES = 20 * 1024;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
export const PutBucketPolicy = operation('PutBucketPolicy', {
  resources: onBucket,
  handle: async (ctx, input) => {
    const { Policy: policy = '', Bucket: name = '' } = input;
    const problem = problemOf(policy, name);
    await ctx.write(async (tx) => {
      const row = await requireBucket(tx, ctx, input);
      if (problem !== undefined) throw malformedPolicy(problem);
      await tx.put(buckets, { ...row, policy });
    });
    return {};
  },
});

function problemOf(policy: string, bucket: string): string | undefined {
  if (Buffer.byteLength(policy) > MOST_BYTES) {
    return `Normalized policy document exceeds the maximum allowed size of ${MOST_BYTES} bytes.`;
  }
  const problem = checkPolicy(policy, 'resource');
  if (problem) return problem.message;
  const arn = bucketArn(bucket);
  const isInside = (resource: string) =>
    resource === '*' || resource.startsWith(arn.slice(0, resource.search(/[*?]|$/)));
  const resources = policyResources(policy);
  if (resources.length === 0) return 'Missing required field Resource';
  return resources.every(isInside) ? undefined : 'Policy has invalid resource';
}

export const GetBucketPolicy = operation('GetBucketPolicy', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { policy, name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    if (policy === undefined) throw noSuchBucketPolicy(name);
    return { Policy: policy };
  },
});

export const GetBucketPolicyStatus = operation('GetBucketPolicyStatus', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { policy, name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    if (policy === undefined) throw noSuchBucketPolicy(name);
    return { PolicyStatus: { IsPublic: isPublicPolicy(policy) } };
  },
});

export const DeleteBucketPolicy = operation('DeleteBucketPolicy', {
  resources: onBucket,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const { policy: _, ...row } = await requireBucket(tx, ctx, input);
      await tx.put(buckets, row);
    });
    return {};
  },
});
