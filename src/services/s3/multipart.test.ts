import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumOf } from '../../kernel/checksums.ts';
import { refusal, withS3, type TestS3 } from './testing.ts';

const Bucket = 'bucket';
const Key = 'big';
const MIB = 1024 * 1024;

/** Begins an upload and uploads parts of these sizes, each of its own letter. */
async function upload({ call }: TestS3, sizes: readonly number[], members: object = {}) {
  const { UploadId } = await call('CreateMultipartUpload', { Bucket, Key, ...members });
  const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
  for (const [index, size] of sizes.entries()) {
    const Body = Buffer.alloc(size, 'abc'[index]);
    const PartNumber = index + 1;
    const ChecksumCRC32C = checksumOf('CRC32C', Body);
    const { ETag } = await call('UploadPart', { Bucket, Key, UploadId, PartNumber, Body, ChecksumCRC32C });
    Parts.push({ PartNumber, ETag });
  }
  return { Bucket, Key, UploadId, Parts };
}

test('an object of parts: no byte is copied, and ranges cross the seams', () =>
  withS3(async (service) => {
    const { call, text } = service;
    const { Parts, ...ids } = await upload(service, [5 * MIB, 5 * MIB, 7], { ContentType: 'text/x', Tagging: 'a=b' });
    assert.match(await refusal(text(Key)), /^404 NoSuchKey/);
    const done = await call('CompleteMultipartUpload', { ...ids, MultipartUpload: { Parts } });
    assert.match(done.ETag ?? '', /^"[0-9a-f]{32}-3"$/);
    assert.equal(done.Location, 'http://127.0.0.1:4566/bucket/big');
    assert.deepEqual(await call('CompleteMultipartUpload', { ...ids, MultipartUpload: { Parts } }), done, 'again');
    const head = await call('HeadObject', { Bucket, Key });
    assert.partialDeepStrictEqual(head, { ContentLength: 10 * MIB + 7, ContentType: 'text/x', TagCount: 1 });
    assert.equal(await text(Key, { Range: `bytes=${5 * MIB - 2}-${5 * MIB + 1}` }), 'aabb');
    assert.equal(await text(Key, { Range: 'bytes=-9' }), 'bbccccccc');
    assert.equal((await text(Key)).length, 10 * MIB + 7);
    const part = await call('GetObject', { Bucket, Key, PartNumber: 3 });
    assert.deepEqual([part.PartsCount, part.ContentRange], [3, `bytes ${10 * MIB}-${10 * MIB + 6}/${10 * MIB + 7}`]);
    assert.deepEqual((await call('ListMultipartUploads', { Bucket })).Uploads, []);
    const CopySource = `${Bucket}/${Key}`;
    const copied = await call('CopyObject', { Bucket, Key: 'copy', CopySource });
    assert.match(copied.CopyObjectResult?.ETag ?? '', /^"[0-9a-f]{32}"$/);
  }));

test('what is given up is given back', () =>
  withS3(async (service) => {
    const { call, keptBytes, clock, reconcile } = service;
    const { Parts, ...ids } = await upload(service, [5 * MIB, 7, 8]);
    await call('UploadPart', { ...ids, PartNumber: 1, Body: Buffer.alloc(5 * MIB, 'z') });
    const first = (await call('ListParts', ids)).Parts?.[0];
    await call('CompleteMultipartUpload', {
      ...ids,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag: first?.ETag }, Parts[1] ?? {}] },
    });
    await upload(service, [1]);
    const aborted = await upload(service, [1, 2]);
    const { Parts: _, ...which } = aborted;
    await call('AbortMultipartUpload', which);
    assert.match(await refusal(call('AbortMultipartUpload', which)), /^404 NoSuchUpload/);
    clock.advance(5 * 60_000);
    await reconcile();
    assert.equal(await keptBytes(), 5 * MIB + 7 + 1, 'the object, and the upload that runs');
    await call('DeleteObject', { Bucket, Key });
    clock.advance(5 * 60_000);
    await reconcile();
    assert.equal(await keptBytes(), 1);
  }));

