import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { ListClustersCommand } from '@aws-sdk/client-ecs';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { CALLEES } from '../harness/callees.ts';
import type { Callee, Expected, Reason, SdkConfig } from '../harness/callees.ts';
import { keptFiles } from '../harness/kept-files.ts';
import { Longshore } from '../harness/longshore.ts';
import { run } from '../harness/run.ts';
import { FORM_HEADERS, jsonCall, presigned, send, signed, unsigned } from '../harness/wire.ts';
import type { SignedBy, WireAnswer } from '../harness/wire.ts';

/*
 * Nobody comes in without a key of this server, and each service says so in its own protocol's words. Every refused
 * call would have made something.
 */

const MINUTE_MS = 60_000;
const [ofEcs] = CALLEES as readonly [Callee, ...Callee[]];

let server: Longshore;
let right: SignedBy;
let wrongSecret: SignedBy;
let unknownKey: SignedBy;

before(async () => {
  server = await Longshore.start();
  const { endpoint } = server;
  const credentials = await server.credentials();
  right = { endpoint, credentials };
  wrongSecret = { endpoint, credentials: { ...credentials, secretAccessKey: 'x'.repeat(40) } };
  unknownKey = { endpoint, credentials: { ...credentials, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } };
});

after(() => server?.remove());

/** The code and message in an error body of any protocol. */
function readError(answer: WireAnswer): { code: string; message: string } {
  if (answer.body.startsWith('{')) {
    const { __type: code, message, Message } = JSON.parse(answer.body);
    return { code, message: message ?? Message };
  }
  const of = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1] ?? '';
  return { code: of('Code'), message: of('Message') };
}

function assertRefused(answer: WireAnswer, [code, status, message]: Expected, what: string): void {
  const error = readError(answer);
  assert.equal(error.code, code, `${what}: ${answer.body}`);
  assert.equal(answer.status, status, what);
  assert.match(error.message, message, what);
  const requestId = answer.headers['x-amzn-requestid'] ?? answer.headers['x-amz-request-id'];
  assert.match(String(requestId), /^(?:[0-9a-f-]{36}|[0-9A-Z]{16})$/, what);
}

async function refusalBySdk(callee: Callee, by: SignedBy, config: Partial<SdkConfig> = {}): Promise<string> {
  const { endpoint, credentials } = by;
  try {
    await callee.sdk({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1, ...config });
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.name;
  }
  return 'accepted';
}

for (const callee of CALLEES) {
  test(`${callee.name}: refused on the wire, in its own words`, async () => {
    const { call, answers } = callee;
    const at = new Date(Date.now() - 20 * MINUTE_MS);
    const [good, badSecret, strange, old] = await Promise.all([
      signed(call, right),
      signed(call, wrongSecret),
      signed(call, unknownKey),
      signed(call, { ...right, at }),
    ]);
    const changed = { ...good, body: good.body.replace('refused', 'refuseD') };
    assert.notEqual(changed.body, good.body);
    const sent = async (reason: Reason, request: typeof good) =>
      assertRefused(await send(server.endpoint, request), answers[reason], `${callee.name} ${reason}`);
    await Promise.all([
      sent('wrongSecret', badSecret),
      sent('unknownKey', strange),
      sent('expired', old),
      sent('tampered', changed),
      sent('unsigned', unsigned(call)),
    ]);
  });

  test(`${callee.name}: the SDK knows the errors`, async () => {
    const { answers } = callee;
    const name = (reason: Reason) => answers[reason][0];
    const slow = { systemClockOffset: -20 * MINUTE_MS };
    assert.equal(await refusalBySdk(callee, wrongSecret), name('wrongSecret'));
    assert.equal(await refusalBySdk(callee, unknownKey), name('unknownKey'));
    assert.equal(await refusalBySdk(callee, right, slow), name('expired'));
    const fast = await refusalBySdk(callee, right, { systemClockOffset: 20 * MINUTE_MS });
    assert.equal(fast, name('expired'), 'a clock that is fast');
  });
}

test('the aws CLI shows the codes', async () => {
  const calls = CALLEES.flatMap((callee) => [
    { callee, reason: 'wrongSecret' as const, env: { AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) } },
    { callee, reason: 'unknownKey' as const, env: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' } },
  ]);
  await Promise.all(
    calls.map(async ({ callee, reason, env }) => {
      const ran = await server.aws(callee.cli, env);
      const [code, , message] = callee.answers[reason];
      assert.notEqual(ran.code, 0);
      assert.match(ran.stderr, new RegExp(`An error occurred \\(${code}\\) when calling the \\w+ operation`));
      assert.match(ran.stderr, message);
    }),
  );
});

