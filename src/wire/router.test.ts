import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Contracts } from './contracts.ts';
import type { RawRequest } from './raw-request.ts';
import { RequestError } from './request-error.ts';
import { identify } from './router.ts';

const contracts = new Contracts();
const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

function request(
  parts: Partial<Omit<RawRequest, 'headers' | 'body'>> & { headers?: object; body?: string },
): RawRequest {
  const { headers = {}, body = '', ...rest } = parts;
  return { method: 'POST', rawUrl: '/', ...rest, headers: Object.entries(headers), body: Buffer.from(body) };
}

function signedFor(signingName: string): { authorization: string } {
  const credential = `AKIDEXAMPLE/20260101/eu-central-1/${signingName}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=00` };
}

function form(body: string, headers: object = {}): RawRequest {
  return request({ headers: { 'Content-Type': FORM, ...headers }, body });
}

async function found(of: RawRequest): Promise<string> {
  const { service, operation, protocol } = await identify(of, contracts);
  return `${protocol} ${service} ${operation.name}`;
}

async function refused(of: RawRequest): Promise<Partial<RequestError>> {
  try {
    await identify(of, contracts);
  } catch (error) {
    assert.ok(error instanceof RequestError);
    const { code, message, httpStatus, protocol, service } = error;
    return { code, message, httpStatus, protocol, service };
  }
  return assert.fail('it was identified');
}

