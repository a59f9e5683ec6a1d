import { isForm, type Protocol } from './protocol.ts';
import { readError, readOperation, type ErrorSchema, type OperationSchema } from './schema.ts';

/** What is known of a service before its SDK package is loaded: enough to find it from a request. */
export interface ServiceDefinition {
  /** Loads the SDK package (EC2's takes some 300 ms and 70 MB). */
  readonly load: () => Promise<object>;
  readonly protocol: Protocol;
  /** A second protocol, of older clients (or of newer ones): a request is answered in the one that it came in. */
  readonly alsoSpeaks?: Protocol;
  /** The service in a signature's credential scope. Several services may share one. */
  readonly signingName: string;
  /** First label of AWS's own host names, e.g. `api.ecr` in `api.ecr.eu-central-1.amazonaws.com`. */
  readonly endpointPrefix: string;
  readonly apiVersion: string;
  /** JSON protocols: what stands before the dot in `X-Amz-Target`. */
  readonly targetPrefix?: string;
  /** XML protocols: the namespace of the answers. */
  readonly xmlNamespace?: string;
}

/** The services of this server. The names are those of `Apis` in src/api/clients.ts. */
export const SERVICES = {
  acm: {
    load: () => import('@aws-sdk/client-acm'),
    protocol: 'awsJson1_1',
    signingName: 'acm',
    endpointPrefix: 'acm',
    apiVersion: '2015-12-08',
    targetPrefix: 'CertificateManager',
  },
  'application-autoscaling': {
    load: () => import('@aws-sdk/client-application-auto-scaling'),
    protocol: 'awsJson1_1',
    signingName: 'application-autoscaling',
    endpointPrefix: 'application-autoscaling',
    apiVersion: '2016-02-06',
    targetPrefix: 'AnyScaleFrontendService',
  },
  autoscaling: {
    load: () => import('@aws-sdk/client-auto-scaling'),
    protocol: 'awsQuery',
    signingName: 'autoscaling',
    endpointPrefix: 'autoscaling',
    apiVersion: '2011-01-01',
    xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
  },
  cloudtrail: {
    load: () => import('@aws-sdk/client-cloudtrail'),
    protocol: 'awsJson1_1',
    signingName: 'cloudtrail',
    endpointPrefix: 'cloudtrail',
    apiVersion: '2013-11-01',
    targetPrefix: 'CloudTrail_20131101',
  },
  cloudwatch: {
    load: () => import('@aws-sdk/client-cloudwatch'),
    protocol: 'awsJson1_0',
    alsoSpeaks: 'awsQuery',
    signingName: 'monitoring',
    endpointPrefix: 'monitoring',
    apiVersion: '2010-08-01',
    targetPrefix: 'GraniteServiceVersion20100801',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  },
  ec2: {
    load: () => import('@aws-sdk/client-ec2'),
    protocol: 'ec2Query',
    signingName: 'ec2',
    endpointPrefix: 'ec2',
    apiVersion: '2016-11-15',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  },
  ecr: {
    load: () => import('@aws-sdk/client-ecr'),
    protocol: 'awsJson1_1',
    signingName: 'ecr',
    endpointPrefix: 'api.ecr',
    apiVersion: '2015-09-21',
    targetPrefix: 'AmazonEC2ContainerRegistry_V20150921',
  },
  ecs: {
    load: () => import('@aws-sdk/client-ecs'),
    protocol: 'awsJson1_1',
    signingName: 'ecs',
    endpointPrefix: 'ecs',
    apiVersion: '2014-11-13',
    targetPrefix: 'AmazonEC2ContainerServiceV20141113',
  },
  elbv2: {
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
    protocol: 'awsQuery',
    signingName: 'elasticloadbalancing',
    endpointPrefix: 'elasticloadbalancing',
    apiVersion: '2015-12-01',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  },
  iam: {
    load: () => import('@aws-sdk/client-iam'),
    protocol: 'awsQuery',
    signingName: 'iam',
    endpointPrefix: 'iam',
    apiVersion: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  },
  logs: {
    load: () => import('@aws-sdk/client-cloudwatch-logs'),
    protocol: 'awsJson1_1',
    signingName: 'logs',
    endpointPrefix: 'logs',
    apiVersion: '2014-03-28',
    targetPrefix: 'Logs_20140328',
  },
  route53: {
    load: () => import('@aws-sdk/client-route-53'),
    protocol: 'restXml',
    signingName: 'route53',
    endpointPrefix: 'route53',
    apiVersion: '2013-04-01',
    xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
  },
  s3: {
    load: () => import('@aws-sdk/client-s3'),
    protocol: 'restXml',
    signingName: 's3',
    endpointPrefix: 's3',
    apiVersion: '2006-03-01',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  },
  secretsmanager: {
    load: () => import('@aws-sdk/client-secrets-manager'),
    protocol: 'awsJson1_1',
    signingName: 'secretsmanager',
    endpointPrefix: 'secretsmanager',
    apiVersion: '2017-10-17',
    targetPrefix: 'secretsmanager',
  },
  servicediscovery: {
    load: () => import('@aws-sdk/client-servicediscovery'),
    protocol: 'awsJson1_1',
    signingName: 'servicediscovery',
    endpointPrefix: 'servicediscovery',
    apiVersion: '2017-03-14',
    targetPrefix: 'Route53AutoNaming_v20170314',
  },
  ssm: {
    load: () => import('@aws-sdk/client-ssm'),
    protocol: 'awsJson1_1',
    signingName: 'ssm',
    endpointPrefix: 'ssm',
    apiVersion: '2014-11-06',
    targetPrefix: 'AmazonSSM',
  },
  sts: {
    load: () => import('@aws-sdk/client-sts'),
    protocol: 'awsQuery',
    signingName: 'sts',
    endpointPrefix: 'sts',
    apiVersion: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  },
} as const satisfies Record<string, ServiceDefinition>;

