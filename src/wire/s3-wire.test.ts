import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { ServiceError } from '../kernel/errors.ts';
import { Contracts } from './contracts.ts';
import { decodeInput } from './decode.ts';
import { encodeOutput } from './encode.ts';
import { encodeError } from './errors.ts';
import type { RawRequest } from './raw-request.ts';
import { identify } from './router.ts';
import { bucketOfHost, isS3Host } from './s3-target.ts';
import { validate } from './validate.ts';

const contracts = new Contracts();
const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=A/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=00',
};

function request(line: string, headers: object = {}, body = ''): RawRequest {
  const [method = '', rawUrl = ''] = line.split(' ');
  const all = { host: '127.0.0.1:4566', ...SIGNED, ...headers };
  return { method, rawUrl, headers: Object.entries(all).filter(([, value]) => value), body: Buffer.from(body) };
}

async function found(line: string, headers?: object): Promise<string> {
  const { service, operation, labels } = await identify(request(line, headers), contracts);
  assert.equal(service, 's3');
  return [operation.name, labels?.get('Bucket'), labels?.get('Key')].filter((part) => part !== undefined).join(' ');
}

test('the operation follows from method, path, query and headers', async () => {
  const expected: [string, string][] = [
    ['GET /', 'ListBuckets'],
    ['GET /?x-id=ListBuckets', 'ListBuckets'],
    ['PUT /b', 'CreateBucket b'],
    ['HEAD /b/', 'HeadBucket b'],
    ['GET /b', 'ListObjects b'],
    ['GET /b?list-type=2&prefix=a', 'ListObjectsV2 b'],
    ['GET /b/?location', 'GetBucketLocation b'],
    ['GET /b?policy=', 'GetBucketPolicy b'],
    ['PUT /b?policy', 'PutBucketPolicy b'],
    ['GET /b?uploads', 'ListMultipartUploads b'],
    ['POST /b?delete', 'DeleteObjects b'],
    ['GET /b?versions', 'ListObjectVersions b'],
    ['GET /b/k', 'GetObject b k'],
    ['GET /b/k?versionId=null', 'GetObject b k'],
    ['GET /b/a//b/?x-id=GetObject', 'GetObject b a//b/'],
    ['HEAD /b/%2Fa%20+', 'HeadObject b /a +'],
    ['PUT /b/k', 'PutObject b k'],
    ['PUT /b/k?partNumber=1&uploadId=u', 'UploadPart b k'],
    ['POST /b/k?uploads', 'CreateMultipartUpload b k'],
    ['POST /b/k?uploadId=u', 'CompleteMultipartUpload b k'],
    ['GET /b/k?uploadId=u', 'ListParts b k'],
    ['DELETE /b/k?uploadId=u', 'AbortMultipartUpload b k'],
    ['DELETE /b/k', 'DeleteObject b k'],
    ['GET /b/k?tagging', 'GetObjectTagging b k'],
    ['POST /b/k?select&select-type=2', 'SelectObjectContent b k'],
    ['GET /b/2013-04-01/hostedzone', 'GetObject b 2013-04-01/hostedzone'],
    ['GET /2013-04-01/hostedzone', 'GetObject 2013-04-01 hostedzone'],
    ['GET /b/k?Action=RunInstances', 'GetObject b k'],
  ];
  for (const [line, operation] of expected) assert.equal(await found(line), operation, line);
  const copied = { 'x-amz-copy-source': '/a/b' };
  assert.equal(await found('PUT /b/k', copied), 'CopyObject b k');
  assert.equal(await found('PUT /b/k?partNumber=1&uploadId=u', copied), 'UploadPartCopy b k');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  assert.equal(await found('PUT /b/k', form), 'PutObject b k', 'an object may have any type');
});