test('what is wrong with a list of parts', () =>
  withS3(async (service) => {
    const { Parts, ...ids } = await upload(service, [5 * MIB, 7, 8]);
    const [one = { PartNumber: 0, ETag: '' }, two = one, three = one] = Parts;
    const complete = (parts: object[], members: object = {}) =>
      refusal(service.call('CompleteMultipartUpload', { ...ids, MultipartUpload: { Parts: parts }, ...members }));
    assert.match(await complete([]), /^400 MalformedXML/);
    assert.match(await complete([{ ...one, PartNumber: 4 }]), /^400 InvalidPart: One or more/);
    assert.match(await complete([{ ...one, ETag: '"x"' }]), /^400 InvalidPart/);
    assert.match(await complete([{ ...one, ChecksumCRC32C: 'x' }]), /^400 InvalidPart/);
    assert.match(await complete([two, one]), /^400 InvalidPartOrder/);
    assert.match(await complete([one, one]), /^400 InvalidPartOrder/);
    assert.match(await complete([one, two, three]), /^400 EntityTooSmall/);
    assert.match(await complete([one, three], { MpuObjectSize: 1 }), /^400 InvalidRequest: The provided 'x-amz-mp-obj/);
    assert.match(await complete([one, three], { UploadId: 'x' }), /^404 NoSuchUpload/);
    assert.equal(await complete([one, three], { MpuObjectSize: 5 * MIB + 8, IfNoneMatch: '*' }), 'accepted');
    const again = await upload(service, [1]);
    const MultipartUpload = { Parts: again.Parts };
    const { Parts: _, ...which } = again;
    const taken = service.call('CompleteMultipartUpload', { ...which, MultipartUpload, IfNoneMatch: '*' });
    assert.match(await refusal(taken), /^412 PreconditionFailed/);
    const wrong = service.call('UploadPart', { ...which, PartNumber: 10_001, Body: 'x' });
    assert.match(await refusal(wrong), /^400 InvalidArgument: Part number must be an integer between 1 and 10000/);
  }));

test('checksums of the whole: of all bytes, or of the parts’ checksums', () =>
  withS3(async (service) => {
    const bytes = Buffer.concat([Buffer.alloc(5 * MIB, 'a'), Buffer.alloc(7, 'b')]);
    const full = await upload(service, [5 * MIB, 7], { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' });
    const complete = ({ Parts, ...ids }: typeof full, members: object = {}) =>
      service.call('CompleteMultipartUpload', { ...ids, MultipartUpload: { Parts }, ...members });
    assert.match(await refusal(complete(full, { ChecksumCRC32C: 'x' })), /^400 BadDigest/);
    const ChecksumCRC32C = checksumOf('CRC32C', bytes);
    const facts = { ChecksumCRC32C, ChecksumType: 'FULL_OBJECT' as const };
    assert.partialDeepStrictEqual(await complete(full, { ChecksumCRC32C }), facts);
    const ChecksumMode = 'ENABLED' as const;
    assert.partialDeepStrictEqual(await service.call('HeadObject', { Bucket, Key, ChecksumMode }), facts);
    const composite = await upload(service, [5 * MIB, 7], { ChecksumAlgorithm: 'CRC32C' });
    assert.match((await complete(composite)).ChecksumCRC32C ?? '', /^.{8}-2$/);
    const asked = (members: object) => refusal(service.call('CreateMultipartUpload', { Bucket, Key, ...members }));
    assert.match(
      await asked({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }),
      /^400 InvalidRequest: The FULL/,
    );
    assert.match(await asked({ ChecksumType: 'COMPOSITE' }), /^400 InvalidRequest: The x-amz-checksum-type header/);
  }));

test('parts and uploads in pages', () =>
  withS3(async (service) => {
    const { call } = service;
    const { Parts: _, ...ids } = await upload(service, [5 * MIB, 7, 8]);
    const first = await call('ListParts', { ...ids, MaxParts: 2 });
    assert.deepEqual(
      first.Parts?.map((part) => [part.PartNumber, part.Size]),
      [
        [1, 5 * MIB],
        [2, 7],
      ],
    );
    assert.deepEqual([first.IsTruncated, first.NextPartNumberMarker], [true, '2']);
    const second = await call('ListParts', { ...ids, PartNumberMarker: '2' });
    assert.deepEqual([second.Parts?.length, second.IsTruncated], [1, false]);
    for (const key of ['a/1', 'a/2', 'a/2', 'c']) await call('CreateMultipartUpload', { Bucket, Key: key });
    const keys: (string | undefined)[] = [];
    let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    for (;;) {
      const page = await call('ListMultipartUploads', { Bucket, MaxUploads: 1, ...marker });
      keys.push(...(page.Uploads ?? []).map((each) => each.Key));
      if (!page.IsTruncated) break;
      marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
    assert.deepEqual(keys, ['a/1', 'a/2', 'a/2', 'big', 'c']);
    const gathered = await call('ListMultipartUploads', { Bucket, Delimiter: '/' });
    assert.deepEqual(gathered.CommonPrefixes, [{ Prefix: 'a/' }]);
    assert.deepEqual(
      gathered.Uploads?.map((each) => each.Key),
      ['big', 'c'],
    );
    const after = await call('ListMultipartUploads', { Bucket, KeyMarker: 'a/2' });
    assert.deepEqual(
      after.Uploads?.map((each) => each.Key),
      ['big', 'c'],
    );
  }));

test('a part that is a piece of an object', () =>
  withS3(async ({ call, text }) => {
    await call('PutObject', { Bucket, Key: 'source', Body: '0123456789' });
    const { UploadId } = await call('CreateMultipartUpload', { Bucket, Key });
    const part = { Bucket, Key, UploadId, PartNumber: 1, CopySource: 'bucket/source' };
    const copied = await call('UploadPartCopy', { ...part, CopySourceRange: 'bytes=2-4' });
    const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }];
    await call('CompleteMultipartUpload', { Bucket, Key, UploadId, MultipartUpload: { Parts } });
    assert.equal(await text(Key), '234');
    const open = await call('CreateMultipartUpload', { Bucket, Key });
    const copy = (CopySourceRange: string) =>
      refusal(call('UploadPartCopy', { ...part, UploadId: open.UploadId, CopySourceRange }));
    assert.match(await copy('bytes=2-'), /^400 InvalidArgument: The x-amz-copy-source-range value/);
    assert.match(await copy('bytes=10-11'), /^416 InvalidRange/);
  }));