export type WireService = keyof typeof SERVICES;

export type OperationContract = OperationSchema;
export type ErrorContract = ErrorSchema;

/** A loaded service: everything needed to read its requests and to write its answers. */
export interface ServiceContract {
  readonly service: WireService;
  readonly protocol: Protocol;
  readonly alsoSpeaks?: Protocol;
  readonly signingName: string;
  readonly apiVersion: string;
  readonly xmlNamespace?: string;
  readonly operations: ReadonlyMap<string, OperationContract>;
  /** By the shape's name, e.g. `ClusterNotFoundException`. */
  readonly errors: ReadonlyMap<string, ErrorContract>;
}

/** The services' contracts, each loaded when it is first asked for. */
export class Contracts {
  readonly #loaded = new Map<WireService, Promise<ServiceContract>>();

  get(service: WireService): Promise<ServiceContract> {
    const known = this.#loaded.get(service);
    if (known) return known;
    const loading = loadContract(service);
    this.#loaded.set(service, loading);
    // A package that failed to load is tried again next time.
    loading.catch(() => this.#loaded.delete(service));
    return loading;
  }
}

/** In which of its protocols a service takes forms with an `Action`, if it takes them. */
export function formProtocolOf({ protocol, alsoSpeaks }: ServiceDefinition): Protocol | undefined {
  return [protocol, alsoSpeaks].find((spoken) => spoken !== undefined && isForm(spoken));
}

/** Every service with its definition, in the order of the table. */
export function definitions(): readonly (readonly [WireService, ServiceDefinition])[] {
  return Object.entries(SERVICES) as [WireService, ServiceDefinition][];
}

async function loadContract(service: WireService): Promise<ServiceContract> {
  const definition: ServiceDefinition = SERVICES[service];
  return { service, ...definition, ...readPackage(await definition.load()) };
}

/** All operations and errors among the exports of an SDK package. */
export function readPackage(exports: object): Pick<ServiceContract, 'operations' | 'errors'> {
  const operations = new Map<string, OperationContract>();
  const errors = new Map<string, ErrorContract>();
  for (const [name, exported] of Object.entries(exports)) {
    if (!name.endsWith('$')) continue;
    const operation = readOperation(exported);
    if (operation) operations.set(operation.name, operation);
    const error = readError(exported);
    if (error) errors.set(error.shape.name, error);
  }
  return { operations, errors };
}
