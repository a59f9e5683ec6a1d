import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BUILT } from '../harness/built.ts';
import { Longshore } from '../harness/longshore.ts';
import { everyOperation } from '../harness/operations.ts';
import type { OperationOnTheWire } from '../harness/operations.ts';
import { run } from '../harness/run.ts';
import { FORM_HEADERS, formCall, jsonCall, send, signed } from '../harness/wire.ts';
import type { SignedBy, UnsignedCall, WireAnswer } from '../harness/wire.ts';

/*
 * What holds for every call, whatever it does: nothing is made up, nothing crashes, and what cannot be read is refused
 * in the protocol's own words.
 */

let server: Longshore;
let by: SignedBy;
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

before(async () => {
  server = await Longshore.start();
  by = { endpoint: server.endpoint, credentials: await server.credentials() };
});

after(async () => {
  agent.destroy();
  await server?.remove();
});

async function call(unsigned: UnsignedCall): Promise<WireAnswer> {
  return send(server.endpoint, await signed(unsigned, by), agent);
}

/** `400 ValidationError: message`, whatever the protocol. */
function errorOf({ status, body }: WireAnswer): string {
  if (body.startsWith('{')) {
    const { __type: code, message, Message } = JSON.parse(body);
    return `${status} ${code}: ${message ?? Message}`;
  }
  const of = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
  return `${status} ${of('Code')}: ${of('Message')}`;
}

function isBuilt({ service, name }: OperationOnTheWire): boolean {
  return Object.hasOwn(BUILT[service].operations, name);
}

test('every operation of AWS that is not built says so, by name', async () => {
  const operations = (await everyOperation()).filter((operation) => !isBuilt(operation));
  assert.ok(operations.length > 900, `only ${operations.length} operations were found`);
  const answers = await Promise.all(
    operations.map(async ({ service, name, bare }) => [`${service}:${name}`, errorOf(await call(bare))] as const),
  );
  const wrong = answers.filter(([name, said]) => said !== `501 NotSupported: Longshore does not support ${name} yet.`);
  assert.deepEqual(wrong, []);
});

test('every operation that is built stands a call with nothing in it', async () => {
  const operations = (await everyOperation()).filter(isBuilt);
  const { s3: _, ...others } = BUILT;
  const count = Object.values(others).reduce((sum, service) => sum + Object.keys(service.operations).length, 0);
  assert.equal(operations.length, count, 'the SDK knows every operation that is built');
  const answers = await Promise.all(
    operations.map(async ({ service, name, bare }) => ({ name: `${service}:${name}`, answer: await call(bare) })),
  );
  const broken = answers
    .filter(({ answer }) => answer.status >= 500 || (answer.status >= 400 && /undefined/.test(errorOf(answer))))
    .map(({ name, answer }) => `${name} ${answer.status} ${answer.body}`);
  assert.deepEqual(broken, []);
});

const ECS = 'AmazonEC2ContainerServiceV20141113';
const ecsCall = (operation: string, body: string) => jsonCall('ecs', `${ECS}.${operation}`, body);
const ec2Call = (parameters: object) => formCall('ec2', { Version: '2016-11-15', ...parameters });
const elbCall = (parameters: object) => formCall('elasticloadbalancing', { Version: '2015-12-01', ...parameters });
const zoneCall = (body: string): UnsignedCall => ({
  signingName: 'route53',
  path: '/2013-04-01/hostedzone',
  headers: { 'content-type': 'application/xml' },
  body,
});
const rawForm = (signingName: string, body: string): UnsignedCall => ({ signingName, headers: FORM_HEADERS, body });

/** What cannot be read, and how each protocol says so. */
const UNREADABLE: readonly (readonly [what: string, call: UnsignedCall, said: RegExp])[] = [
  ['half JSON', ecsCall('CreateCluster', '{"clusterName":'), /^400 SerializationException: /],
  ['JSON that is a list', ecsCall('CreateCluster', '[]'), /^400 SerializationException: /],
  [
    'a number for a text',
    ecsCall('CreateCluster', '{"clusterName":5}'),
    /^400 SerializationException: NUMBER_VALUE can/,
  ],
  ['a text for a number', ecsCall('ListTasks', '{"maxResults":"5"}'), /^400 SerializationException: STRING_VALUE can/],
  ['a list for a text', ecsCall('DeleteCluster', '{"cluster":["a"]}'), /^400 SerializationException: START_ARRAY can/],
  ['nothing for a cluster', ecsCall('DeleteCluster', '{}'), /^400 InvalidParameterException: Cluster can not be blank/],
  ['a target of no operation', ecsCall('MakeTea', '{}'), /^400 UnknownOperationException: /],
  ['a target of no service', jsonCall('ecs', 'Tea_20260101.Make', '{}'), /^400 UnknownOperationException: /],
  [
    'a broken escape',
    rawForm('ec2', 'Action=DescribeVpcs&Version=2016-11-15&VpcId.1=%zz'),
    /^400 MalformedQueryString: /,
  ],
  ['a form without an action', rawForm('sts', 'Version=2011-06-15'), /^400 MissingAction: /],
  ['an action of none', elbCall({ Action: 'MakeTea' }), /^400 InvalidAction: Could not find operation MakeTea/],
  ['EC2, an action of none', ec2Call({ Action: 'MakeTea' }), /^400 InvalidAction: The action MakeTea is not valid for/],
  ['a version of none', ec2Call({ Action: 'DescribeVpcs', Version: '1999-01-01' }), /^400 NoSuchVersion: /],
  [
    'a text for a number in a form',
    elbCall({ Action: 'DescribeTargetGroups', PageSize: 'many' }),
    /^400 MalformedInput: many can not be converted to an Integer/,
  ],
  ['nothing for a name', elbCall({ Action: 'CreateTargetGroup' }), /^400 ValidationError: .*'name'.* must not be null/],
  [
    'EC2, a text for a number',
    ec2Call({ Action: 'DescribeVpcs', MaxResults: 'many' }),
    /^400 InvalidParameterValue: Value \(many\) for parameter MaxResults is invalid/,
  ],
  [
    'EC2, a parameter of none',
    ec2Call({ Action: 'DescribeVpcs', Tea: 'green' }),
    /^400 UnknownParameter: The parameter Tea is not recognized/,
  ],
  [
    'EC2, nothing for a name',
    ec2Call({ Action: 'CreateSecurityGroup' }),
    /^400 MissingParameter: The request must contain the parameter/,
  ],
  ['half XML', zoneCall('<CreateHostedZoneRequest><Name>'), /^400 InvalidInput: /],
  [
    'nothing for a zone',
    zoneCall('<CreateHostedZoneRequest/>'),
    /^400 InvalidInput: 2 validation errors detected: .*'name'/,
  ],
  ['a path of none', { ...zoneCall(''), path: '/2013-04-01/tea' }, /^404 UnknownOperationException: /],
];