test('nothing was done by the calls that were refused', async () => {
  const { ecs, elbv2, ec2, route53, cloudtrail, iam, s3 } = await server.clients();
  assert.deepEqual((await iam.send(new ListUsersCommand({}))).Users, []);
  assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  assert.deepEqual((await cloudtrail.send(new DescribeTrailsCommand({}))).trailList, []);
  assert.deepEqual((await ecs.send(new ListClustersCommand({}))).clusterArns, []);
  assert.deepEqual((await elbv2.send(new DescribeTargetGroupsCommand({}))).TargetGroups, []);
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  assert.deepEqual(
    SecurityGroups.map((group) => group.GroupName),
    ['default'],
  );
  assert.deepEqual((await route53.send(new ListHostedZonesCommand({}))).HostedZones, []);
});

test('a client whose clock was wrong sets it by the refusal', async () => {
  for (const minutes of [-20, 20]) {
    const client = new STSClient({ ...right, region: 'us-east-1', systemClockOffset: minutes * MINUTE_MS });
    await assert.rejects(client.send(new GetCallerIdentityCommand({})), { name: 'SignatureDoesNotMatch' });
    assert.equal((await client.send(new GetCallerIdentityCommand({}))).Account, '123456789012');
  }
});

test('a signature holds for its own service and for the headers that name the call', async () => {
  const call = jsonCall('ecs', 'AmazonEC2ContainerServiceV20141113.ListClusters', '{}');
  const { tampered } = ofEcs.answers;
  const forAnother = await send(server.endpoint, await signed({ ...call, signingName: 'ecr' }, right));
  assertRefused(forAnother, ['InvalidSignatureException', 400, /scoped to correct service: 'ecs'/], 'another service');
  const request = await signed(call, right);
  assert.equal((await send(server.endpoint, request)).status, 200);
  const target = 'AmazonEC2ContainerServiceV20141113.DeleteCluster';
  const turned = await send(server.endpoint, { ...request, headers: { ...request.headers, 'x-amz-target': target } });
  assertRefused(turned, tampered, 'another operation');
  const moved = await send(server.endpoint, { ...request, path: '/?x=1' });
  assertRefused(moved, tampered, 'another query');
  const broken = { ...request.headers, authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/us-east-1, Signature=00' };
  const half = await send(server.endpoint, { ...request, headers: broken });
  assertRefused(half, ['IncompleteSignatureException', 400, /SignedHeaders/], 'half a header');
});

test('a presigned URL works with curl and fetch until it expires', async () => {
  const call = {
    signingName: 'sts',
    method: 'GET',
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
  };
  const url = await presigned(call, right, 60);
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /<Arn>arn:aws:iam::123456789012:root<\/Arn>/);
  const curl = await run('curl', ['--silent', '--show-error', '--max-time', '20', url]);
  assert.match(curl.stdout, /<Account>123456789012<\/Account>/, curl.stderr);

  const old = await presigned(call, { ...right, at: new Date(Date.now() - 2 * MINUTE_MS) }, 60);
  const late = await fetch(old);
  assert.equal(late.status, 403);
  assert.match(await late.text(), /<Code>SignatureDoesNotMatch<\/Code>.*Signature expired/s);
  const longer = await fetch(old.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'));
  assert.equal(longer.status, 403, 'its life is under the signature');
  const another = await fetch(url.replace('GetCallerIdentity', 'GetSessionToken'));
  assert.equal(another.status, 403, 'its action is under the signature');
});

test('secrets stand in credentials.json only, which is for its owner', async () => {
  const { ecr } = await server.clients();
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const token = authorizationData[0]?.authorizationToken ?? '';
  const password = Buffer.from(token, 'base64').toString().replace(/^AWS:/, '');
  assert.ok(password.length > 40);
  // Used both ways, with and without success, so that it had its chances to be written down.
  const login = (credentials: string) =>
    fetch(`${server.endpoint}/v2/`, { headers: { authorization: `Basic ${btoa(credentials)}` } });
  assert.equal((await login(`AWS:${password}`)).status, 200);
  assert.equal((await login(`AWS:${password}x`)).status, 401);
  const asForm = { method: 'POST', headers: FORM_HEADERS, body: `Action=Nothing&Password=${password}` };
  assert.equal((await fetch(server.endpoint, asForm)).status, 400);

  const { secretAccessKey } = await server.credentials();
  const secrets = [secretAccessKey, password, token];
  const holds = (text: string) => secrets.filter((secret) => text.includes(secret));
  assert.deepEqual(holds(server.log), [], 'the log, at level debug');
  const files = await keptFiles(server.home);
  assert.ok(files.some(({ path }) => path === 'credentials.json'));
  for (const { path, bytes } of files) {
    const expected = path === 'credentials.json' ? [secretAccessKey] : [];
    assert.deepEqual(holds(bytes.toString('latin1')), expected, path);
  }
  const modeOf = async (name: string) => (await stat(join(server.home, name))).mode & 0o777;
  assert.equal(await modeOf('credentials.json'), 0o600);
  assert.equal(await modeOf('master.key'), 0o600);
  assert.equal(await modeOf('ca.key'), 0o600);
  assert.equal(await modeOf('.'), 0o700);
});
