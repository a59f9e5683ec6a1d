import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../kernel/errors.ts';
import { Contracts } from './contracts.ts';
import { decodeInput } from './decode.ts';
import { identify } from './router.ts';

const contracts = new Contracts();

async function decode(headers: object, body: string, method = 'POST', rawUrl = '/'): Promise<object> {
  const request = { method, rawUrl, headers: Object.entries(headers), body: Buffer.from(body) };
  return decodeInput(await identify(request, contracts), request);
}

function ecs(operation: string, body: string): Promise<object> {
  return decode({ 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}` }, body);
}

function form(body: string): Promise<object> {
  return decode({ 'content-type': 'application/x-www-form-urlencoded' }, body);
}

function rrset(body: string): Promise<object> {
  return decode({}, body, 'POST', '/2013-04-01/hostedzone/Z1/rrset');
}

function refusedAs(code: string, message: RegExp) {
  return (error: unknown) => error instanceof ServiceError && error.code === code && message.test(error.message);
}

test('JSON: nulls and unknown members are left out, timestamps become dates', async () => {
  assert.deepEqual(await ecs('CreateCluster', '{"clusterName":null,"tags":[],"tea":1,"__proto__":{"a":1}}'), {
    tags: [],
  });
  assert.deepEqual(await ecs('CreateCluster', ''), {});
  const body = '{"createdAt":{"after":1767225600.25,"before":"2026-01-01T00:00:00Z"}}';
  assert.deepEqual(await ecs('ListServiceDeployments', body), {
    createdAt: { after: new Date(1_767_225_600_250), before: new Date(1_767_225_600_000) },
  });
});

test('JSON: a body that is no object', async () => {
  for (const body of ['{', '[]', '"a"', 'null']) {
    await assert.rejects(ecs('CreateCluster', body), refusedAs('SerializationException', /request body/));
  }
});

test('JSON: keys of maps are the user’s own', async () => {
  const log = { logDriver: 'x', options: { ['__proto__']: 'a', constructor: 'b' } };
  const body = JSON.stringify({ family: 'f', containerDefinitions: [{ logConfiguration: log }] });
  const input = (await ecs('RegisterTaskDefinition', body)) as {
    containerDefinitions: [{ logConfiguration: unknown }];
  };
  assert.deepEqual(input.containerDefinitions[0].logConfiguration, log);
});

test('JSON: an input that holds itself may not go on for ever', async () => {
  const body = `{"FilterStatement":${'{"Not":'.repeat(50_000)}{}${'}'.repeat(50_000)}}`;
  const target = { 'x-amz-target': 'CertificateManager.SearchCertificates' };
  await assert.rejects(decode(target, body), refusedAs('SerializationException', /nested too deeply/));
});

test('query: indexes give the order, gaps do not matter', async () => {
  const names = 'Names.member.10=c&Names.member.2=b&Names.member.1=a';
  assert.deepEqual(await form(`Action=DescribeTargetGroups&Version=2015-12-01&${names}`), { Names: ['a', 'b', 'c'] });
  const ids = 'VpcId.5=vpc-2&VpcId.3=vpc-1&DryRun=true&MaxResults=5';
  assert.deepEqual(await form(`Action=DescribeVpcs&Version=2016-11-15&${ids}`), {
    VpcIds: ['vpc-1', 'vpc-2'],
    DryRun: true,
    MaxResults: 5,
  });
});

test('query: texts that are not what they should be', async () => {
  const elb = 'Action=CreateTargetGroup&Version=2015-12-01';
  await assert.rejects(
    form(`${elb}&Name=a&Port=http`),
    refusedAs('MalformedInput', /^http can not be converted to an Integer \(port\)$/),
  );
  await assert.rejects(
    form(`${elb}&Tags=a`),
    refusedAs('MalformedInput', /^a can not be converted to a List \(tags\)$/),
  );
  await assert.rejects(form(`${elb}&Tags.1.Key=a`), refusedAs('MalformedInput', /List/));
  await assert.rejects(form(`${elb}&Name.x=a`), refusedAs('MalformedInput', /a String \(name\)/));
  await assert.rejects(
    form('Action=DescribeVpcs&Version=2016-11-15&MaxResults=many'),
    refusedAs('InvalidParameterValue', /^Value \(many\) for parameter MaxResults is invalid\. Expected an Integer\.$/),
  );
});

test('query: EC2 refuses what it does not know, the others do not mind', async () => {
  const ec2 = 'Action=DescribeVpcs&Version=2016-11-15';
  const unknown = (name: string) =>
    refusedAs('UnknownParameter', new RegExp(`^The parameter ${name} is not recognized$`));
  await assert.rejects(form(`${ec2}&Tea=1`), unknown('Tea'));
  await assert.rejects(form(`${ec2}&Filter.1.Nam=a`), unknown('Filter.1.Nam'));
  await assert.rejects(form(`${ec2}&VpcId.one=a`), unknown('VpcId.one'));
  assert.deepEqual(await form('Action=DescribeTargetGroups&Version=2015-12-01&Tea=1'), {});
});

test('query: a name with very many dots is only an unknown parameter', async () => {
  const name = 'a.'.repeat(100_000);
  await assert.rejects(form(`Action=DescribeVpcs&Version=2016-11-15&${name}=1`), refusedAs('UnknownParameter', /^The/));
});

test('REST XML: what cannot be read', async () => {
  await assert.rejects(rrset('<a><b></a>'), refusedAs('InvalidInput', /^Invalid XML ; /));
  await assert.rejects(rrset('not XML'), refusedAs('InvalidInput', /^Invalid XML ; /));
  const change = (inner: string) =>
    rrset(`<R><ChangeBatch><Changes><Change>${inner}</Change></Changes></ChangeBatch></R>`);
  await assert.rejects(
    change('<ResourceRecordSet><TTL>soon</TTL></ResourceRecordSet>'),
    refusedAs(
      'InvalidInput',
      /soon can not be converted to an Integer \(changeBatch\.changes\.1\.member\.resourceRecordSet\.tTL\)/,
    ),
  );
  await assert.rejects(change('<Action>A</Action><Action>B</Action>'), refusedAs('InvalidInput', /a String/));
});

test('REST XML: one element or many, pretty printed, empty', async () => {
  assert.deepEqual(
    await rrset(
      '<R>\n  <ChangeBatch>\n    <Changes>\n      <Change>\n        <Action>A</Action>\n      </Change>\n    </Changes>\n  </ChangeBatch>\n</R>',
    ),
    {
      HostedZoneId: 'Z1',
      ChangeBatch: { Changes: [{ Action: 'A' }] },
    },
  );
  assert.deepEqual(await rrset('<R><ChangeBatch><Changes/></ChangeBatch></R>'), {
    HostedZoneId: 'Z1',
    ChangeBatch: { Changes: [] },
  });
  assert.deepEqual(await rrset(''), { HostedZoneId: 'Z1' });
});
