import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../kernel/errors.ts';
import { Contracts, type WireService } from './contracts.ts';
import { encodeOutput } from './encode.ts';
import { encodeError } from './errors.ts';
import type { Identified } from './identified.ts';
import { RequestError } from './request-error.ts';

const contracts = new Contracts();

async function callee(service: WireService, name: string): Promise<Identified> {
  const contract = await contracts.get(service);
  const operation = contract.operations.get(name);
  assert.ok(operation, name);
  return { service, contract, operation, protocol: contract.protocol };
}

async function body(service: WireService, name: string, output: object): Promise<string> {
  return encodeOutput(await callee(service, name), output, 'r-1').body.toString();
}

test('awsJson: epoch seconds, empty lists kept, undefined and unknown members left out', async () => {
  const output = {
    cluster: { clusterName: 'c', status: undefined, tags: [], secret: 1 },
  };
  assert.equal(await body('ecs', 'CreateCluster', output), '{"cluster":{"clusterName":"c","tags":[]}}');
  const certificate = { CertificateArn: 'arn', CreatedAt: new Date(1_767_225_600_250) };
  assert.equal(
    await body('acm', 'DescribeCertificate', { Certificate: certificate }),
    '{"Certificate":{"CertificateArn":"arn","CreatedAt":1767225600.25}}',
  );
  assert.deepEqual(encodeOutput(await callee('logs', 'CreateLogGroup'), {}, 'r-1'), {
    status: 200,
    headers: { 'x-amzn-RequestId': 'r-1', 'content-type': 'application/x-amz-json-1.1' },
    body: Buffer.from(''),
  });
  const older = { ...(await callee('ecs', 'CreateCluster')), protocol: 'awsJson1_0' } as const;
  assert.equal(encodeOutput(older, {}, 'r-1').headers['content-type'], 'application/x-amz-json-1.0');
});

test('awsQuery: result and metadata under the service’s namespace', async () => {
  const xmlns = 'xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"';
  assert.equal(
    await body('elbv2', 'DescribeTargetGroups', { TargetGroups: [{ TargetGroupName: 'a&b', Port: 80 }] }),
    `<DescribeTargetGroupsResponse ${xmlns}><DescribeTargetGroupsResult><TargetGroups><member>` +
      '<TargetGroupName>a&amp;b</TargetGroupName><Port>80</Port></member></TargetGroups></DescribeTargetGroupsResult>' +
      '<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DescribeTargetGroupsResponse>',
  );
  assert.match(await body('elbv2', 'DeleteListener', {}), /<DeleteListenerResult\/>/);
  assert.match(await body('elbv2', 'DescribeTargetGroups', { TargetGroups: [] }), /<TargetGroups\/>/);
});

test('ec2Query: request id first, items, milliseconds, and `return` where there is no output', async () => {
  const { headers, body: bytes } = encodeOutput(
    await callee('ec2', 'DescribeNatGateways'),
    { NatGateways: [{ NatGatewayId: 'nat-1', CreateTime: new Date('2026-01-01T00:00:00Z'), Tags: [] }] },
    'r-1',
  );
  assert.deepEqual(headers, { 'x-amzn-requestid': 'r-1', 'content-type': 'text/xml;charset=UTF-8' });
  assert.equal(
    bytes.toString(),
    '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeNatGatewaysResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' +
      '<requestId>r-1</requestId><natGatewaySet><item><createTime>2026-01-01T00:00:00.000Z</createTime>' +
      '<natGatewayId>nat-1</natGatewayId><tagSet/></item></natGatewaySet></DescribeNatGatewaysResponse>',
  );
  assert.match(await body('ec2', 'DeleteSubnet', {}), /<requestId>r-1<\/requestId><return>true<\/return>/);
});

test('restXml: the model’s status, headers and root', async () => {
  const answer = encodeOutput(
    await callee('route53', 'CreateHostedZone'),
    { Location: 'https://route53/zone', HostedZone: { Id: '/hostedzone/Z1', Name: 'a.', CallerReference: 'c' } },
    'r-1',
  );
  assert.equal(answer.status, 201);
  assert.equal(answer.headers['Location'], 'https://route53/zone');
  assert.equal(
    answer.body.toString(),
    '<?xml version="1.0" encoding="UTF-8"?>\n<CreateHostedZoneResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">' +
      '<HostedZone><Id>/hostedzone/Z1</Id><Name>a.</Name><CallerReference>c</CallerReference></HostedZone></CreateHostedZoneResponse>',
  );
});