test('virtual-hosted style', async () => {
  assert.equal(await found('GET /k/l', { host: 'my.b.s3.eu-central-1.amazonaws.com' }), 'GetObject my.b k/l');
  assert.equal(await found('GET /?list-type=2', { host: 'b.localhost:4566' }), 'ListObjectsV2 b');
  assert.equal(await found('GET /k', { host: 's3.localhost:4566' }), 'ListObjects k');
  assert.equal(bucketOfHost('b.s3.localhost'), 'b');
  assert.equal(bucketOfHost('localhost:4566'), undefined);
  assert.equal(bucketOfHost('b.s3.amazonaws.com'), 'b');
  assert.equal(bucketOfHost('s3-eu-west-1.amazonaws.com'), undefined);
  assert.equal(bucketOfHost('b.s3.dualstack.us-east-1.amazonaws.com:443'), 'b');
  assert.equal(bucketOfHost('b.example.com'), undefined);
  assert.equal(isS3Host('b.localhost'), false);
});

test('without a signature: by host, or because an AWS client sent it', async () => {
  const unsigned = { authorization: undefined };
  assert.equal(await found('GET /k', { ...unsigned, host: 'b.s3.localhost' }), 'GetObject b k');
  assert.equal(await found('GET /b/k', { ...unsigned, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }), 'GetObject b k');
  assert.equal(await found('GET /b/k', { ...unsigned, 'user-agent': 'Boto3/1.2' }), 'GetObject b k');
  assert.equal(
    await found('GET /b/k?X-Amz-Credential=A%2F20260101%2Fx%2Fs3%2Faws4_request', unsigned),
    'GetObject b k',
  );
  await assert.rejects(identify(request('GET /favicon.ico', unsigned), contracts), { httpStatus: 404 });
  const zone = await identify(
    request('GET /2013-04-01/hostedzone', { ...unsigned, 'user-agent': 'Boto3/1' }),
    contracts,
  );
  assert.equal(zone.service, 'route53');
});

test('what has no operation', async () => {
  const refused = async (line: string) =>
    identify(request(line), contracts).then(
      () => 'found',
      (error) => error.code,
    );
  assert.equal(await refused('POST /b/k'), 'MethodNotAllowed');
  assert.equal(await refused('PATCH /b'), 'MethodNotAllowed');
  assert.equal(await refused('DELETE /'), 'MethodNotAllowed');
  assert.equal(await refused('GET /b/%ZZ'), 'InvalidURI');
  assert.equal(await refused('GET //k'), 'InvalidBucketName');
});

async function inputOf(line: string, headers: object, body = ''): Promise<Record<string, unknown>> {
  const raw = request(line, headers, body);
  const identified = await identify(raw, contracts);
  const input = decodeInput(identified, raw);
  validate(identified, input);
  return input as Record<string, unknown>;
}

test('inputs: metadata, payloads and their refusals', async () => {
  const put = await inputOf('PUT /b/k', { 'X-Amz-Meta-Colour': 'blue', 'content-type': 'text/plain' }, 'bytes');
  assert.deepEqual(put['Metadata'], { colour: 'blue' });
  assert.deepEqual(put['Body'], Buffer.from('bytes'));
  const policy = await inputOf('PUT /b?policy', {}, '{"Version": 1}');
  assert.equal(policy['Policy'], '{"Version": 1}');
  const xml =
    '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet><Object><Key> a&amp;b </Key></Object></Delete>';
  assert.deepEqual((await inputOf('POST /b?delete', {}, xml))['Delete'], { Quiet: true, Objects: [{ Key: ' a&b ' }] });
  const malformed = { code: 'MalformedXML' };
  await assert.rejects(inputOf('POST /b?delete', {}, '<Delete>'), malformed);
  await assert.rejects(inputOf('POST /b?delete', {}, '<Delete><Object><x/></Object></Delete>'), malformed);
  await assert.rejects(inputOf('POST /b?delete', {}), malformed);
  const number = { code: 'InvalidArgument', message: 'Invalid value for max-keys: many' };
  await assert.rejects(inputOf('GET /b?list-type=2&max-keys=many', {}), number);
});

