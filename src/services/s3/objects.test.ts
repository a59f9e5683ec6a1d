import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal, withS3 } from './testing.ts';

const Bucket = 'bucket';
const HELLO = '"5d41402abc4b2a76b9719d911017c592"';

test('what was put is got, with all that was said of it', () =>
  withS3(async ({ call, clock, text }) => {
    const Expires = new Date(Date.UTC(2030, 0, 1));
    const said = {
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      ContentDisposition: 'inline',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      Expires,
      Metadata: { colour: 'blue' },
    };
    const put = {
      Bucket,
      Key: 'a/b',
      Body: 'hello',
      ...said,
      Tagging: 'x=1&y=2',
      ChecksumSHA1: 'qvTGHdzF6KLavt4PO0gs2a6pQ00=',
    };
    const facts = { ETag: HELLO, ChecksumSHA1: put.ChecksumSHA1, ChecksumType: 'FULL_OBJECT' as const };
    assert.deepEqual(await call('PutObject', put), facts);
    const expected = {
      AcceptRanges: 'bytes',
      ETag: HELLO,
      LastModified: new Date(clock.now()),
      ContentLength: 5,
      TagCount: 2,
      ...said,
    };
    assert.deepEqual(await call('HeadObject', { Bucket, Key: 'a/b' }), expected);
    const ChecksumMode = 'ENABLED' as const;
    const { Body, ...got } = await call('GetObject', { Bucket, Key: 'a/b', ChecksumMode });
    assert.equal(await Body?.transformToString(), 'hello');
    assert.deepEqual(got, { ...expected, ...facts });
    await call('PutObject', { Bucket, Key: 'a/b' });
    assert.equal(await text('a/b'), '');
    assert.partialDeepStrictEqual(await call('HeadObject', { Bucket, Key: 'a/b' }), {
      ContentLength: 0,
      ContentType: 'binary/octet-stream',
      Metadata: {},
      ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
    });
    const ResponseContentType = 'text/html';
    const link = await call('GetObject', { Bucket, Key: 'a/b', ResponseContentType });
    assert.equal(link.ContentType, ResponseContentType);
  }));

test('ranges', () =>
  withS3(async ({ call, text }) => {
    await call('PutObject', { Bucket, Key: 'k', Body: '0123456789' });
    const range = async (Range: string) => {
      const got = await call('GetObject', { Bucket, Key: 'k', Range });
      return [await got.Body?.transformToString(), got.ContentRange, got.ContentLength];
    };
    assert.deepEqual(await range('bytes=0-0'), ['0', 'bytes 0-0/10', 1]);
    assert.deepEqual(await range('bytes=7-'), ['789', 'bytes 7-9/10', 3]);
    assert.deepEqual(await range('bytes=-2'), ['89', 'bytes 8-9/10', 2]);
    assert.deepEqual(await range('bytes=0-99'), ['0123456789', 'bytes 0-9/10', 10]);
    assert.deepEqual(await range('bytes=0-1,3-4'), ['0123456789', undefined, 10]);
    assert.deepEqual(await range('lines=1-2'), ['0123456789', undefined, 10]);
    assert.match(await refusal(range('bytes=10-')), /^416 InvalidRange: The requested range is not satisfiable/);
    assert.match(await refusal(range('bytes=-0')), /^416 InvalidRange/);
    assert.equal(await text('k', { PartNumber: 1 }), '0123456789');
    assert.match(await refusal(text('k', { PartNumber: 2 })), /^416 InvalidPartNumber/);
  }));

test('conditions of reads', () =>
  withS3(async ({ call, clock }) => {
    clock.advance(500);
    await call('PutObject', { Bucket, Key: 'k', Body: 'hello' });
    const read = (conditions: object) => refusal(call('HeadObject', { Bucket, Key: 'k', ...conditions }));
    const at = new Date(clock.now() - 500);
    const before = new Date(clock.now() - 1500);
    assert.match(await read({ IfNoneMatch: HELLO }), /^304 NotModified/);
    assert.match(await read({ IfNoneMatch: '*' }), /^304 NotModified/);
    assert.equal(await read({ IfNoneMatch: '"x"', IfModifiedSince: at }), 'accepted');
    assert.match(await read({ IfModifiedSince: at }), /^304 NotModified/);
    assert.equal(await read({ IfModifiedSince: before }), 'accepted');
    assert.match(await read({ IfMatch: '"x"' }), /^412 PreconditionFailed/);
    assert.equal(await read({ IfMatch: HELLO, IfUnmodifiedSince: before }), 'accepted');
    assert.match(await read({ IfUnmodifiedSince: before }), /^412 PreconditionFailed/);
  }));

