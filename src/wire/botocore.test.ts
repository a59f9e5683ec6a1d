import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthError } from './auth-errors.ts';
import { Contracts, SERVICES, type WireService } from './contracts.ts';
import { decodeInput } from './decode.ts';
import type { RawRequest } from './raw-request.ts';
import { identify } from './router.ts';
import { authenticate } from './sigv4.ts';
import { EXAMPLE_KEY } from './testing.ts';
import { validate } from './validate.ts';

/**
 * Requests as botocore 1.43 (the AWS CLI's library) writes and signs them on 1 January 2026: a witness that shares
 * nothing with the SDK whose schemas we read.
 */
const NOW = Date.UTC(2026, 0, 1);
const TOKEN = 'TOKEN/+=abc';
const contracts = new Contracts();

interface Call {
  readonly service: WireService;
  readonly operation: string;
  readonly method?: string;
  readonly rawUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signature: string;
  readonly input: object;
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };

const CALLS: readonly Call[] = [
  {
    service: 'elbv2',
    operation: 'CreateTargetGroup',
    headers: FORM,
    body: 'Action=CreateTargetGroup&Version=2015-12-01&Name=web&Port=80&Protocol=HTTP&Tags.member.1.Key=a+b&Tags.member.1.Value=x%26y%3Dz&Tags.member.2.Key=k&Tags.member.2.Value=',
    signature: 'b3855983c2fc861b110b22a54bd6ba05bc9fb8de0eb48b683b76375c4914c707',
    input: {
      Name: 'web',
      Port: 80,
      Protocol: 'HTTP',
      Tags: [
        { Key: 'a b', Value: 'x&y=z' },
        { Key: 'k', Value: '' },
      ],
    },
  },
  {
    service: 'elbv2',
    operation: 'DescribeTargetGroups',
    headers: FORM,
    body: 'Action=DescribeTargetGroups&Version=2015-12-01&Names=',
    signature: '37a20e8ece579a3a4298ce0b1611e0b535e78497c1dc1f39ebccb936f49927af',
    input: { Names: [] },
  },
  {
    service: 'ec2',
    operation: 'RunInstances',
    headers: FORM,
    body: 'Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount=1&MaxCount=2&SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2&UserData=IyEvYmluL3NoCg%3D%3D&BlockDeviceMapping.1.DeviceName=%2Fdev%2Fxvda&BlockDeviceMapping.1.Ebs.VolumeSize=8&BlockDeviceMapping.1.Ebs.DeleteOnTermination=true&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=web+%C3%A9%2B&ClientToken=t',
    signature: 'd7ef255a37497bfaa7c9741113bd5c65a547280446c7f0226b0577ee6ba8f5e2',
    input: {
      ImageId: 'ami-1',
      MinCount: 1,
      MaxCount: 2,
      SecurityGroupIds: ['sg-1', 'sg-2'],
      UserData: 'IyEvYmluL3NoCg==',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8, DeleteOnTermination: true } }],
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web é+' }] }],
      ClientToken: 't',
    },
  },
  {
    service: 'ec2',
    operation: 'DescribeSubnets',
    headers: FORM,
    body: 'Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.1.Value.2=vpc-2',
    signature: 'a395320223b1b854190efb74f34810a5e69647ee475723c278bd6e1a0853a63a',
    input: { Filters: [{ Name: 'vpc-id', Values: ['vpc-1', 'vpc-2'] }] },
  },
  {
    service: 'ecs',
    operation: 'CreateCluster',
    headers: {
      'X-Amz-Target': 'AmazonEC2ContainerServiceV20141113.CreateCluster',
      'Content-Type': 'application/x-amz-json-1.1',
    },
    body: '{"clusterName": "default"}',
    signature: 'b7b786a572e4aa9b13411d3c3dca1564b3153a9f2dc0ad0c1bffae983a0aea48',
    input: { clusterName: 'default' },
  },
  {
    service: 'route53',
    operation: 'ChangeResourceRecordSets',
    rawUrl: '/2013-04-01/hostedzone/Z1/rrset/',
    body: '<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Comment>a &lt;b&gt;</Comment><Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>www.example.com.</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>10.0.0.1</Value></ResourceRecord><ResourceRecord><Value>10.0.0.2</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>',
    signature: '27068b4c05ef8f2ce4cdf100eaa2bcf8e2499ca9dac4c78632e7264fc44944eb',
    input: {
      HostedZoneId: 'Z1',
      ChangeBatch: {
        Comment: 'a <b>',
        Changes: [
          {
            Action: 'UPSERT',
            ResourceRecordSet: {
              Name: 'www.example.com.',
              Type: 'A',
              TTL: 60,
              ResourceRecords: [{ Value: '10.0.0.1' }, { Value: '10.0.0.2' }],
            },
          },
        ],
      },
    },
  },
  {
    service: 'route53',
    operation: 'ListResourceRecordSets',
    method: 'GET',
    rawUrl: '/2013-04-01/hostedzone/Z1/rrset?name=a%20b%2Bc.example.com&type=A&maxitems=5',
    signature: '6195c39ddffc02cf3355fcfe92a4998dec88006e2f6731674cd02294c89cb4c9',
    input: { HostedZoneId: 'Z1', StartRecordName: 'a b+c.example.com', StartRecordType: 'A', MaxItems: 5 },
  },
  {
    service: 'sts',
    operation: 'AssumeRole',
    headers: FORM,
    body: 'Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fweb&RoleSessionName=session&Tags.member.1.Key=a&Tags.member.1.Value=b&TransitiveTagKeys.member.1=a&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess',
    signature: 'fb76199001298eb3783d84932cdf62966ae7deb0dd260422d8dfa983cb267d1c',
    input: {
      RoleArn: 'arn:aws:iam::111122223333:role/web',
      RoleSessionName: 'session',
      Tags: [{ Key: 'a', Value: 'b' }],
      TransitiveTagKeys: ['a'],
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
    },
  },
];