test('JSON: by X-Amz-Target, in the version the client speaks', async () => {
  const target = { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.CreateCluster' };
  const json = (version: string) => ({ ...target, 'Content-Type': `application/x-amz-json-${version}` });
  assert.equal(await found(request({ headers: json('1.1') })), 'awsJson1_1 ecs CreateCluster');
  assert.equal(await found(request({ headers: json('1.0') })), 'awsJson1_0 ecs CreateCluster');
  assert.equal(await found(request({ headers: { ...target, ...signedFor('ecs') } })), 'awsJson1_1 ecs CreateCluster');
});

test('JSON: an unknown target', async () => {
  const ecs = 'AmazonEC2ContainerServiceV20141113.MakeTea';
  assert.deepEqual(await refused(request({ headers: { 'X-Amz-Target': ecs } })), {
    code: 'UnknownOperationException',
    message: `Unknown operation: ${ecs}`,
    httpStatus: 400,
    protocol: 'awsJson1_1',
    service: 'ecs',
  });
  const dynamo = await refused(request({ headers: { 'X-Amz-Target': 'DynamoDB_20120810.GetItem' } }));
  assert.equal(dynamo.code, 'UnknownOperationException');
  assert.equal(dynamo.service, undefined);
});

test('query: by the signature’s scope, or by Version alone, or by host', async () => {
  const sts = 'Action=GetCallerIdentity&Version=2011-06-15';
  assert.equal(await found(form(sts, signedFor('sts'))), 'awsQuery sts GetCallerIdentity');
  assert.equal(await found(form(sts)), 'awsQuery sts GetCallerIdentity');
  assert.equal(await found(form('Action=GetCallerIdentity', signedFor('sts'))), 'awsQuery sts GetCallerIdentity');
  const host = { host: 'sts.eu-central-1.amazonaws.com' };
  assert.equal(await found(form('Action=GetCallerIdentity', host)), 'awsQuery sts GetCallerIdentity');
  assert.equal(await found(form('Action=DescribeVpcs&Version=2016-11-15')), 'ec2Query ec2 DescribeVpcs');
  const elb = form('Action=DescribeLoadBalancers&Version=2015-12-01', signedFor('elasticloadbalancing'));
  assert.equal(await found(elb), 'awsQuery elbv2 DescribeLoadBalancers');
});

test('query: a presigned GET', async () => {
  const rawUrl =
    '/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=AKIDEXAMPLE%2F20260101%2Feu-central-1%2Fsts%2Faws4_request';
  const identified = await identify(request({ method: 'GET', rawUrl }), contracts);
  assert.equal(identified.operation.name, 'GetCallerIdentity');
  assert.equal(identified.form?.get('Version'), '2011-06-15');
});

test('query: an unknown action, in the words of the service', async () => {
  const elb = form('Action=DescribeLoadBalancers&Version=2012-06-01', signedFor('elasticloadbalancing'));
  assert.partialDeepStrictEqual(await refused(elb), {
    code: 'InvalidAction',
    message: 'Could not find operation DescribeLoadBalancers for version 2012-06-01',
    httpStatus: 400,
    protocol: 'awsQuery',
  });
  assert.partialDeepStrictEqual(await refused(form('Action=MakeTea&Version=2016-11-15')), {
    code: 'InvalidAction',
    message: 'The action MakeTea is not valid for this web service.',
    protocol: 'ec2Query',
    service: 'ec2',
  });
  assert.partialDeepStrictEqual(await refused(form('Action=DescribeVpcs&Version=2099-01-01', signedFor('ec2'))), {
    code: 'NoSuchVersion',
    message: 'The requested version (2099-01-01) of service AmazonEC2 does not exist',
  });
  assert.equal((await refused(form('Version=2011-06-15', signedFor('sts')))).code, 'MissingAction');
  const stolen = form('Action=DescribeVpcs&Version=2016-11-15', signedFor('sts'));
  assert.equal((await refused(stolen)).code, 'InvalidAction', 'the scope says which service is meant');
});

test('a service that is not built is named, in the protocol it would speak', async () => {
  const expect = (signingName: string, protocol: string) => ({
    code: 'NotSupported',
    message: `Longshore does not support the service ${signingName} yet.`,
    httpStatus: 501,
    protocol,
    service: undefined,
  });
  const sns = form('Action=ListTopics&Version=2010-03-31', signedFor('sns'));
  assert.deepEqual(await refused(sns), expect('sns', 'awsQuery'));
  const dynamo = { 'X-Amz-Target': 'DynamoDB_20120810.GetItem', 'Content-Type': 'application/x-amz-json-1.0' };
  const item = request({ headers: { ...dynamo, ...signedFor('dynamodb') } });
  assert.deepEqual(await refused(item), expect('dynamodb', 'awsJson1_0'));
  const rest = (signingName: string, rawUrl: string) =>
    refused(request({ method: 'GET', rawUrl, headers: signedFor(signingName) }));
  assert.deepEqual(await rest('cloudfront', '/2020-05-31/distribution'), expect('cloudfront', 'restXml'));
  assert.deepEqual(await rest('lambda', '/2015-03-31/functions/'), expect('lambda', 'awsJson1_1'));
  const wrongTarget = request({ headers: { 'X-Amz-Target': 'DynamoDB_20120810.GetItem', ...signedFor('ecs') } });
  assert.equal((await refused(wrongTarget)).code, 'UnknownOperationException', 'the service of the scope is here');
});

test('query: a broken escape is refused', async () => {
  assert.partialDeepStrictEqual(await refused(form('Action=DescribeVpcs&Filter.1.Name=%zz', signedFor('ec2'))), {
    code: 'MalformedQueryString',
    httpStatus: 400,
    protocol: 'ec2Query',
  });
});

function at(method: string, rawUrl: string): Promise<string> {
  return found(request({ method, rawUrl }));
}

test('REST: by method and path, literal segments first, with or without a trailing slash', async () => {
  assert.equal(await at('GET', '/2013-04-01/hostedzone'), 'restXml route53 ListHostedZones');
  assert.equal(await at('GET', '/2013-04-01/hostedzone/'), 'restXml route53 ListHostedZones');
  assert.equal(await at('GET', '/2013-04-01/hostedzone/Z1'), 'restXml route53 GetHostedZone');
  assert.equal(await at('GET', '/2013-04-01/hostedzonecount'), 'restXml route53 GetHostedZoneCount');
  assert.equal(await at('POST', '/2013-04-01/hostedzone/Z1/rrset/'), 'restXml route53 ChangeResourceRecordSets');
  assert.equal(
    await at('GET', '/2013-04-01/trafficpolicyinstances/hostedzone?id=Z1'),
    'restXml route53 ListTrafficPolicyInstancesByHostedZone',
  );
  assert.equal(await at('GET', '/2013-04-01/hostedzonesbyvpc'), 'restXml route53 ListHostedZonesByVPC');
});

test('REST: labels are decoded', async () => {
  const identified = await identify(request({ method: 'GET', rawUrl: '/2013-04-01/change/C%2F1%20x' }), contracts);
  assert.deepEqual([...(identified.labels ?? [])], [['Id', 'C/1 x']]);
  const broken = request({ method: 'GET', rawUrl: '/2013-04-01/change/C%ZZ' });
  assert.partialDeepStrictEqual(await refused(broken), { code: 'InvalidInput', httpStatus: 400, protocol: 'restXml' });
});

test('REST: an unknown path', async () => {
  assert.deepEqual(
    await refused(request({ method: 'PUT', rawUrl: '/2013-04-01/tea', headers: signedFor('route53') })),
    {
      code: 'UnknownOperationException',
      message: 'Unknown operation: PUT /2013-04-01/tea',
      httpStatus: 404,
      protocol: 'restXml',
      service: 'route53',
    },
  );
  assert.partialDeepStrictEqual(await refused(request({ method: 'GET', rawUrl: '/favicon.ico' })), {
    httpStatus: 404,
    protocol: undefined,
  });
});
