import { formCall, jsonCall } from './wire.ts';
import type { UnsignedCall } from './wire.ts';

/** How the calls of one service look on the wire, written down from AWS's documentation. */
interface ServiceOnTheWire {
  readonly load: () => Promise<object>;
  readonly signingName: string;
  /** JSON: what stands before the operation in X-Amz-Target. */
  readonly target?: string;
  /** Forms: what stands in `Version`. */
  readonly version?: string;
  /** S3: which operation it is lies in the bucket, key and subresource, so there is no call without input. */
  readonly isToldByInput?: true;
}

/** The services whose SDK clients are in use, by our names for them. */
export const SERVICES = {
  acm: { load: () => import('@aws-sdk/client-acm'), signingName: 'acm', target: 'CertificateManager' },
  'application-autoscaling': {
    load: () => import('@aws-sdk/client-application-auto-scaling'),
    signingName: 'application-autoscaling',
    target: 'AnyScaleFrontendService',
  },
  autoscaling: {
    load: () => import('@aws-sdk/client-auto-scaling'),
    signingName: 'autoscaling',
    version: '2011-01-01',
  },
  cloudtrail: {
    load: () => import('@aws-sdk/client-cloudtrail'),
    signingName: 'cloudtrail',
    target: 'CloudTrail_20131101',
  },
  cloudwatch: {
    load: () => import('@aws-sdk/client-cloudwatch'),
    signingName: 'monitoring',
    target: 'GraniteServiceVersion20100801',
  },
  ec2: { load: () => import('@aws-sdk/client-ec2'), signingName: 'ec2', version: '2016-11-15' },
  ecr: {
    load: () => import('@aws-sdk/client-ecr'),
    signingName: 'ecr',
    target: 'AmazonEC2ContainerRegistry_V20150921',
  },
  ecs: { load: () => import('@aws-sdk/client-ecs'), signingName: 'ecs', target: 'AmazonEC2ContainerServiceV20141113' },
  elbv2: {
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
    signingName: 'elasticloadbalancing',
    version: '2015-12-01',
  },
  iam: { load: () => import('@aws-sdk/client-iam'), signingName: 'iam', version: '2010-05-08' },
  logs: { load: () => import('@aws-sdk/client-cloudwatch-logs'), signingName: 'logs', target: 'Logs_20140328' },
  route53: { load: () => import('@aws-sdk/client-route-53'), signingName: 'route53' },
  s3: { load: () => import('@aws-sdk/client-s3'), signingName: 's3', isToldByInput: true },
  secretsmanager: {
    load: () => import('@aws-sdk/client-secrets-manager'),
    signingName: 'secretsmanager',
    target: 'secretsmanager',
  },
  servicediscovery: {
    load: () => import('@aws-sdk/client-servicediscovery'),
    signingName: 'servicediscovery',
    target: 'Route53AutoNaming_v20170314',
  },
  ssm: { load: () => import('@aws-sdk/client-ssm'), signingName: 'ssm', target: 'AmazonSSM' },
  sts: { load: () => import('@aws-sdk/client-sts'), signingName: 'sts', version: '2011-06-15' },
} as const satisfies Record<string, ServiceOnTheWire>;

export type ServiceName = keyof typeof SERVICES;

export interface OperationOnTheWire {
  readonly service: ServiceName;
  readonly name: string;
  /** The call with no input at all. */
  readonly bare: UnsignedCall;
}

/** Every operation that the SDK's clients can call, but S3's. */
export async function everyOperation(): Promise<readonly OperationOnTheWire[]> {
  const found = await Promise.all(
    Object.entries(SERVICES).map(async ([service, description]: [string, ServiceOnTheWire]) => {
      if (description.isToldByInput) return [];
      const sdk = await description.load();
      return Object.keys(sdk)
        .filter((name) => /^[A-Z]\w+Command$/.test(name))
        .map((name) => name.slice(0, -'Command'.length))
        .map((name) => ({ service: service as ServiceName, name, bare: bareCall(description, name, sdk) }));
    }),
  );
  return found.flat();
}

function bareCall(service: ServiceOnTheWire, name: string, sdk: object): UnsignedCall {
  const { signingName, target, version } = service;
  if (target) return jsonCall(signingName, `${target}.${name}`, '{}');
  if (version) return formCall(signingName, { Action: name, Version: version });
  const [method, path] = restBinding(sdk, name);
  return { signingName, method, path: path.replaceAll(/\{\w+\+?\}/g, 'x') };
}

/** The method and path in an operation's schema, e.g. `GET` and `/2013-04-01/hostedzone/{Id}`. */
function restBinding(sdk: object, name: string): readonly [method: string, path: string] {
  const schema = (sdk as Record<string, readonly unknown[]>)[`${name}$`];
  const traits = schema?.[3] as { readonly http?: readonly [string, string, number] } | undefined;
  if (!traits?.http) throw new Error(`The SDK's schema of ${name} has no HTTP binding.`);
  return [traits.http[0], traits.http[1]];
}
