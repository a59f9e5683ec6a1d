import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthError } from './auth-errors.ts';
import type { WireService } from './contracts.ts';
import type { Protocol } from './protocol.ts';
import type { RawRequest } from './raw-request.ts';
import { authenticate, type AuthenticateOptions } from './sigv4.ts';
import { EXAMPLE_KEY, openSdkClient } from './testing.ts';

async function findSecret(accessKeyId: string, sessionToken?: string): Promise<string | undefined> {
  const isKnown = accessKeyId === EXAMPLE_KEY.accessKeyId && (sessionToken === undefined || sessionToken === 'token');
  return isKnown ? EXAMPLE_KEY.secretAccessKey : undefined;
}

function check(request: RawRequest, options: Partial<AuthenticateOptions> = {}) {
  return authenticate(request, { now: Date.now(), findSecret, protocol: 'awsJson1_1', ...options });
}

/** The reason, code and status of a refusal. */
async function refusal(request: RawRequest, options: Partial<AuthenticateOptions> = {}): Promise<string> {
  try {
    await check(request, options);
  } catch (error) {
    assert.ok(error instanceof AuthError);
    return `${error.reason} ${error.httpStatus} ${error.code}: ${error.message}`;
  }
  return 'accepted';
}

/** The request that the SDK signs and sends, now. */
async function sdkRequest(service: WireService, operation: string, input: object, config = {}): Promise<RawRequest> {
  const sent: RawRequest[] = [];
  const capture = (request: RawRequest) => {
    sent.push(request);
    return { status: 500, headers: {}, body: Buffer.from('') };
  };
  const client = await openSdkClient(service, capture, config);
  await client.send(operation, input).catch(() => {});
  assert.ok(sent[0]);
  return sent[0];
}

function withHeader(request: RawRequest, name: string, value: string): RawRequest {
  const others = request.headers.filter(([key]) => key.toLowerCase() !== name);
  return { ...request, headers: [...others, [name, value]] };
}

test('AWS’s own example, get-vanilla', async () => {
  const example: RawRequest = {
    method: 'GET',
    rawUrl: '/',
    headers: [
      ['Host', 'example.amazonaws.com'],
      ['X-Amz-Date', '20150830T123600Z'],
      [
        'Authorization',
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
      ],
    ],
    body: Buffer.from(''),
  };
  const now = Date.UTC(2015, 7, 30, 12, 36);
  assert.deepEqual(await check(example, { now }), {
    accessKeyId: 'AKIDEXAMPLE',
    signingName: 'service',
    region: 'us-east-1',
    presigned: false,
  });
});

test('the SDK’s signatures hold, for every way of writing a request', async () => {
  const calls: [WireService, string, object][] = [
    ['ecs', 'CreateCluster', { clusterName: 'é' }],
    ['ec2', 'DescribeVpcs', { VpcIds: ['vpc-1'] }],
    ['elbv2', 'DescribeTargetGroups', { Names: ['a b'] }],
    ['route53', 'ListResourceRecordSets', { HostedZoneId: 'Z 1+(x)/~', StartRecordName: 'a b+c/*é=&' }],
    ['route53', 'ChangeTagsForResource', { ResourceType: 'hostedzone', ResourceId: 'Z1', RemoveTagKeys: ['a'] }],
  ];
  for (const [service, operation, input] of calls) {
    const { region, presigned } = await check(await sdkRequest(service, operation, input));
    assert.deepEqual({ region, presigned }, { region: 'eu-central-1', presigned: false }, operation);
  }
});

test('a session token goes with its key', async () => {
  const credentials = { ...EXAMPLE_KEY, sessionToken: 'token' };
  const signed = await sdkRequest('sts', 'GetCallerIdentity', {}, { credentials });
  assert.equal((await check(signed)).sessionToken, 'token');
  const other = withHeader(signed, 'x-amz-security-token', 'another');
  assert.match(await refusal(other), /^unknown-key 400 UnrecognizedClientException/);
});

test('what was changed after signing is refused', async () => {
  const signed = await sdkRequest('ecs', 'CreateCluster', { clusterName: 'a' });
  const differs = /^bad-signature 400 InvalidSignatureException: The request signature we calculated does not match/;
  assert.match(await refusal({ ...signed, body: Buffer.from('{"clusterName":"b"}') }), differs);
  assert.match(await refusal({ ...signed, rawUrl: '/?a=b' }), differs);
  assert.match(await refusal({ ...signed, method: 'PUT' }), differs);
  assert.match(await refusal(withHeader(signed, 'host', 'elsewhere')), differs);
  assert.match(
    await refusal(withHeader(signed, 'x-amz-target', 'AmazonEC2ContainerServiceV20141113.DeleteCluster')),
    differs,
  );
  const body = Buffer.from('{"clusterName":"b"}');
  assert.match(await refusal({ ...withHeader(signed, 'x-amz-content-sha256', 'UNSIGNED-PAYLOAD'), body }), differs);
  assert.match(await refusal(signed, { findSecret: async () => 'another secret' }), differs);
  assert.equal(await refusal(withHeader(signed, 'user-agent', 'not signed')), 'accepted');
});