test('XML cannot hold control characters and lone surrogates', async () => {
  const name = 'a\u0000b\u001bc\td\re\ud800f\u{1f600}g\uffff';
  const text = await body('elbv2', 'DescribeTargetGroups', { TargetGroups: [{ TargetGroupName: name }] });
  assert.match(text, /<TargetGroupName>abc\td&#xD;ef\u{1f600}g<\/TargetGroupName>/u);
});

async function failure(service: WireService, name: string, error: ServiceError) {
  const { status, body: bytes } = encodeError(await callee(service, name), error, 'r-1');
  return [status, bytes.toString()];
}

test('errors: JSON services name the shape and answer 400 or 500', async () => {
  assert.deepEqual(
    await failure('ecs', 'CreateService', new ServiceError('ClusterNotFoundException', 'Cluster not found.')),
    [400, '{"__type":"ClusterNotFoundException","message":"Cluster not found."}'],
  );
  assert.deepEqual(await failure('ecs', 'CreateService', new ServiceError('ServerException', 'Oh.')), [
    500,
    '{"__type":"ServerException","message":"Oh."}',
  ]);
  const conflict = new ServiceError('ConflictException', 'In use', { members: { resourceIds: ['a'], tea: 1 } });
  assert.deepEqual(await failure('ecs', 'CreateService', conflict), [
    400,
    '{"__type":"ConflictException","resourceIds":["a"],"message":"In use"}',
  ]);
});

test('errors: query services use the wire code and the model’s status', async () => {
  const [status, text] = await failure('elbv2', 'CreateRule', new ServiceError('TargetGroupNotFoundException', 'None'));
  assert.equal(status, 400);
  assert.equal(
    text,
    '<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error><Type>Sender</Type>' +
      '<Code>TargetGroupNotFound</Code><Message>None</Message></Error><RequestId>r-1</RequestId></ErrorResponse>',
  );
  const [insufficient] = await failure('elbv2', 'CreateRule', new ServiceError('InsufficientCapacityException', 'x'));
  assert.equal(insufficient, 500);
});

test('errors: EC2 and Route 53', async () => {
  assert.deepEqual(
    await failure('ec2', 'CreateSubnet', new ServiceError('InvalidVpcID.NotFound', "The vpc ID 'v' does not exist")),
    [
      400,
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>' +
        "<Message>The vpc ID 'v' does not exist</Message></Error></Errors><RequestID>r-1</RequestID></Response>",
    ],
  );
  const [status, text] = await failure('route53', 'GetHostedZone', new ServiceError('NoSuchHostedZone', 'None'));
  assert.equal(status, 404);
  assert.match(String(text), /<Type>Sender<\/Type><Code>NoSuchHostedZone<\/Code><Message>None<\/Message>/);
});

test('errors: what every service has, in each protocol’s words', async () => {
  const denied = new ServiceError('AccessDeniedException', 'no');
  const broken = new ServiceError('InternalFailure', 'oh', { httpStatus: 500 });
  assert.match(String(await failure('ecs', 'CreateService', denied)), /^400,\{"__type":"AccessDeniedException"/);
  assert.match(String(await failure('sts', 'AssumeRole', denied)), /^403,.*<Code>AccessDenied</);
  assert.match(String(await failure('ec2', 'CreateSubnet', denied)), /^403,[^]*<Code>UnauthorizedOperation</);
  assert.match(String(await failure('ec2', 'CreateSubnet', broken)), /^500,[^]*<Code>InternalError</);
  assert.match(
    String(await failure('elbv2', 'CreateRule', broken)),
    /^500,.*<Type>Receiver<\/Type><Code>InternalFailure</,
  );
});

function text(error: ServiceError): string {
  return encodeError(undefined, error, 'r-1', 'restXml').body.toString();
}

test('errors: before the operation is known, the request’s own protocol is spoken', () => {
  assert.match(text(new RequestError('InvalidAction', 'x', { protocol: 'ec2Query' })), /<Response><Errors>/);
  assert.match(
    text(new RequestError('InvalidAction', 'x', { protocol: 'awsQuery', service: 'sts' })),
    /xmlns="https:\/\/sts/,
  );
  assert.match(text(new ServiceError('InternalFailure', 'x')), /<ErrorResponse><Error>/);
  assert.equal(
    encodeError(undefined, new ServiceError('X', 'y'), 'r-1').body.toString(),
    '{"__type":"X","message":"y"}',
  );
});
