import { CloudTrailClient, CreateTrailCommand } from '@aws-sdk/client-cloudtrail';
import { CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, ECSClient } from '@aws-sdk/client-ecs';
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { formCall, jsonCall } from './wire.ts';
import type { SignedBy, UnsignedCall } from './wire.ts';

/** What a refusal is: its code, HTTP status and words. */
export type Expected = readonly [code: string, status: number, message: RegExp];
export type Reason = 'wrongSecret' | 'unknownKey' | 'expired' | 'tampered' | 'unsigned';

const SIGNATURE_DIFFERS = /The request signature we calculated does not match the signature you provided/;
const TOKEN_INVALID = /The security token included in the request is invalid/;
const EC2_INVALID = /AWS was not able to validate the provided access credentials/;
const EXPIRED = /Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z/;

const JSON_ANSWERS: Readonly<Record<Reason, Expected>> = {
  wrongSecret: ['InvalidSignatureException', 400, SIGNATURE_DIFFERS],
  unknownKey: ['UnrecognizedClientException', 400, TOKEN_INVALID],
  expired: ['InvalidSignatureException', 400, EXPIRED],
  tampered: ['InvalidSignatureException', 400, SIGNATURE_DIFFERS],
  unsigned: ['MissingAuthenticationTokenException', 400, /Missing Authentication Token/],
};
const XML_ANSWERS: Readonly<Record<Reason, Expected>> = {
  wrongSecret: ['SignatureDoesNotMatch', 403, SIGNATURE_DIFFERS],
  unknownKey: ['InvalidClientTokenId', 403, TOKEN_INVALID],
  expired: ['SignatureDoesNotMatch', 403, EXPIRED],
  tampered: ['SignatureDoesNotMatch', 403, SIGNATURE_DIFFERS],
  unsigned: ['MissingAuthenticationToken', 403, /Request is missing Authentication Token/],
};
const EC2_ANSWERS: Readonly<Record<Reason, Expected>> = {
  wrongSecret: ['AuthFailure', 401, EC2_INVALID],
  unknownKey: ['AuthFailure', 401, EC2_INVALID],
  expired: ['RequestExpired', 400, /Request has expired/],
  tampered: ['AuthFailure', 401, EC2_INVALID],
  unsigned: ['AuthFailure', 401, /AWS was not able to/],
};
/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const S3_ANSWERS: Readonly<Record<Reason, Expected>> = {
  wrongSecret: ['SignatureDoesNotMatch', 403, SIGNATURE_DIFFERS],
  unknownKey: ['InvalidAccessKeyId', 403, /The AWS Access Key Id you provided does not exist in our records/],
  expired: ['RequestTimeTooSkewed', 403, /The difference between the request time and the current time is too large/],
  tampered: ['XAmzContentSHA256Mismatch', 400, /does not match what was computed/],
  unsigned: ['AccessDenied', 403, /Access Denied/],
};

/** One call of each protocol and service, which makes something where it is let in. */
export interface Callee {
  readonly name: string;
  readonly answers: Readonly<Record<Reason, Expected>>;
  readonly call: UnsignedCall;
  readonly cli: readonly string[];
  readonly sdk: (config: SdkConfig) => Promise<unknown>;
}

export interface SdkConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: SignedBy['credentials'];
  readonly systemClockOffset?: number;
  readonly maxAttempts?: number;
}

const ZONE = `<?xml version="1.0" encoding="UTF-8"?><CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>refused.example</Name><CallerReference>r</CallerReference></CreateHostedZoneRequest>`;
const BUCKET = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><!-- refused --></CreateBucketConfiguration>`;
const TRAIL = { Name: 'refused', S3BucketName: 'refused-bucket' };

export const CALLEES: readonly Callee[] = [
  {
    name: 'awsJson: ecs',
    answers: JSON_ANSWERS,
    call: jsonCall('ecs', 'AmazonEC2ContainerServiceV20141113.CreateCluster', '{"clusterName":"refused"}'),
    cli: ['ecs', 'create-cluster', '--cluster-name', 'refused'],
    sdk: (config) => new ECSClient(config).send(new CreateClusterCommand({ clusterName: 'refused' })),
  },
  {
    name: 'awsQuery: sts',
    answers: XML_ANSWERS,
    call: formCall('sts', { Action: 'GetCallerIdentity', Version: '2011-06-15', Note: 'refused' }),
    cli: ['sts', 'get-caller-identity'],
    sdk: (config) => new STSClient(config).send(new GetCallerIdentityCommand({})),
  },
  {
    name: 'awsQuery: elbv2',
    answers: XML_ANSWERS,
    call: formCall('elasticloadbalancing', {
      Action: 'CreateTargetGroup',
      Version: '2015-12-01',
      Name: 'refused',
      TargetType: 'lambda',
    }),
    cli: ['elbv2', 'create-target-group', '--name', 'refused', '--target-type', 'lambda'],
    sdk: (config) =>
      new ElasticLoadBalancingV2Client(config).send(
        new CreateTargetGroupCommand({ Name: 'refused', TargetType: 'lambda' }),
      ),
  },
  {
    name: 'ec2Query: ec2',
    answers: EC2_ANSWERS,
    call: formCall('ec2', {
      Action: 'CreateSecurityGroup',
      Version: '2016-11-15',
      GroupName: 'refused',
      GroupDescription: 'refused',
    }),
    cli: ['ec2', 'create-security-group', '--group-name', 'refused', '--description', 'refused'],
    sdk: (config) =>
      new EC2Client(config).send(new CreateSecurityGroupCommand({ GroupName: 'refused', Description: 'refused' })),
  },
  {
    name: 'restXml: route53',
    answers: XML_ANSWERS,
    call: {
      signingName: 'route53',
      path: '/2013-04-01/hostedzone',
      headers: { 'content-type': 'application/xml' },
      body: ZONE,
    },
    cli: ['route53', 'create-hosted-zone', '--name', 'refused.example', '--caller-reference', 'r'],
    sdk: (config) =>
      new Route53Client(config).send(new CreateHostedZoneCommand({ Name: 'refused.example', CallerReference: 'r' })),
  },
  {
    name: 'awsJson: cloudtrail',
    answers: JSON_ANSWERS,
    call: jsonCall(
      'cloudtrail',
      'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail',
      JSON.stringify(TRAIL),
    ),
    cli: ['cloudtrail', 'create-trail', '--name', TRAIL.Name, '--s3-bucket-name', TRAIL.S3BucketName],
    sdk: (config) => new CloudTrailClient(config).send(new CreateTrailCommand(TRAIL)),
  },
  {
    name: 'awsQuery: iam',
    answers: XML_ANSWERS,
    call: formCall('iam', { Action: 'CreateUser', Version: '2010-05-08', UserName: 'refused' }),
    cli: ['iam', 'create-user', '--user-name', 'refused'],
    sdk: (config) => new IAMClient(config).send(new CreateUserCommand({ UserName: 'refused' })),
  },
  {
    name: 'restXml: s3',
    answers: S3_ANSWERS,
    // Without a signature only the host tells that S3 is meant.
    call: {
      signingName: 's3',
      method: 'PUT',
      path: '/refused-bucket',
      headers: { host: 's3.localhost' },
      body: BUCKET,
    },
    cli: ['s3api', 'create-bucket', '--bucket', 'refused-bucket'],
    sdk: (config) =>
      new S3Client({ ...config, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'refused-bucket' })),
  },
];