test('conditions of writes', () =>
  withS3(async ({ call, keptBytes, text }) => {
    const put = (conditions: object, Body = 'hello') =>
      refusal(call('PutObject', { Bucket, Key: 'k', Body, ...conditions }));
    assert.match(await put({ IfMatch: HELLO }), /^404 NoSuchKey/);
    assert.equal(await put({ IfNoneMatch: '*' }), 'accepted');
    assert.match(await put({ IfNoneMatch: '*' }, 'other'), /^412 PreconditionFailed/);
    assert.match(await put({ IfNoneMatch: '"x"' }), /^501 NotImplemented/);
    assert.match(await put({ IfMatch: '"x"' }), /^412 PreconditionFailed/);
    assert.equal(await text('k'), 'hello');
    assert.equal(await keptBytes(), 5, 'the bytes of what was refused are gone');
    assert.equal(await put({ IfMatch: HELLO }, 'other'), 'accepted');
    const remove = (conditions: object) => refusal(call('DeleteObject', { Bucket, Key: 'k', ...conditions }));
    assert.match(await remove({ IfMatch: HELLO }), /^412 PreconditionFailed/);
    assert.match(await remove({ IfMatchSize: 1 }), /^412 PreconditionFailed/);
    assert.equal(await remove({ IfMatch: '*', IfMatchSize: 5 }), 'accepted');
    assert.match(await remove({ IfMatch: '*' }), /^404 NoSuchKey/);
  }));

test('what is not built or not right is refused by name', () =>
  withS3(async ({ call }) => {
    const put = (members: object) => refusal(call('PutObject', { Bucket, Key: 'k', Body: 'x', ...members }));
    assert.match(
      await put({ ACL: 'public-read' }),
      /^400 AccessControlListNotSupported: The bucket does not allow ACLs/,
    );
    assert.match(await put({ GrantRead: 'id=1' }), /^400 AccessControlListNotSupported/);
    assert.equal(await put({ ACL: 'bucket-owner-full-control' }), 'accepted');
    assert.equal(await put({ ACL: 'private', StorageClass: 'STANDARD' }), 'accepted');
    assert.match(await put({ StorageClass: 'GLACIER' }), /^400 InvalidStorageClass/);
    assert.match(
      await put({ ServerSideEncryption: 'aws:kms' }),
      /^501 NotImplemented: .*x-amz-server-side-encryption /,
    );
    assert.match(await put({ Key: 'ä'.repeat(513) }), /^400 KeyTooLongError/);
    assert.equal(await put({ Key: 'ä'.repeat(512) }), 'accepted');
    assert.match(await put({ Metadata: { a: 'x'.repeat(2048) } }), /^400 MetadataTooLarge/);
    assert.match(await put({ Tagging: 'a=1&a=2' }), /^400 InvalidTag/);
    const eleven = Array.from({ length: 11 }, (_, index) => `k${index}=v`).join('&');
    assert.match(await put({ Tagging: eleven }), /^400 BadRequest: Object tags cannot be greater than 10/);
    assert.match(await put({ ChecksumAlgorithm: 'XXHASH3' }), /^400 InvalidRequest: Checksum algorithm provided is/);
    assert.match(await refusal(call('GetObject', { Bucket, Key: 'none' })), /^404 NoSuchKey/);
    assert.match(await refusal(call('GetObject', { Bucket, Key: 'k', VersionId: '1' })), /^404 NoSuchVersion/);
    assert.equal(await refusal(call('GetObject', { Bucket, Key: 'k', VersionId: 'null' })), 'accepted');
  }));