test('what cannot be read is refused in the words of its protocol', async () => {
  const answers = await Promise.all(
    UNREADABLE.map(async ([what, unsigned, said]) => ({ what, said, found: errorOf(await call(unsigned)) })),
  );
  for (const { what, said, found } of answers) assert.match(found, said, what);
  const contentType = async (unsigned: UnsignedCall) => (await call(unsigned)).headers['content-type'];
  assert.equal(await contentType(ecsCall('DeleteCluster', '{}')), 'application/x-amz-json-1.1');
  assert.match(String(await contentType(elbCall({ Action: 'MakeTea' }))), /^text\/xml/);
});

test('text of any kind goes in and comes out, in every protocol', async () => {
  const text = `a <b> & "c" 'é' ☕ 1+1 %41`;
  const { status, body } = await call(elbCall({ Action: 'DescribeTargetGroups', 'Names.member.1': text }));
  assert.equal(status, 400);
  assert.match(body, /^<ErrorResponse/);
  const { ecs: client } = await server.clients();
  const { CreateClusterCommand, DescribeClustersCommand } = await import('@aws-sdk/client-ecs');
  const tags = [{ key: 'text', value: 'é 日本 1+1 = 2 @ home' }];
  await client.send(new CreateClusterCommand({ clusterName: 'texts', tags }));
  const found = await client.send(new DescribeClustersCommand({ clusters: ['texts'], include: ['TAGS'] }));
  assert.deepEqual(found.clusters?.[0]?.tags, tags);
  const { ec2: network } = await server.clients();
  const { CreateSecurityGroupCommand, DescribeSecurityGroupsCommand } = await import('@aws-sdk/client-ec2');
  const Tags = [{ Key: 'text', Value: text }];
  const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags }];
  const { GroupId = '' } = await network.send(
    new CreateSecurityGroupCommand({ GroupName: 'texts', Description: 'a & b', TagSpecifications }),
  );
  const groups = await network.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  assert.deepEqual(groups.SecurityGroups?.[0]?.Tags, Tags);
});

test('a body of 20 MB is refused', async () => {
  const file = join(server.home, 'large-body');
  await writeFile(file, Buffer.alloc(20_000_000, 'a'));
  // curl reads the answer while it still sends, as a client must that is to hear of it.
  const args = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}', '--data-binary', `@${file}`];
  const ways = [[], ['--header', 'Expect:'], ['--header', 'Transfer-Encoding: chunked']];
  const codes = await Promise.all(ways.map((way) => run('curl', [...args, ...way, server.endpoint])));
  assert.deepEqual(
    codes.map(({ stdout }) => stdout),
    ['413', '413', '413'],
  );
  const within = ecsCall('DescribeClusters', JSON.stringify({ clusters: ['a'.repeat(1_000_000)] }));
  assert.notEqual((await call(within)).status, 413);
});

test('one connection carries many calls, refusals too', async () => {
  const one = new Agent({ keepAlive: true, maxSockets: 1 });
  let opened = 0;
  const connect = one.createConnection.bind(one);
  one.createConnection = (...args: Parameters<typeof connect>) => {
    opened++;
    return connect(...args);
  };
  try {
    const calls = [ecsCall('ListClusters', '{}'), ecsCall('MakeTea', '{}'), ec2Call({ Action: 'DescribeRegions' })];
    const statuses: number[] = [];
    for (const unsigned of [...calls, ...calls]) {
      const answer = await send(server.endpoint, await signed(unsigned, by), one);
      statuses.push(answer.status);
      assert.equal(answer.headers['connection'], 'keep-alive');
    }
    assert.deepEqual(statuses, [200, 400, 200, 200, 400, 200]);
    assert.equal(opened, 1);
  } finally {
    one.destroy();
  }
});

test('the server’s own paths: health is for all, a reset is not', async () => {
  const own = (method: string, path: string) => fetch(`${server.endpoint}/_longshore/${path}`, { method });
  const health = await server.health();
  assert.equal(health?.['status'], 'ok');
  assert.ok(!JSON.stringify(health).includes((await server.credentials()).secretAccessKey));
  assert.equal((await own('POST', 'reset')).status, 404);
  assert.equal((await own('GET', 'tea')).status, 404);
  const clusters = await call(ecsCall('ListClusters', '{}'));
  assert.match(clusters.body, /cluster\/texts/, 'everything is still there');
});
