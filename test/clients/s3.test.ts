import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';

/*
 * Buckets and objects with Debian's aws CLI and with the AWS SDK: small and large, in parts and in ranges, by link, and
 * after a power cut.
 */

const MIB = 1024 * 1024;

let server: Longshore;
let folder: string;
let aws: Cli;
let printed: Cli['printed'];
let refused: Cli['refused'];

before(async () => {
  server = await Longshore.start();
  folder = await mkdtemp(join(tmpdir(), 'ls-s3-'));
  aws = cliOf(server);
  ({ printed, refused } = aws);
});

after(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

describe('s3', { concurrency: 4 }, () => {
  test('aws s3: a bucket from mb to rb, files small and large', async () => {
    assert.match(await printed('s3 mb s3://files'), /make_bucket: files/);
    const small = join(folder, 'small.txt');
    const large = join(folder, 'large.bin');
    const bytes = randomBytes(40 * MIB);
    await Promise.all([writeFile(small, 'hello\n'), writeFile(large, bytes)]);
    await printed('s3 cp --no-progress', small, 's3://files/texts/a b+ü.txt');
    await printed('s3 cp --no-progress', large, 's3://files/large.bin');
    assert.match(await printed('s3 ls s3://files'), /^ +PRE texts\/\n.*41943040 large\.bin\n$/);
    assert.match(await printed('s3 ls --recursive s3://files'), / 6 texts\/a b\+ü\.txt\n$/);
    assert.match(await printed('s3 ls'), / files\n/);
    const head = await aws('s3api head-object --bucket files --key large.bin');
    assert.equal(head.ContentLength, bytes.length);
    assert.match(head.ETag, /^"[0-9a-f]{32}-5"$/, 'in five parts of 8 MiB');

    const again = join(folder, 'again.bin');
    await printed('s3 cp --no-progress s3://files/large.bin', again);
    assert.equal(md5(await readFile(again)), md5(bytes), 'in ranges');
    const whole = join(folder, 'whole.bin');
    await aws('s3api get-object --bucket files --key large.bin', whole);
    assert.equal(md5(await readFile(whole)), md5(bytes), 'in one');
    await printed('s3 cp --no-progress s3://files/large.bin s3://files/copy.bin');
    const copy = await aws('s3api get-object --bucket files --key copy.bin --range bytes=8388600-8388615', whole);
    assert.equal(copy.ContentRange, 'bytes 8388600-8388615/41943040');
    assert.deepEqual(await readFile(whole), bytes.subarray(8388600, 8388616), 'across a seam');

    await printed('s3 rm s3://files/copy.bin');
    assert.match(await refused('s3 rb s3://files'), /^BucketNotEmpty: The bucket you tried to delete is not empty/);
    await printed('s3 rb --force s3://files');
    assert.match(await refused('s3api list-objects-v2 --bucket files'), /^NoSuchBucket: The specified bucket does not/);
  });

  test('aws s3 sync: both ways, and what is deleted', async () => {
    await printed('s3 mb s3://synced');
    const from = join(folder, 'from');
    const to = join(folder, 'to');
    await mkdir(join(from, 'sub'), { recursive: true });
    for (let i = 0; i < 5; i++) await writeFile(join(from, 'sub', `${i}.txt`), `file ${i}`);
    await printed('s3 sync --no-progress', from, 's3://synced/tree');
    await printed('s3 sync --no-progress s3://synced/tree', to);
    assert.deepEqual((await readdir(join(to, 'sub'))).toSorted(), ['0.txt', '1.txt', '2.txt', '3.txt', '4.txt']);
    assert.equal(await printed('s3 sync --no-progress', from, 's3://synced/tree'), '', 'nothing is left to do');
    await rm(join(from, 'sub', '3.txt'));
    await printed('s3 sync --delete --no-progress', from, 's3://synced/tree');
    const listed = await aws('s3api list-objects-v2 --bucket synced --prefix tree/ --query Contents[].Key');
    assert.deepEqual(listed, ['tree/sub/0.txt', 'tree/sub/1.txt', 'tree/sub/2.txt', 'tree/sub/4.txt']);
    await printed('s3 rm --recursive s3://synced');
    await printed('s3 rb s3://synced');
  });

  test('aws s3api: what is said of objects, conditions and pages', async () => {
    await aws('s3api create-bucket --bucket described');
    const body = join(folder, 'described.txt');
    await writeFile(body, 'hello');
    const put = await aws(
      's3api put-object --bucket described --key k --content-type text/x --metadata colour=blue --tagging a=b',
      '--body',
      body,
    );
    assert.equal(put.ETag, '"5d41402abc4b2a76b9719d911017c592"');
    const { Metadata, ContentType } = await aws('s3api head-object --bucket described --key k');
    assert.deepEqual([Metadata, ContentType], [{ colour: 'blue' }, 'text/x']);
    const tagging = await aws('s3api get-object-tagging --bucket described --key k');
    assert.deepEqual(tagging.TagSet, [{ Key: 'a', Value: 'b' }]);
    const sha = await aws('s3api put-object --bucket described --key sha --checksum-algorithm SHA256 --body', body);
    assert.equal(sha.ChecksumSHA256, createHash('sha256').update('hello').digest('base64'));
    const keys = ['a/1', 'a/2', 'b/1', 'c'];
    await Promise.all(keys.map((key) => aws('s3api put-object --bucket described --key', key)));
    const [paged, gathered, acl, location, versioning] = await Promise.all([
      aws('s3api list-objects-v2 --bucket described --page-size 2 --query Contents[].Key'),
      aws('s3api list-objects --bucket described --delimiter / --query CommonPrefixes[].Prefix'),
      aws('s3api get-bucket-acl --bucket described'),
      aws('s3api get-bucket-location --bucket described'),
      aws('s3api get-bucket-versioning --bucket described'),
    ]);
    assert.deepEqual(paged, ['a/1', 'a/2', 'b/1', 'c', 'k', 'sha']);
    assert.deepEqual(gathered, ['a/', 'b/']);
    assert.equal(acl.Grants[0].Grantee.ID, acl.Owner.ID);
    assert.deepEqual([location, versioning], [{ LocationConstraint: null }, undefined]);
    const objects = JSON.stringify({ Objects: [{ Key: 'a/1' }, { Key: 'a/2' }] });
    const { Deleted } = await aws('s3api delete-objects --bucket described --delete', objects);
    assert.deepEqual(
      Deleted.map(({ Key }: { Key: string }) => Key),
      ['a/1', 'a/2'],
    );
    const said = await Promise.all([
      refused('s3api get-object --bucket described --key none', body),
      refused('s3api head-object --bucket described --key none'),
      refused('s3api head-object --bucket described --key k --if-none-match', put.ETag),
      refused('s3api put-object --bucket described --key k --acl public-read'),
      refused('s3api put-bucket-policy --bucket described --policy {}'),
      refused('s3api create-bucket --bucket No_Name'),
      refused('s3api get-bucket-website --bucket described'),
      refused('s3api get-bucket-notification-configuration --bucket described'),
    ]);
    assert.deepEqual(
      said.map((text) => text.split(':')[0]),
      [
        'NoSuchKey',
        '404',
        '304',
        'AccessControlListNotSupported',
        'MalformedPolicy',
        'InvalidBucketName',
        'NoSuchWebsiteConfiguration',
        'NotSupported',
      ],
    );
  });

  test('who may do what: users by their policies and by the bucket’s', async () => {
    await aws('s3api create-bucket --bucket guarded');
    await aws('s3api put-object --bucket guarded --key mine/a');
    await aws('iam create-user --user-name reader');
    const { AccessKey } = await aws('iam create-access-key --user-name reader');
    const env = { AWS_ACCESS_KEY_ID: AccessKey.AccessKeyId, AWS_SECRET_ACCESS_KEY: AccessKey.SecretAccessKey };
    const as = async (line: string) => {
      const ran = await server.aws(line.split(' '), env);
      return ran.code === 0 ? 'allowed' : (/\((\w+)\)/.exec(ran.stderr)?.[1] ?? ran.stderr);
    };
    const statement = (Action: string, Resource: string, more: object = {}) => ({
      Effect: 'Allow',
      Action,
      Resource,
      ...more,
    });
    const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
    assert.equal(await as('s3api get-bucket-location --bucket guarded'), 'AccessDenied');
    const Condition = { StringLike: { 's3:prefix': 'mine/*' } };
    const own = policy(
      statement('s3:ListBucket', 'arn:aws:s3:::guarded', { Condition }),
      statement('s3:GetObject', 'arn:aws:s3:::guarded/mine/*'),
    );
    await aws('iam put-user-policy --user-name reader --policy-name own --policy-document', own);
    assert.equal(await as('s3api list-objects-v2 --bucket guarded --prefix mine/'), 'allowed');
    assert.equal(await as('s3api list-objects-v2 --bucket guarded'), 'AccessDenied');
    assert.equal(await as('s3api head-object --bucket guarded --key mine/a'), 'allowed');
    assert.equal(await as('s3api put-object --bucket guarded --key mine/b'), 'AccessDenied');
    const Principal = { AWS: 'arn:aws:iam::123456789012:user/reader' };
    const onBucket = policy(statement('s3:PutObject', 'arn:aws:s3:::guarded/mine/*', { Principal }), {
      ...statement('s3:GetObject', 'arn:aws:s3:::guarded/mine/secret', { Principal }),
      Effect: 'Deny',
    });
    await aws('s3api put-bucket-policy --bucket guarded --policy', onBucket);
    assert.equal(await as('s3api put-object --bucket guarded --key mine/b'), 'allowed');
    assert.equal(await as('s3api put-object --bucket guarded --key other/b'), 'AccessDenied');
    assert.equal(await as(`s3api get-object --bucket guarded --key mine/secret ${join(folder, 'x')}`), 'AccessDenied');
  });

  test('links, and requests that nobody signed', async () => {
    await aws('s3api create-bucket --bucket linked');
    const body = join(folder, 'linked.txt');
    await writeFile(body, 'hello');
    await aws('s3api put-object --bucket linked --key a/b.txt --body', body);
    const link = (await printed('s3 presign s3://linked/a/b.txt')).trim();
    const answer = await fetch(link);
    assert.deepEqual([answer.status, await answer.text()], [200, 'hello']);
    assert.equal(answer.headers.get('content-length'), '5');
    assert.ok(answer.headers.get('x-amz-request-id'));
    const tampered = await fetch(link.replace('b.txt', 'c.txt'));
    assert.equal(tampered.status, 403);
    assert.match(await tampered.text(), /<Error><Code>SignatureDoesNotMatch<\/Code>/);
    const unsigned = await server.aws([
      's3api',
      'get-object',
      '--no-sign-request',
      '--bucket',
      'linked',
      '--key',
      'a',
      body,
    ]);
    assert.match(unsigned.stderr, /An error occurred \(AccessDenied\)/);
    const wrong = await server.aws(['s3', 'ls'], { AWS_SECRET_ACCESS_KEY: 'wrong' });
    assert.match(wrong.stderr, /\(SignatureDoesNotMatch\)/);
    const stranger = await server.aws(['s3', 'ls'], { AWS_ACCESS_KEY_ID: 'AKIANOBODY' });
    assert.match(stranger.stderr, /\(InvalidAccessKeyId\)/);
  });

  test('the SDK: streams, in path style and with the bucket in the host', async () => {
    await aws('s3api create-bucket --bucket streamed');
    const bytes = randomBytes(3 * MIB);
    // Not every resolver knows the names under localhost.
    const lookup: LookupFunction = (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
    const requestHandler = { httpAgent: new Agent({ lookup }) };
    const credentials = await server.credentials();
    for (const endpoint of [server.endpoint, server.endpoint.replace('127.0.0.1', 'localhost')]) {
      const client = new S3Client({ endpoint, region: 'us-east-1', credentials, requestHandler });
      // With the bucket in the host it looks like a path of the registry.
      const at = { Bucket: 'streamed', Key: endpoint === server.endpoint ? 'a/é' : 'v2/é' };
      const Body = Readable.from([bytes.subarray(0, MIB), bytes.subarray(MIB)]);
      await client.send(new PutObjectCommand({ ...at, Body, ContentLength: bytes.length, ContentType: 'a/b' }));
      const head = await client.send(new HeadObjectCommand(at));
      assert.deepEqual([head.ContentLength, head.ContentType], [bytes.length, 'a/b']);
      const got = await client.send(new GetObjectCommand(at));
      assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), bytes);
      assert.ok(got.ChecksumCRC32, 'the SDK gave one, and has checked it');
      const none = client.send(new HeadObjectCommand({ ...at, Key: 'none' }));
      await assert.rejects(none, (error: Error) => error.name === 'NotFound');
    }
  });
});

