import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { checksumOf } from '../kernel/checksums.ts';
import { AuthError } from './auth-errors.ts';
import { Contracts } from './contracts.ts';
import { decodeInput } from './decode.ts';
import type { RawRequest } from './raw-request.ts';
import { identify } from './router.ts';
import { authenticate } from './sigv4.ts';
import { EXAMPLE_KEY, openSdkClient } from './testing.ts';

const contracts = new Contracts();
const DOCUMENTED = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const AT = Date.UTC(2013, 4, 24);

async function check(request: RawRequest, now = AT) {
  return authenticate(request, {
    now,
    protocol: 'restXml',
    signingName: 's3',
    findSecret: async (id) => {
      if (id === DOCUMENTED.id) return DOCUMENTED.secret;
      return id === EXAMPLE_KEY.accessKeyId ? EXAMPLE_KEY.secretAccessKey : undefined;
    },
  });
}

async function refusal(request: RawRequest, now = AT): Promise<string> {
  try {
    await check(request, now);
  } catch (error) {
    assert.ok(error instanceof AuthError, String(error));
    return `${error.httpStatus} ${error.code}: ${error.message}`;
  }
  return 'accepted';
}

async function input(request: RawRequest): Promise<Record<string, unknown>> {
  return decodeInput(await identify(request, contracts), request) as Record<string, unknown>;
}