async function answer(line: string, output: object) {
  const { status, headers, body, stream } = encodeOutput(await identify(request(line), contracts), output, 'r-1');
  return { status, headers, body: body.toString(), stream };
}

test('outputs: roots, headers, unwrapped texts and bytes', async () => {
  const ids = { 'x-amz-request-id': 'r-1', 'x-amz-id-2': 'ci0x' };
  assert.deepEqual(await answer('DELETE /b/k', {}), { status: 204, headers: ids, body: '', stream: undefined });
  const xmlns = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const location = await answer('GET /b?location', { LocationConstraint: 'eu-central-1' });
  assert.equal(location.body, `${head}<LocationConstraint ${xmlns}>eu-central-1</LocationConstraint>`);
  assert.equal((await answer('GET /b?location', {})).body, `${head}<LocationConstraint ${xmlns}/>`);
  const list = await answer('GET /b?list-type=2', { Name: 'b', Contents: [{ Key: 'a' }, { Key: '<' }] });
  assert.match(list.body, /<ListBucketResult xmlns="[^"]+"><Contents><Key>a<\/Key><\/Contents><Contents><Key>&lt;</);
  const Grants = [{ Grantee: { Type: 'CanonicalUser', ID: '1' }, Permission: 'FULL_CONTROL' }];
  assert.match(
    (await answer('GET /b?acl', { Grants })).body,
    /<Grantee xmlns:xsi="http:\/\/www.w3.org\/2001\/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1<\/ID><\/Grantee>/,
  );
  assert.deepEqual(await answer('GET /b?policy', { Policy: '{}' }), {
    status: 200,
    headers: { ...ids, 'content-type': 'application/json' },
    body: '{}',
    stream: undefined,
  });
  const LastModified = new Date(Date.UTC(2026, 0, 1, 1, 2, 3, 4));
  const stream = Readable.from(['x']);
  const part = {
    Body: stream,
    ContentRange: 'bytes 0-0/2',
    LastModified,
    Metadata: { a: 'ö\u{1f600}\n' },
    ETag: '"x"',
  };
  assert.deepEqual(await answer('GET /b/k', part), {
    status: 206,
    headers: {
      ...ids,
      'Content-Range': 'bytes 0-0/2',
      'Last-Modified': 'Thu, 01 Jan 2026 01:02:03 GMT',
      'x-amz-meta-a': Buffer.from('ö\u{1f600}').toString('latin1'),
      ETag: '"x"',
    },
    body: '',
    stream,
  });
});

test('errors have no wrapper, and 304 has no body', async () => {
  const get = await identify(request('GET /b/k'), contracts);
  const refused = encodeError(get, new ServiceError('NoSuchKey', 'None', { members: { Key: 'k' } }), 'r-1');
  assert.equal(refused.status, 404);
  assert.equal(
    refused.body.toString(),
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>None</Message><Key>k</Key>' +
      '<Resource>/b/k</Resource><RequestId>r-1</RequestId><HostId>ci0x</HostId></Error>',
  );
  const same = new ServiceError('NotModified', '', { httpStatus: 304, members: { ETag: '"x"' } });
  assert.deepEqual(encodeError(get, same, 'r-1'), {
    status: 304,
    headers: { 'x-amz-request-id': 'r-1', 'x-amz-id-2': 'ci0x', ETag: '"x"' },
    body: Buffer.from(''),
  });
  const denied = encodeError(get, new ServiceError('AccessDeniedException', 'no'), 'r-1');
  assert.match(`${denied.status} ${denied.body.toString()}`, /^403 .*[^]<Error><Code>AccessDenied</);
  const broken = encodeError(get, new ServiceError('InternalFailure', 'oh', { httpStatus: 500 }), 'r-1');
  assert.match(`${broken.status} ${broken.body.toString()}`, /^500 .*[^]<Error><Code>InternalError</);
  const early = await identify(request('POST /b/k'), contracts).catch((error) => encodeError(undefined, error, 'r-1'));
  assert.match(String((early as { body: Buffer }).body), /<Error><Code>MethodNotAllowed</);
});