test('an unknown key, in the words of each service', async () => {
  const signed = await sdkRequest('ecs', 'CreateCluster', {});
  const as = (protocol: Protocol) => refusal(signed, { protocol, findSecret: async () => undefined });
  const invalid = 'The security token included in the request is invalid.';
  assert.equal(await as('awsJson1_1'), `unknown-key 400 UnrecognizedClientException: ${invalid}`);
  assert.equal(await as('awsQuery'), `unknown-key 403 InvalidClientTokenId: ${invalid}`);
  assert.equal(await as('restXml'), `unknown-key 403 InvalidClientTokenId: ${invalid}`);
  assert.equal(
    await as('ec2Query'),
    'unknown-key 401 AuthFailure: AWS was not able to validate the provided access credentials',
  );
});

test('a signature holds for 15 minutes either way', async () => {
  const signed = await sdkRequest('ecs', 'CreateCluster', {});
  const time = signed.headers.find(([name]) => name === 'x-amz-date')?.[1] ?? '';
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const compact = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const quarter = 15 * 60_000;
  assert.equal(await refusal(signed, { now: at + quarter }), 'accepted');
  assert.equal(await refusal(signed, { now: at - quarter }), 'accepted');
  const late = at + quarter + 1000;
  assert.equal(
    await refusal(signed, { now: late }),
    `expired 400 InvalidSignatureException: Signature expired: ${time} is now earlier than ${compact(at + 1000)} (${compact(late)} - 15 min.)`,
  );
  assert.match(
    await refusal(signed, { now: late, protocol: 'awsQuery' }),
    /^expired 403 SignatureDoesNotMatch: Signature exp/,
  );
  assert.match(
    await refusal(signed, { now: late, protocol: 'ec2Query' }),
    /^expired 400 RequestExpired: Request has exp/,
  );
  const early = at - quarter - 1000;
  assert.equal(
    await refusal(signed, { now: early }),
    `not-yet-current 400 InvalidSignatureException: Signature not yet current: ${time} is still later than ${compact(at - 1000)} (${compact(early)} + 15 min.)`,
  );
});

test('a request without a signature, or with half of one', async () => {
  const bare: RawRequest = { method: 'POST', rawUrl: '/', headers: [['Host', 'x']], body: Buffer.from('') };
  assert.equal(
    await refusal(bare),
    'missing-token 400 MissingAuthenticationTokenException: Missing Authentication Token',
  );
  assert.match(
    await refusal(bare, { protocol: 'awsQuery' }),
    /^missing-token 403 MissingAuthenticationToken: Request is/,
  );
  assert.match(await refusal(bare, { protocol: 'ec2Query' }), /^missing-token 401 AuthFailure: /);
  const half = withHeader(bare, 'authorization', 'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request');
  assert.match(
    await refusal(half, { protocol: 'awsQuery' }),
    /^incomplete-signature 400 IncompleteSignature: Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header\./,
  );
  assert.match(
    await refusal(withHeader(bare, 'authorization', 'Bearer abc')),
    /^incomplete-signature 400 IncompleteSig/,
  );
  const cut = '?X-Amz-Signature=00&X-Amz-Algorithm=AWS4-HMAC-SHA256';
  assert.match(
    await refusal({ ...bare, rawUrl: `/${cut}` }),
    /^incomplete-signature .*must include 'X-Amz-Credential'/,
  );
  assert.match(await refusal({ ...bare, rawUrl: `/${cut}%ZZ` }), /^malformed-query 400 MalformedQueryStringException/);
});

test('a signature for what is no region', async () => {
  const claimed = await sdkRequest('sts', 'GetCallerIdentity', {}, { region: 'EU-WEST-1' });
  assert.equal(
    await refusal(claimed, { protocol: 'awsQuery' }),
    'wrong-scope 403 SignatureDoesNotMatch: Credential should be scoped to a valid region.',
  );
});

test('a signature for another service, and one that leaves out the target', async () => {
  const signed = await sdkRequest('ecs', 'CreateCluster', {});
  assert.equal((await check(signed, { signingName: 'ecs' })).signingName, 'ecs');
  assert.equal(
    await refusal(signed, { signingName: 'ecr' }),
    "wrong-scope 400 InvalidSignatureException: Credential should be scoped to correct service: 'ecr'.",
  );
  const added = withHeader(
    await sdkRequest('sts', 'GetCallerIdentity', {}),
    'x-amz-target',
    'AmazonEC2ContainerServiceV20141113.DeleteCluster',
  );
  assert.match(await refusal(added), /^incomplete-signature .*'x-amz-target' must be a 'SignedHeader'/);
});