/** AWS's own example: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
function chunked(body: Buffer): RawRequest {
  return {
    method: 'PUT',
    rawUrl: '/examplebucket/chunkObject.txt',
    headers: [
      ['Host', 's3.amazonaws.com'],
      ['x-amz-date', '20130524T000000Z'],
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
      ['Content-Encoding', 'aws-chunked'],
      ['x-amz-decoded-content-length', '66560'],
      ['Content-Length', '66824'],
      [
        'Authorization',
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
      ],
    ],
    body,
  };
}

const SIGNED_CHUNKS = [
  `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${'a'.repeat(65536)}\r\n`,
  `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${'a'.repeat(1024)}\r\n`,
  '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
].join('');

test('signed chunks: AWS’s own example', async () => {
  const request = chunked(Buffer.from(SIGNED_CHUNKS));
  assert.equal((await check(request)).accessKeyId, DOCUMENTED.id);
  const { Body, ContentEncoding, ContentLength, Bucket, Key } = await input(request);
  assert.deepEqual(Body, Buffer.alloc(66560, 'a'));
  assert.deepEqual(
    [ContentEncoding, ContentLength, Bucket, Key],
    [undefined, 66560, 'examplebucket', 'chunkObject.txt'],
  );
});

test('signed chunks: any byte that was changed, and a body that was cut off', async () => {
  const differs = /^403 SignatureDoesNotMatch: The request signature we calculated/;
  assert.match(await refusal(chunked(Buffer.from(SIGNED_CHUNKS.replace('aaa\r\n400', 'aab\r\n400')))), differs);
  assert.match(
    await refusal(chunked(Buffer.from(SIGNED_CHUNKS.replace('0;chunk-signature=b6', '0;chunk-signature=b7')))),
    differs,
  );
  assert.match(await refusal(chunked(Buffer.from(SIGNED_CHUNKS.replace(/;chunk-signature=\w+/g, '')))), differs);
  const cut = chunked(Buffer.from(SIGNED_CHUNKS.slice(0, 66000)));
  assert.equal(await refusal(cut), 'accepted', 'it is for decoding to refuse');
  await assert.rejects(input(cut), { code: 'IncompleteBody' });
});

const SEED = '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e';

function withTrailer(body: string): RawRequest {
  return {
    method: 'PUT',
    rawUrl: '/examplebucket/chunkObject.txt',
    headers: [
      ['Host', 's3.amazonaws.com'],
      ['x-amz-date', '20130524T000000Z'],
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'],
      ['Content-Encoding', 'aws-chunked'],
      ['x-amz-decoded-content-length', '66560'],
      ['x-amz-trailer', 'x-amz-checksum-crc32c'],
      [
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,Signature=${SEED}`,
      ],
    ],
    body: Buffer.from(body),
  };
}

const SIGNED_TRAILER = [
  `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${'a'.repeat(65536)}\r\n`,
  `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${'a'.repeat(1024)}\r\n`,
  '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n',
  'x-amz-checksum-crc32c:sOO8/Q==\r\n',
  'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
].join('');

test('a signed trailer: AWS’s own example', async () => {
  const request = withTrailer(SIGNED_TRAILER);
  assert.equal(await refusal(request), 'accepted');
  assert.equal((await input(request))['ChecksumCRC32C'], 'sOO8/Q==');
  assert.match(await refusal(withTrailer(SIGNED_TRAILER.replace('sOO8', 'sOO9'))), /^403 SignatureDoesNotMatch/);
  const without = SIGNED_TRAILER.replace(/x-amz-checksum-crc32c.*\r\n/, '');
  await assert.rejects(input(withTrailer(without)), { code: 'MalformedTrailerError' });
});

test('GET, as AWS signs it in its examples', async () => {
  const get: RawRequest = {
    method: 'GET',
    rawUrl: '/test.txt',
    headers: [
      ['Host', 'examplebucket.s3.amazonaws.com'],
      ['Range', 'bytes=0-9'],
      ['x-amz-content-sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      ['x-amz-date', '20130524T000000Z'],
      [
        'Authorization',
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      ],
    ],
    body: Buffer.from(''),
  };
  assert.equal(await refusal(get), 'accepted');
  assert.partialDeepStrictEqual(await input(get), { Bucket: 'examplebucket', Key: 'test.txt', Range: 'bytes=0-9' });
  const hour = 3_600_000;
  assert.match(await refusal(get, AT + hour), /^403 RequestTimeTooSkewed: The difference between/);
  assert.match(await refusal({ ...get, rawUrl: '/other.txt' }), /^403 SignatureDoesNotMatch/);
  assert.match(await refusal({ ...get, body: Buffer.from('x') }), /^400 XAmzContentSHA256Mismatch/);
  const unsigned = { ...get, headers: get.headers.filter(([name]) => name !== 'Authorization') };
  assert.equal(await refusal(unsigned), '403 AccessDenied: Access Denied');
  const added: RawRequest = { ...get, headers: [...get.headers, ['x-amz-copy-source', '/b/k']] };
  assert.match(await refusal(added), /^403 AccessDenied: There were headers present in the request which were not/);
  const stranger = get.headers.map(([name, value]) => [name, value.replace('AKIAIOSFODNN7', 'AKIAIOSFODNN8')] as const);
  assert.match(await refusal({ ...get, headers: stranger }), /^403 InvalidAccessKeyId: The AWS Access Key Id you/);
  const bearer = get.headers.map(([name, value]) =>
    name === 'Authorization' ? ([name, 'AWS a:b'] as const) : ([name, value] as const),
  );
  assert.match(await refusal({ ...get, headers: bearer }), /^400 AuthorizationHeaderMalformed/);
});

test('a presigned URL, and when it ends', async () => {
  const rawUrl =
    '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  const headers = [['Host', 'examplebucket.s3.amazonaws.com']] as const;
  const request: RawRequest = { method: 'GET', rawUrl, headers, body: Buffer.from('') };
  const day = 86_400_000;
  assert.equal(await refusal(request, AT + day), 'accepted');
  assert.equal(await refusal(request, AT + day + 1000), '403 AccessDenied: Request has expired');
  assert.match(
    await refusal({ ...request, rawUrl: rawUrl.replace('86400', '864000') }),
    /^400 AuthorizationQueryParametersError: X-Amz-Expires must be/,
  );
});

async function sdkRequest(operation: string, members: object, config = {}): Promise<RawRequest> {
  const sent: RawRequest[] = [];
  const client = await openSdkClient(
    's3',
    (request) => {
      sent.push(request);
      return { status: 200, headers: {}, body: Buffer.from('') };
    },
    config,
  );
  await client.send(operation, members).catch(() => {});
  assert.ok(sent[0]);
  return sent[0];
}

test('what the SDK signs, for keys of every kind', async () => {
  for (const Key of ['a', '/a//b/', 'ä ö+(1)*~=&?#%2F', '../x/./y', '\u{1f600}']) {
    for (const endpoint of ['http://127.0.0.1:4566', 'http://localhost:4566']) {
      const request = await sdkRequest('PutObject', { Bucket: 'bucket', Key, Body: 'text' }, { endpoint });
      assert.equal(await refusal(request, Date.now()), 'accepted', Key);
      assert.partialDeepStrictEqual(await input(request), { Bucket: 'bucket', Key, Body: Buffer.from('text') });
    }
  }
});

test('a stream of the SDK: its body is chunked, its checksum comes last', async () => {
  const Body = Readable.from([Buffer.from('some '), Buffer.from('text')]);
  const request = await sdkRequest('PutObject', { Bucket: 'bucket', Key: 'k', Body, ContentLength: 9 });
  const hash = request.headers.find(([name]) => name === 'x-amz-content-sha256')?.[1];
  assert.equal(hash, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER');
  assert.equal(await refusal(request, Date.now()), 'accepted');
  const ChecksumCRC32 = checksumOf('CRC32', Buffer.from('some text'));
  assert.partialDeepStrictEqual(await input(request), { Body: Buffer.from('some text'), ChecksumCRC32 });
  const damaged = { ...request, body: Buffer.from(request.body.toString('latin1').replace('some', 'same'), 'latin1') };
  await assert.rejects(input(damaged), { code: 'BadDigest', message: /^The CRC32 you specified/ });
});

test('Content-MD5 and checksums in headers are checked', async () => {
  const put = (headers: Record<string, string>): RawRequest => ({
    method: 'PUT',
    rawUrl: '/bucket/key',
    headers: Object.entries({ Host: 's3.localhost', ...headers }),
    body: Buffer.from('text'),
  });
  const md5 = checksumOf('MD5', Buffer.from('text'));
  assert.equal((await input(put({ 'Content-MD5': md5 })))['ContentMD5'], md5);
  await assert.rejects(input(put({ 'Content-MD5': 'x' })), { code: 'InvalidDigest' });
  await assert.rejects(input(put({ 'Content-MD5': checksumOf('MD5', Buffer.from('')) })), { code: 'BadDigest' });
  await assert.rejects(input(put({ 'x-amz-checksum-sha256': 'x' })), { code: 'BadDigest' });
  await assert.rejects(input(put({ 'x-amz-checksum-xxhash3': 'x' })), { code: 'NotSupported', httpStatus: 501 });
});
