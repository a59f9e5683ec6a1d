import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBucketName } from './domain/bucket-name.ts';
import { s3 } from './index.ts';
import { refusal, withS3 } from './testing.ts';

const Bucket = 'bucket';

test('names of buckets', () => {
  for (const name of ['abc', 'a.b-c', '0a0', 'a'.repeat(63)]) assert.ok(isBucketName(name), name);
  for (const name of [
    'ab',
    'a'.repeat(64),
    'Abc',
    'a_b',
    '-ab',
    'ab-',
    'a..b',
    '10.0.0.1',
    'xn--a',
    'a-s3alias',
    'a/b',
  ]) {
    assert.ok(!isBucketName(name), name);
  }
});

test('names are one namespace for all accounts', () =>
  withS3(async ({ call }) => {
    const other = { account: '210987654321' };
    assert.match(await refusal(call('CreateBucket', { Bucket }, other)), /^409 BucketAlreadyExists/);
    assert.deepEqual(await call('CreateBucket', { Bucket }), { Location: '/bucket' });
    const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' as const };
    const region = 'eu-central-1';
    await call('CreateBucket', { Bucket: 'second', CreateBucketConfiguration }, { region });
    const again = call('CreateBucket', { Bucket: 'second', CreateBucketConfiguration }, { region });
    assert.match(await refusal(again), /^409 BucketAlreadyOwnedByYou/);
    assert.match(await refusal(call('CreateBucket', { Bucket: 'NO' })), /^400 InvalidBucketName/);
    const { Buckets, Owner } = await call('ListBuckets', {});
    assert.deepEqual(
      Buckets?.map(({ Name }) => Name),
      ['bucket', 'second'],
    );
    assert.match(Owner?.ID ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual((await call('ListBuckets', {}, other)).Buckets, []);
    assert.match(await refusal(call('HeadBucket', { Bucket }, other)), /^403 AccessDenied/);
  }));

test('pages of buckets', () =>
  withS3(async ({ call }) => {
    for (const name of ['b-1', 'b-2', 'b-3']) await call('CreateBucket', { Bucket: name });
    const first = await call('ListBuckets', { MaxBuckets: 2, Prefix: 'b-' });
    assert.deepEqual(
      first.Buckets?.map((each) => [each.Name, each.BucketRegion]),
      [
        ['b-1', 'us-east-1'],
        ['b-2', 'us-east-1'],
      ],
    );
    const ContinuationToken = first.ContinuationToken ?? '';
    const second = await call('ListBuckets', { MaxBuckets: 2, Prefix: 'b-', ContinuationToken });
    assert.deepEqual([second.Buckets?.length, second.ContinuationToken], [1, undefined]);
  }));

test('the region of a bucket', () =>
  withS3(async ({ call }) => {
    const make = (region: string, LocationConstraint?: string) =>
      refusal(
        call(
          'CreateBucket',
          {
            Bucket: 'regional',
            ...(LocationConstraint && {
              CreateBucketConfiguration: { LocationConstraint: LocationConstraint as 'EU' },
            }),
          },
          { region },
        ),
      );
    assert.match(
      await make('eu-central-1'),
      /^400 IllegalLocationConstraintException: The unspecified location constraint is incompatible/,
    );
    assert.match(
      await make('eu-central-1', 'eu-west-1'),
      /^400 IllegalLocationConstraintException: The eu-west-1 location constraint is incompatible/,
    );
    assert.match(await make('us-east-1', 'us-east-1'), /^400 InvalidLocationConstraint/);
    assert.match(await make('us-east-1', 'nowhere'), /^400 InvalidLocationConstraint/);
    assert.equal(await make('us-east-1', 'EU'), 'accepted');
    assert.deepEqual(await call('GetBucketLocation', { Bucket: 'regional' }), { LocationConstraint: 'eu-west-1' });
    assert.deepEqual(await call('GetBucketLocation', { Bucket }), {});
    assert.equal((await call('HeadBucket', { Bucket: 'regional' })).BucketRegion, 'eu-west-1');
  }));

test('what is not built is refused by name', () =>
  withS3(async ({ call }) => {
    const make = (members: object) => refusal(call('CreateBucket', { Bucket: 'other', ...members }));
    assert.match(await make({ ACL: 'public-read' }), /^400 InvalidBucketAclWithObjectOwnership/);
    assert.match(await make({ GrantRead: 'id=1' }), /^400 AccessControlListNotSupported/);
    assert.match(await make({ ObjectLockEnabledForBucket: true }), /^501 NotImplemented: .*object-lock-enabled/);
    assert.match(await make({ ObjectOwnership: 'ObjectWriter' }), /^501 NotImplemented: .*ObjectWriter/);
    assert.equal(await make({ ACL: 'private', ObjectOwnership: 'BucketOwnerEnforced' }), 'accepted');
  }));

test('a bucket is deleted only when it is empty; its uploads go with it', () =>
  withS3(async ({ call, keptBytes, clock, reconcile }) => {
    await call('PutObject', { Bucket, Key: 'a', Body: 'x' });
    assert.match(await refusal(call('DeleteBucket', { Bucket })), /^409 BucketNotEmpty/);
    await call('DeleteObject', { Bucket, Key: 'a' });
    const { UploadId } = await call('CreateMultipartUpload', { Bucket, Key: 'b' });
    await call('UploadPart', { Bucket, Key: 'b', UploadId, PartNumber: 1, Body: 'x' });
    await call('DeleteBucket', { Bucket });
    assert.match(await refusal(call('HeadBucket', { Bucket })), /^404 NoSuchBucket/);
    assert.match(await refusal(call('PutObject', { Bucket, Key: 'a', Body: 'x' })), /^404 NoSuchBucket/);
    await reconcile();
    clock.advance(5 * 60_000);
    await reconcile();
    assert.equal(await keptBytes(), 0);
  }));

function policy(change: object = {}, version: object = { Version: '2012-10-17' }): string {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::bucket/AWSLogs/*',
    ...change,
  };
  return JSON.stringify({ ...version, Statement: [statement] });
}

test('the policy of a bucket', () =>
  withS3(async ({ call, store }) => {
    assert.match(await refusal(call('GetBucketPolicy', { Bucket })), /^404 NoSuchBucketPolicy: The bucket policy does/);
    await call('PutBucketPolicy', { Bucket, Policy: policy() });
    assert.deepEqual(await call('GetBucketPolicy', { Bucket }), { Policy: policy() });
    assert.deepEqual(await call('GetBucketPolicyStatus', { Bucket }), { PolicyStatus: { IsPublic: false } });
    const on = (arn: string) => store.read(async (tx) => s3.resourcePolicy?.(tx, arn));
    assert.equal(await on('arn:aws:s3:::bucket'), policy());
    assert.equal(await on('arn:aws:s3:::bucket/a/b'), policy());
    assert.equal(await on('arn:aws:s3:::other/a'), undefined);
    await call('PutBucketPolicy', { Bucket, Policy: policy({ Principal: '*' }) });
    assert.deepEqual(await call('GetBucketPolicyStatus', { Bucket }), { PolicyStatus: { IsPublic: true } });
    await call('DeleteBucketPolicy', { Bucket });
    assert.match(await refusal(call('GetBucketPolicy', { Bucket })), /^404 NoSuchBucketPolicy/);
  }));

test('a policy that is none, or that is of another bucket', () =>
  withS3(async ({ call }) => {
    const put = (Policy: string) => refusal(call('PutBucketPolicy', { Bucket, Policy }));
    assert.match(await put('{'), /^400 MalformedPolicy/);
    assert.match(await put(policy({ Principal: undefined })), /^400 MalformedPolicy: Missing required field Principal/);
    assert.match(
      await put(policy({ Resource: 'arn:aws:s3:::other/*' })),
      /^400 MalformedPolicy: Policy has invalid res/,
    );
    assert.match(await put(policy({ Sid: 'x'.repeat(20_480) })), /^400 MalformedPolicy: Normalized policy document/);
    assert.equal(await put(policy({ Resource: ['arn:aws:s3:::buck*', 'arn:aws:s3:::bucket'] })), 'accepted');
  }));

test('tags, access list and versioning of a bucket', () =>
  withS3(async ({ call, store }) => {
    assert.match(await refusal(call('GetBucketTagging', { Bucket })), /^404 NoSuchTagSet/);
    const TagSet = [{ Key: 'team', Value: 'web' }];
    await call('PutBucketTagging', { Bucket, Tagging: { TagSet } });
    assert.deepEqual(await call('GetBucketTagging', { Bucket }), { TagSet });
    const tags = await store.read(async (tx) => s3.resourceTags?.(tx, 'arn:aws:s3:::bucket'));
    assert.deepEqual(tags, { team: 'web' });
    const twice = { TagSet: [...TagSet, ...TagSet] };
    assert.match(
      await refusal(call('PutBucketTagging', { Bucket, Tagging: twice })),
      /^400 InvalidTag: Cannot provide/,
    );
    await call('DeleteBucketTagging', { Bucket });
    assert.match(await refusal(call('GetBucketTagging', { Bucket })), /^404 NoSuchTagSet/);
    const { Owner, Grants } = await call('GetBucketAcl', { Bucket });
    assert.deepEqual(Grants, [{ Grantee: { ID: Owner?.ID, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }]);
    assert.deepEqual(await call('GetBucketVersioning', { Bucket }), {});
    assert.deepEqual(await call('GetBucketRequestPayment', { Bucket }), { Payer: 'BucketOwner' });
    for (const name of ['GetBucketAccelerateConfiguration', 'GetBucketLogging'] as const) {
      assert.deepEqual(await call(name, { Bucket }), {});
    }
    for (const [name, code] of [
      ['GetBucketCors', 'NoSuchCORSConfiguration'],
      ['GetBucketEncryption', 'ServerSideEncryptionConfigurationNotFoundError'],
      ['GetBucketLifecycleConfiguration', 'NoSuchLifecycleConfiguration'],
      ['GetBucketReplication', 'ReplicationConfigurationNotFoundError'],
      ['GetBucketWebsite', 'NoSuchWebsiteConfiguration'],
      ['GetObjectLockConfiguration', 'ObjectLockConfigurationNotFoundError'],
    ] as const) {
      assert.match(await refusal(call(name, { Bucket })), new RegExp(`^404 ${code}`));
    }
    const ExpectedBucketOwner = '210987654321';
    assert.match(await refusal(call('GetBucketVersioning', { Bucket, ExpectedBucketOwner })), /^403 AccessDenied/);
  }));