test('after a power cut all objects are whole, and an upload goes on', async () => {
  await aws('s3api create-bucket --bucket durable');
  const body = join(folder, 'durable.bin');
  const bytes = randomBytes(6 * MIB);
  await writeFile(body, bytes);
  await aws('s3api put-object --bucket durable --key before --body', body);
  const { UploadId } = await aws('s3api create-multipart-upload --bucket durable --key parts');
  const part = [
    's3api',
    'upload-part',
    '--bucket',
    'durable',
    '--key',
    'parts',
    '--upload-id',
    UploadId,
    '--body',
    body,
  ];
  const first = await server.awsJson([...part, '--part-number', '1']);
  const writing = Array.from({ length: 4 }, (_, index) =>
    server.aws(['s3api', 'put-object', '--bucket', 'durable', '--key', `during-${index}`, '--body', body]),
  );
  await Promise.race(writing);
  await server.kill9();
  await Promise.all(writing);
  await server.up();
  const second = await server.awsJson([...part, '--part-number', '2']);
  const parts = { Parts: [first, second].map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 })) };
  const complete = ['s3api complete-multipart-upload --bucket durable --key parts --upload-id', UploadId];
  await aws(complete.join(' '), '--multipart-upload', JSON.stringify(parts));
  const { Contents } = await aws('s3api list-objects-v2 --bucket durable');
  for (const { Key, Size } of Contents as { Key: string; Size: number }[]) {
    const read = join(folder, 'read.bin');
    await aws(`s3api get-object --bucket durable --key ${Key}`, read);
    const wanted = Key === 'parts' ? Buffer.concat([bytes, bytes]) : bytes;
    assert.deepEqual([Size, md5(await readFile(read))], [wanted.length, md5(wanted)], Key);
  }
  assert.deepEqual(await readdir(join(server.home, 'objects', 'new')), [], 'what was half written is gone');
});