test('deleting', () =>
  withS3(async ({ call }) => {
    for (const Key of ['a', 'b', 'c']) await call('PutObject', { Bucket, Key, Body: 'x' });
    await call('DeleteObject', { Bucket, Key: 'a' });
    await call('DeleteObject', { Bucket, Key: 'a' });
    const Objects = [{ Key: 'b' }, { Key: 'none' }, { Key: 'c', VersionId: '7' }];
    assert.deepEqual(await call('DeleteObjects', { Bucket, Delete: { Objects } }), {
      Deleted: [{ Key: 'b' }, { Key: 'none' }],
      Errors: [{ Key: 'c', Code: 'NoSuchVersion', Message: 'The specified version does not exist.' }],
    });
    assert.deepEqual(await call('DeleteObjects', { Bucket, Delete: { Objects: [{ Key: 'c' }], Quiet: true } }), {});
    assert.match(await refusal(call('DeleteObjects', { Bucket, Delete: { Objects: [] } })), /^400 MalformedXML/);
    assert.equal((await call('ListObjectsV2', { Bucket })).KeyCount, 0);
  }));

test('copies', () =>
  withS3(async ({ call, text }) => {
    await call('CreateBucket', { Bucket: 'source' });
    const Key = 'a b/ä+';
    const Metadata = { colour: 'blue' };
    await call('PutObject', { Bucket: 'source', Key, Body: 'hello', ContentType: 'text/x', Metadata, Tagging: 'x=1' });
    const CopySource = 'source/a%20b/%C3%A4%2B';
    const copied = await call('CopyObject', { Bucket, Key: 'k', CopySource });
    assert.equal(copied.CopyObjectResult?.ETag, HELLO);
    assert.equal(await text('k'), 'hello');
    const expected = { ContentType: 'text/x', Metadata, TagCount: 1 };
    assert.partialDeepStrictEqual(await call('HeadObject', { Bucket, Key: 'k' }), expected);
    const replaced = { MetadataDirective: 'REPLACE' as const, TaggingDirective: 'REPLACE' as const, ContentType: 'b' };
    await call('CopyObject', { Bucket, Key: 'k', CopySource: '/bucket/k', ...replaced });
    const { ContentType, TagCount } = await call('HeadObject', { Bucket, Key: 'k' });
    assert.deepEqual([ContentType, TagCount], ['b', undefined]);
    const copy = (members: object) => refusal(call('CopyObject', { Bucket, Key: 'k', CopySource, ...members }));
    assert.match(await copy({ CopySource: 'bucket/k' }), /^400 InvalidRequest: This copy request is illegal because/);
    assert.match(await copy({ CopySource: 'bucket' }), /^400 InvalidArgument: Copy Source must mention/);
    assert.match(await copy({ CopySource: 'bucket/none' }), /^404 NoSuchKey/);
    assert.match(await copy({ CopySource: 'none/k' }), /^404 NoSuchBucket/);
    assert.match(await copy({ CopySourceIfMatch: '"x"' }), /^412 PreconditionFailed/);
    assert.match(await copy({ CopySourceIfNoneMatch: HELLO }), /^412 PreconditionFailed/);
  }));

test('tags of objects', () =>
  withS3(async ({ call }) => {
    await call('PutObject', { Bucket, Key: 'k', Body: 'x', Metadata: { a: 'b' } });
    const TagSet = [{ Key: 'team', Value: 'web' }];
    await call('PutObjectTagging', { Bucket, Key: 'k', Tagging: { TagSet } });
    assert.deepEqual(await call('GetObjectTagging', { Bucket, Key: 'k' }), { TagSet });
    await call('DeleteObjectTagging', { Bucket, Key: 'k' });
    assert.deepEqual(await call('GetObjectTagging', { Bucket, Key: 'k' }), { TagSet: [] });
    assert.partialDeepStrictEqual(await call('HeadObject', { Bucket, Key: 'k' }), { Metadata: { a: 'b' } });
  }));

test('bytes that nothing names are removed, those of a crash too', () =>
  withS3(async ({ call, objects, clock, reconcile, text, keptBytes }) => {
    await call('PutObject', { Bucket, Key: 'k', Body: 'old' });
    await call('PutObject', { Bucket, Key: 'k', Body: 'new' });
    await objects.write([Buffer.from('crash')]);
    await reconcile();
    assert.equal(await keptBytes(), 11, 'somebody may still read the old, or name the third');
    clock.advance(5 * 60_000);
    await reconcile();
    assert.equal(await keptBytes(), 8);
    clock.advance(55 * 60_000);
    await reconcile();
    assert.equal(await keptBytes(), 3);
    assert.equal(await text('k'), 'new');
  }));
