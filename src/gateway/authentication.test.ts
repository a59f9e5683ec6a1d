import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireService } from '../wire/contracts.ts';
import type { RawRequest } from '../wire/raw-request.ts';
import { EXAMPLE_KEY } from '../wire/testing.ts';
import { roleSession } from '../identity/role-session.ts';
import { allowed } from './testing-directory.ts';
import { permissiveAuthentication } from './authentication.ts';
import { ACCOUNT, SESSIONS, openTestGateway, refusal } from './testing.ts';

/** One service of each protocol, and a call of it. */
const CALLS: readonly (readonly [WireService, string, object])[] = [
  ['ecs', 'ListClusters', {}],
  ['sts', 'GetCallerIdentity', {}],
  ['ec2', 'DescribeVpcs', {}],
  ['route53', 'ListHostedZones', {}],
];

/** What each service answers, in the order of CALLS. */
async function refusals(config: object, onWire?: (request: RawRequest) => RawRequest, lateMs = 0): Promise<string[]> {
  const now = Date.now() + lateMs;
  const test = openTestGateway({ clock: { now: () => now, after: () => () => {} } });
  const answers: string[] = [];
  for (const [service, operation, input] of CALLS) {
    const client = await test.client(service, config, onWire);
    answers.push((await refusal(client.send(operation, input))).replace(/:.*/s, ''));
  }
  await test.close();
  return answers;
}

const without = (request: RawRequest, name: string): RawRequest => ({
  ...request,
  headers: request.headers.filter(([key]) => key.toLowerCase() !== name),
});

test('a request without a signature', async () => {
  assert.deepEqual(await refusals({}, (request) => without(request, 'authorization')), [
    '400 MissingAuthenticationTokenException',
    '403 MissingAuthenticationToken',
    '401 AuthFailure',
    '403 MissingAuthenticationToken',
  ]);
});

test('a wrong secret', async () => {
  const credentials = { ...EXAMPLE_KEY, secretAccessKey: 'another' };
  assert.deepEqual(await refusals({ credentials }), [
    '400 InvalidSignatureException',
    '403 SignatureDoesNotMatch',
    '401 AuthFailure',
    '403 SignatureDoesNotMatch',
  ]);
});

test('an unknown key, or a session token that was not given out', async () => {
  const unknown = [
    '400 UnrecognizedClientException',
    '403 InvalidClientTokenId',
    '401 AuthFailure',
    '403 InvalidClientTokenId',
  ];
  assert.deepEqual(await refusals({ credentials: { ...EXAMPLE_KEY, accessKeyId: 'AKIAOTHER' } }), unknown);
  assert.deepEqual(await refusals({ credentials: { ...EXAMPLE_KEY, sessionToken: 'made up' } }), unknown);
});

test('a request that was changed on its way', async () => {
  const differs = [
    '400 InvalidSignatureException',
    '403 SignatureDoesNotMatch',
    '401 AuthFailure',
    '403 SignatureDoesNotMatch',
  ];
  const append = (text: string) => (request: RawRequest) => ({
    ...request,
    body: Buffer.concat([request.body, Buffer.from(text)]),
  });
  assert.deepEqual(await refusals({}, append('&MaxResults=1')), differs);
  const inUrl = await refusals({}, (request) => ({ ...request, rawUrl: `${request.rawUrl}?maxitems=1` }));
  assert.deepEqual([inUrl[0], inUrl[3]], [differs[0], differs[3]]);
});

test('a request that was signed too long ago, or too early', async () => {
  const expired = [
    '400 InvalidSignatureException',
    '403 SignatureDoesNotMatch',
    '400 RequestExpired',
    '403 SignatureDoesNotMatch',
  ];
  assert.deepEqual(await refusals({}, undefined, 20 * 60_000), expired);
  assert.deepEqual(await refusals({}, undefined, -20 * 60_000), expired);
});

test('a signature for one service is none for another', async () => {
  const test = openTestGateway();
  const stolen: RawRequest[] = [];
  const ecs = await test.client('ecs', {}, (request) => {
    stolen.push(request);
    return request;
  });
  await ecs.send('ListClusters', {});
  const [request] = stolen;
  assert.ok(request);
  const target = ['x-amz-target', 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories'] as const;
  const answer = await test.answer({
    ...without(request, 'x-amz-target'),
    headers: [...without(request, 'x-amz-target').headers, target],
  });
  assert.match(answer.body.toString(), /InvalidSignatureException.*correct service: 'ecr'/);
  await test.close();
});

test('a right signature says who calls, and in which region', async () => {
  const test = openTestGateway();
  const identity = { UserId: ACCOUNT, Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root` };
  assert.deepEqual(await (await test.client('sts')).send('GetCallerIdentity', {}), identity);
  for (const region of ['eu-west-1', 'us-gov-east-1']) {
    const ecs = await test.client('ecs', { region });
    const { cluster }: any = await ecs.send('CreateCluster', { clusterName: 'mine' });
    assert.equal(cluster.clusterArn, `arn:aws:ecs:${region}:${ACCOUNT}:cluster/mine`);
    assert.deepEqual(await ecs.send('ListClusters', {}), { clusterArns: [cluster.clusterArn] });
  }
  await test.close();
});

test('a session is its role, until it ends', async () => {
  const role = { arn: `arn:aws:iam::${ACCOUNT}:role/app`, id: 'AROAEXAMPLE', account: ACCOUNT, name: 'app' };
  const session = (expiresAtMs: number) => roleSession(role, { sessionName: 'task1', issuedAtMs: 0, expiresAtMs });
  const credentials = SESSIONS.issue(session(Date.now() + 60_000));
  const test = openTestGateway();
  test.directory.policies.set(role.arn, allowed());
  const { Arn: arn }: any = await (await test.client('sts', { credentials })).send('GetCallerIdentity', {});
  assert.equal(arn, `arn:aws:sts::${ACCOUNT}:assumed-role/app/task1`);
  const denied = await refusal((await test.client('ecs', { credentials })).send('ListClusters', {}));
  assert.match(denied, /^400 AccessDeniedException: User: .*task1 is not authorized to perform: ecs:ListClusters/);
  const ended = SESSIONS.issue(session(1));
  const late = await refusal((await test.client('ecs', { credentials: ended })).send('ListClusters', {}));
  assert.equal(late, '400 ExpiredTokenException: The security token included in the request is expired');
  test.directory.policies.delete(role.arn);
  const gone = await refusal((await test.client('ecs', { credentials })).send('ListClusters', {}));
  assert.match(gone, /^400 UnrecognizedClientException/);
  await test.close();
});

test('permissive: any key is root, and no key at all', async () => {
  const test = openTestGateway({ authenticate: permissiveAuthentication(ACCOUNT, 'us-east-1') });
  const identity = { UserId: ACCOUNT, Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root` };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: 'test' };
  const signed = await test.client('ecs', { credentials, region: 'ap-south-1' });
  const { cluster }: any = await signed.send('CreateCluster', {});
  assert.equal(cluster.clusterArn, `arn:aws:ecs:ap-south-1:${ACCOUNT}:cluster/default`);
  const unsigned = await test.client('sts', {}, (request) => without(request, 'authorization'));
  assert.deepEqual(await unsigned.send('GetCallerIdentity', {}), identity);
  await test.close();
});
