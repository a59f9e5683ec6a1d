import type { Output } from '../../../api/clients.ts';
import type { Permission } from '../../../api/operation.ts';
import { paginate } from '../../../kernel/pages.ts';
import { requestConditions } from '../access.ts';
import { bucketArn, onBucket } from '../arns.ts';
import { endUpload } from '../bytes.ts';
import { isBucketName } from '../domain/bucket-name.ts';
import { bucketRegion, locationConstraint } from '../domain/location.ts';
import { bucketTags } from '../domain/tag-sets.ts';
import {
  aclNotSupported,
  bucketAlreadyExists,
  bucketAlreadyOwnedByYou,
  bucketNotEmpty,
  invalidArgument,
  invalidBucketAcl,
  invalidBucketName,
  notImplemented,
} from '../errors.ts';
import { requireBucket } from '../lookup.ts';
import { operation } from '../operation.ts';
import { buckets, objects, uploads, type BucketRow } from '../tables.ts';
import { ownerOf } from '../views.ts';

const FIRST_REGION = 'us-east-1';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export const CreateBucket = operation('CreateBucket', {
  resources: onBucket,
  conditions: (input) => ({
    ...requestConditions(input),
    ...(input.CreateBucketConfiguration?.LocationConstraint && {
      's3:locationconstraint': input.CreateBucketConfiguration.LocationConstraint,
    }),
  }),
  also: (input): readonly Permission[] =>
    input.CreateBucketConfiguration?.Tags?.length
      ? [{ action: 's3:TagResource', resources: [bucketArn(input.Bucket)] }]
      : [],
  handle: async (ctx, input) => {
    const { Bucket: name = '', CreateBucketConfiguration: configuration } = input;
    if (!isBucketName(name)) throw invalidBucketName(name);
    refuseBucketOptions(input);
    const region = bucketRegion(ctx.region, configuration?.LocationConstraint);
    const tags = bucketTags(configuration?.Tags);
    const row: BucketRow = {
      name,
      account: ctx.account,
      region,
      createdAtMs: ctx.now,
      ...(Object.keys(tags).length > 0 && { tags }),
    };
    await ctx.write(async (tx) => {
      const taken = await tx.get(buckets, name);
      if (!taken) return tx.put(buckets, row);
      if (taken.account !== ctx.account) throw bucketAlreadyExists(name);
      // As ever in the first region, making one's own bucket again is no error there.
      if (taken.region === FIRST_REGION && region === FIRST_REGION) return taken;
      throw bucketAlreadyOwnedByYou(name);
    });
    return { Location: region === FIRST_REGION ? `/${name}` : `${ctx.endpoint}/${name}` };
  },
});

function refuseBucketOptions(input: {
  readonly ACL?: string | undefined;
  readonly ObjectLockEnabledForBucket?: boolean | undefined;
  readonly ObjectOwnership?: string | undefined;
  readonly BucketNamespace?: string | undefined;
  readonly CreateBucketConfiguration?:
    | { readonly Location?: object | undefined; readonly Bucket?: object | undefined }
    | undefined;
}): void {
  const { ACL, CreateBucketConfiguration: configuration } = input;
  if (ACL !== undefined && ACL !== 'private') throw invalidBucketAcl();
  if (Object.keys(input).some((member) => member.startsWith('Grant'))) throw aclNotSupported();
  if (input.ObjectLockEnabledForBucket) throw notImplemented('x-amz-bucket-object-lock-enabled');
  if (input.ObjectOwnership !== undefined && input.ObjectOwnership !== 'BucketOwnerEnforced') {
    throw notImplemented(`x-amz-object-ownership ${input.ObjectOwnership}`);
  }
  if (input.BucketNamespace !== undefined && input.BucketNamespace !== 'global') {
    throw notImplemented(`x-amz-bucket-namespace ${input.BucketNamespace}`);
  }
  if (configuration?.Location || configuration?.Bucket) throw notImplemented('directory buckets');
}

export const DeleteBucket = operation('DeleteBucket', {
  resources: onBucket,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const { name } = await requireBucket(tx, ctx, input);
      const prefix = `${name}/`;
      if ((await tx.list(objects, { prefix, limit: 1 })).length > 0) throw bucketNotEmpty(name);
      for (const upload of await tx.list(uploads, { prefix })) await endUpload(tx, upload, ctx.now);
      await tx.delete(buckets, name);
    });
    return {};
  },
});

export const HeadBucket = operation('HeadBucket', {
  action: 's3:ListBucket',
  dataEvent: true,
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { region } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    return { BucketRegion: region, AccessPointAlias: false };
  },
});

const MOST_BUCKETS = 10_000;

export const ListBuckets = operation('ListBuckets', {
  action: 's3:ListAllMyBuckets',
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const { MaxBuckets = MOST_BUCKETS, ContinuationToken, Prefix = '', BucketRegion } = input;
    if (MaxBuckets < 1 || MaxBuckets > MOST_BUCKETS) {
      throw invalidArgument(`max-buckets must be between 1 and ${MOST_BUCKETS}`, 'max-buckets', String(MaxBuckets));
    }
    const rows = await ctx.read((tx) => tx.list(buckets, { where: ['account', ctx.account], prefix: Prefix }));
    const { items, nextToken } = paginate(
      rows.filter(({ region }) => BucketRegion === undefined || region === BucketRegion),
      ({ name }) => name,
      { limit: MaxBuckets, token: ContinuationToken, onBadToken: () => badToken(ContinuationToken) },
    );
    const isPaged = input.MaxBuckets !== undefined || Prefix !== '' || BucketRegion !== undefined;
    return {
      Buckets: items.map(({ name, region, createdAtMs }) => ({
        Name: name,
        CreationDate: new Date(createdAtMs),
        ...(isPaged && { BucketRegion: region }),
      })),
      Owner: ownerOf(ctx.account),
      ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
      ...(nextToken !== undefined && { ContinuationToken: nextToken }),
    };
  },
});

function badToken(token = ''): never {
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}

export const GetBucketLocation = operation('GetBucketLocation', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input): Promise<Output<'s3', 'GetBucketLocation'>> => {
    const { region } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    const constraint = locationConstraint(region);
    return constraint === undefined
      ? {}
      : { LocationConstraint: constraint as NonNullable<Output<'s3', 'GetBucketLocation'>['LocationConstraint']> };
  },
});
