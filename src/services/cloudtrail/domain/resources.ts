import { parseArn, type Arn } from '../../../kernel/arn.ts';
import type { Json, JsonObject } from './parameters.ts';

/** A resource as LookupEvents names it, with its ARN where there is one. */
export interface EventResource {
  /** `AWS::ECS::Cluster` */
  readonly type: string;
  readonly name: string;
  readonly arn?: string;
}

const MOST_RESOURCES = 10;
const DEEPEST = 5;

const SERVICES: Readonly<Record<string, string>> = {
  acm: 'ACM',
  cloudtrail: 'CloudTrail',
  ec2: 'EC2',
  ecr: 'ECR',
  ecs: 'ECS',
  elasticloadbalancing: 'ElasticLoadBalancingV2',
  iam: 'IAM',
  logs: 'Logs',
  route53: 'Route53',
  s3: 'S3',
  secretsmanager: 'SecretsManager',
  sts: 'STS',
};

const KINDS: Readonly<Record<string, string>> = {
  'elastic-ip': 'EIP',
  hostedzone: 'HostedZone',
  image: 'Ami',
  loadbalancer: 'LoadBalancer',
  natgateway: 'NatGateway',
  'oidc-provider': 'OIDCProvider',
  targetgroup: 'TargetGroup',
  vpc: 'VPC',
};

/** EC2 tells resources by ids, not by ARNs. */
const EC2_IDS: Readonly<Record<string, string>> = {
  allocationId: 'AWS::EC2::EIP',
  groupId: 'AWS::EC2::SecurityGroup',
  instanceId: 'AWS::EC2::Instance',
  internetGatewayId: 'AWS::EC2::InternetGateway',
  natGatewayId: 'AWS::EC2::NatGateway',
  networkInterfaceId: 'AWS::EC2::NetworkInterface',
  routeTableId: 'AWS::EC2::RouteTable',
  subnetId: 'AWS::EC2::Subnet',
  volumeId: 'AWS::EC2::Volume',
  vpcId: 'AWS::EC2::VPC',
};

/** Services whose resources go by their ARN. */
const NAMED_BY_ARN: ReadonlySet<string> = new Set([
  'acm',
  'cloudtrail',
  'elasticloadbalancing',
  'secretsmanager',
  'sts',
]);

/**
 * What a call was about: the ARNs that were authorized, and what it made, read off its answer: ARNs of its own service,
 * EC2's ids, and the access keys of IAM and STS.
 */
export function resourcesOf(
  prefix: string,
  authorized: readonly string[],
  parameters: readonly (JsonObject | null)[],
): readonly EventResource[] {
  const found = new Map<string, EventResource>();
  const add = (resource: EventResource | undefined): void => {
    if (!resource || found.size >= MOST_RESOURCES) return;
    const key = `${resource.type} ${resource.name}`;
    if (resource.arn !== undefined || !found.has(key)) found.set(key, resource);
  };
  for (const arn of authorized) add(arnResource(arn));
  for (const object of parameters) if (object) collect(object, prefix, add, 0);
  return [...found.values()];
}

function collect(value: Json, prefix: string, add: (resource: EventResource | undefined) => void, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  for (const [member, each] of Object.entries(value)) {
    if (typeof each === 'object') collect(each, prefix, add, depth + 1);
    else if (typeof each === 'string') add(memberResource(member, each, prefix));
  }
}

function memberResource(member: string, value: string, prefix: string): EventResource | undefined {
  if (prefix === 'ec2') {
    const type = named(EC2_IDS, member);
    return type === undefined ? undefined : { type, name: value };
  }
  if (member === 'accessKeyId' && (prefix === 'iam' || prefix === 'sts')) {
    return { type: 'AWS::IAM::AccessKey', name: value };
  }
  return value.startsWith(`arn:aws:${prefix}:`) ? arnResource(value) : undefined;
}

/** Undefined for a pattern, and for what is no ARN. */
export function arnResource(text: string): EventResource | undefined {
  const arn = /[*?]/.test(text) ? undefined : parseArn(text);
  if (!arn) return undefined;
  const separator = /[/:]/.exec(arn.resource)?.index;
  const kind = separator === undefined ? '' : arn.resource.slice(0, separator);
  return { type: typeOf(arn, kind), name: nameOf(arn, kind, text), arn: text };
}

function typeOf(arn: Arn, kind: string): string {
  const service = named(SERVICES, arn.service) ?? arn.service;
  if (arn.service === 's3') return arn.resource.includes('/') ? 'AWS::S3::Object' : 'AWS::S3::Bucket';
  const words = (kind || arn.resource).split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `AWS::${service}::${named(KINDS, kind) ?? words.join('')}`;
}

/** Of the record's own: what callers write may be the name of what every object has. */
function named(names: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(names, key) ? names[key] : undefined;
}

function nameOf(arn: Arn, kind: string, text: string): string {
  if (NAMED_BY_ARN.has(arn.service)) return text;
  if (arn.service === 's3' || kind === '') return arn.resource;
  const rest = arn.resource.slice(kind.length + 1);
  if (arn.service === 'logs') return rest.split(':')[0] ?? rest;
  if (arn.service === 'ecr' || arn.service === 'route53') return rest;
  return rest.split('/').at(-1) ?? rest;
}