function toRequest(call: Call): RawRequest {
  const { signingName } = SERVICES[call.service];
  const signed = { Host: '127.0.0.1:4566', 'X-Amz-Date': '20260101T000000Z', 'X-Amz-Security-Token': TOKEN };
  const headers = { ...signed, ...call.headers };
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-central-1/${signingName}/aws4_request, SignedHeaders=${names.sort().join(';')}, Signature=${call.signature}`;
  return {
    method: call.method ?? 'POST',
    rawUrl: call.rawUrl ?? '/',
    headers: [...Object.entries(headers), ['Authorization', authorization]],
    body: Buffer.from(call.body ?? ''),
  };
}

const OPTIONS = {
  now: NOW,
  protocol: 'awsQuery',
  findSecret: async (_: string, token?: string) => (token === TOKEN ? EXAMPLE_KEY.secretAccessKey : undefined),
} as const;

for (const call of CALLS) {
  test(`botocore: ${call.service} ${call.operation}`, async () => {
    const request = toRequest(call);
    const identified = await identify(request, contracts);
    assert.equal(identified.service, call.service);
    assert.equal(identified.operation.name, call.operation);
    const input = decodeInput(identified, request);
    assert.deepEqual(input, call.input);
    validate(identified, input);
    const { signingName } = SERVICES[call.service];
    const { sessionToken } = await authenticate(request, { ...OPTIONS, signingName });
    assert.equal(sessionToken, TOKEN);
  });
}

const PRESIGNED: RawRequest = {
  method: 'GET',
  rawUrl:
    '/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260101%2Feu-central-1%2Fsts%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=TOKEN%2F%2B%3Dabc&X-Amz-Signature=86d1e415945c234994949e7042b6edad3cffd5c760ceaf7a8d472c21c4a5930c',
  headers: [['Host', '127.0.0.1:4566']],
  body: Buffer.from(''),
};

async function refusal(request: RawRequest, now = NOW): Promise<string> {
  try {
    await authenticate(request, { ...OPTIONS, now });
  } catch (error) {
    assert.ok(error instanceof AuthError);
    return `${error.reason} ${error.message}`;
  }
  return 'accepted';
}

test('botocore: a presigned GetCallerIdentity', async () => {
  const identified = await identify(PRESIGNED, contracts);
  assert.equal(identified.operation.name, 'GetCallerIdentity');
  assert.deepEqual(decodeInput(identified, PRESIGNED), {});
  assert.deepEqual(await authenticate(PRESIGNED, { ...OPTIONS, now: NOW + 60_000, signingName: 'sts' }), {
    accessKeyId: 'AKIDEXAMPLE',
    signingName: 'sts',
    region: 'eu-central-1',
    sessionToken: TOKEN,
    presigned: true,
  });
});

test('a presigned URL: expired, changed, or valid for too long', async () => {
  const change = (from: string, to: string) => ({ ...PRESIGNED, rawUrl: PRESIGNED.rawUrl.replace(from, to) });
  assert.equal(
    await refusal(PRESIGNED, NOW + 61_000),
    'expired Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z (20260101T000101Z - 1 min.)',
  );
  assert.match(await refusal(change('GetCallerIdentity', 'GetSessionToken')), /^bad-signature/);
  assert.match(await refusal(change('Expires=60', 'Expires=600')), /^bad-signature/);
  assert.match(await refusal({ ...PRESIGNED, method: 'POST' }), /^bad-signature/);
  assert.match(await refusal({ ...PRESIGNED, body: Buffer.from('Action=AssumeRole') }), /^bad-signature/);
  assert.match(await refusal(change('Expires=60', 'Expires=604801')), /^incomplete-signature X-Amz-Expires must be/);
  assert.match(await refusal(change('Expires=60', 'Expires=604800')), /^bad-signature/);
  assert.match(await refusal(change('2F%2B%3Dabc', '2F')), /^unknown-key/);
  const unsigned = change('&X-Amz-SignedHeaders', '&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-SignedHeaders');
  assert.match(await refusal(unsigned), /^bad-signature/);
});
