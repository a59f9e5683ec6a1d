import type { Instance, SecurityGroup } from '@aws-sdk/client-ec2';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Call } from '../../api/context.ts';
import type { CallAs, Service } from '../../api/service.ts';
import { openTestService, type TestService } from '../../api/testing.ts';
import type { Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { seededIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { FakePlane } from '../../loadbalancer/fake/fake-plane.ts';
import type { NameZone } from '../../network/dns/names.ts';
import { elbv2, type Elbv2Ports } from './index.ts';
import type { ServerCertificate } from './operation.ts';
import type { DemandSignal } from './demand.ts';
import type { Measurement } from './metrics.ts';
import { TrustStoreFiles } from './trust-store-files.ts';

export const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/one';
export const LOG_INTERVAL_MS = 300_000;
export const VPC = 'vpc-1';
export const SUBNETS = [
  { SubnetId: 'subnet-a', VpcId: VPC, AvailabilityZone: 'us-east-1a', CidrBlock: '10.0.0.0/24' },
  { SubnetId: 'subnet-b', VpcId: VPC, AvailabilityZone: 'us-east-1b', CidrBlock: '10.0.1.0/24' },
  { SubnetId: 'subnet-a2', VpcId: VPC, AvailabilityZone: 'us-east-1a', CidrBlock: '10.0.2.0/24' },
] as const;

/** The little of EC2 and Route 53 that load balancers lean on. */
export class FakeNeighbours {
  readonly interfaces = new Map<
    string,
    { SubnetId: string; Description: string; PublicIp?: string; ip: string; groups: string[] }
  >();
  groups: SecurityGroup[] = [
    group('sg-default', 'default', []),
    group('sg-web', 'web', [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '203.0.113.0/24' }] },
    ]),
  ];
  records: ResourceRecordSet[] = [];
  addresses = 0;
  /** Objects in S3, by `BUCKET/KEY`. */
  readonly files = new Map<string, string>();

  /** Who may put objects into which bucket: none means that nobody may. */
  readonly writers = new Map<string, readonly string[]>();
  readonly objects = new Map<string, Buffer>();
  readonly regions = new Map<string, string>();
  /** What others do while ACM is asked for a certificate. */
  meanwhile: () => Promise<unknown> = async () => undefined;
  /** Thrown once an object is there: a crash before anybody heard of it. */
  crash: Error | undefined;

  /** S3 as one of ELB's names sees it. */
  callIn(_scope: Scope, as: CallAs): Call {
    return async (_service, name, input: any): Promise<any> => {
      if (name === 'ListBuckets') {
        return { Buckets: [...this.regions].map(([Name, BucketRegion]) => ({ Name, BucketRegion })) };
      }
      if (!this.writers.get(input.Bucket)?.includes(as.principal ?? '')) {
        throw new ServiceError('AccessDeniedException', 'no');
      }
      this.objects.set(`${input.Bucket}/${input.Key}`, input.Body);
      if (this.crash) throw this.crash;
      return {};
    };
  }

  /** EC2's. */
  readonly instances: Instance[] = [];
  readonly calls: Readonly<Record<string, (input: any) => unknown>> = {
    's3:GetObject': ({ Bucket, Key }: { Bucket: string; Key: string }) => {
      const text = this.files.get(`${Bucket}/${Key}`);
      if (text === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.');
      return { ContentLength: text.length, Body: { transformToString: async () => text } };
    },
    'ec2:DescribeSubnets': ({ SubnetIds }: { SubnetIds?: string[] }) => {
      const missing = SubnetIds?.find((id) => !SUBNETS.some((subnet) => subnet.SubnetId === id));
      if (missing) throw new ServiceError('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`);
      return { Subnets: SUBNETS.filter((subnet) => !SubnetIds || SubnetIds.includes(subnet.SubnetId)) };
    },
    'ec2:DescribeInstances': ({ InstanceIds }: { InstanceIds: string[] }) => ({
      Reservations: [{ Instances: this.instances.filter((one) => InstanceIds.includes(one.InstanceId ?? '')) }],
    }),
    'ec2:DescribeVpcs': ({ VpcIds }: { VpcIds: string[] }) => {
      if (VpcIds[0] !== VPC) throw new ServiceError('InvalidVpcID.NotFound', 'no such VPC');
      return { Vpcs: [{ VpcId: VPC }] };
    },
    'ec2:DescribeInternetGateways': () => ({ InternetGateways: [{ InternetGatewayId: 'igw-1' }] }),
    'ec2:DescribeSecurityGroups': (input: { GroupIds?: string[]; Filters?: { Name: string; Values: string[] }[] }) => {
      const wanted = input.GroupIds ?? input.Filters?.find((filter) => filter.Name === 'group-id')?.Values;
      const name = input.Filters?.find((filter) => filter.Name === 'group-name')?.Values[0];
      return {
        SecurityGroups: this.groups.filter((it) =>
          name === undefined ? wanted?.includes(it.GroupId ?? '') : it.GroupName === name,
        ),
      };
    },
    'ec2:CreateSecurityGroup': ({ GroupName }: { GroupName: string }) => {
      this.groups.push(group('sg-open', GroupName, []));
      return { GroupId: 'sg-open' };
    },
    'ec2:AuthorizeSecurityGroupIngress': () => ({}),
    'ec2:DeleteSecurityGroup': ({ GroupId }: { GroupId: string }) => {
      this.groups = this.groups.filter((it) => it.GroupId !== GroupId);
      return {};
    },
    'ec2:CreateNetworkInterface': (input: {
      SubnetId: string;
      Description: string;
      Groups: string[];
      PrivateIpAddress?: string;
    }) => {
      const id = `eni-${this.interfaces.size + 1}`;
      const ip = input.PrivateIpAddress ?? `10.0.${input.SubnetId === 'subnet-b' ? 1 : 0}.${10 + this.interfaces.size}`;
      this.interfaces.set(id, { SubnetId: input.SubnetId, Description: input.Description, ip, groups: input.Groups });
      return { NetworkInterface: this.#view(id) };
    },
    'ec2:DescribeNetworkInterfaces': ({ Filters }: { Filters: { Values: string[] }[] }) => ({
      NetworkInterfaces: [...this.interfaces.keys()]
        .filter((id) => this.interfaces.get(id)?.Description === Filters[0]?.Values[0])
        .map((id) => this.#view(id)),
    }),
    'ec2:ModifyNetworkInterfaceAttribute': (input: { NetworkInterfaceId: string; Groups: string[] }) => {
      const known = this.interfaces.get(input.NetworkInterfaceId);
      if (known) known.groups = input.Groups;
      return {};
    },
    'ec2:DeleteNetworkInterface': ({ NetworkInterfaceId }: { NetworkInterfaceId: string }) => {
      this.interfaces.delete(NetworkInterfaceId);
      return {};
    },
    'ec2:DescribeAddresses': ({ AllocationIds = [] }: { AllocationIds?: string[] }) => ({
      Addresses: AllocationIds.map((id) => ({ AllocationId: id, PublicIp: `198.18.0.${id.split('-')[1]}` })),
    }),
    'ec2:AllocateAddress': () => {
      this.addresses++;
      return { AllocationId: `eipalloc-${this.addresses}`, PublicIp: `198.18.0.${this.addresses}` };
    },
    'ec2:AssociateAddress': (input: { AllocationId: string; NetworkInterfaceId: string }) => {
      const known = this.interfaces.get(input.NetworkInterfaceId);
      if (known) known.PublicIp = `198.18.0.${input.AllocationId.split('-')[1]}`;
      return { AssociationId: 'eipassoc-1' };
    },
    'route53:ListHostedZones': () => ({
      HostedZones: [{ Id: '/hostedzone/Z1', Name: 'example.com.' }],
      IsTruncated: false,
    }),
    'route53:ListResourceRecordSets': () => ({ ResourceRecordSets: this.records, IsTruncated: false }),
  };

  #view(id: string) {
    const it = this.interfaces.get(id);
    return {
      NetworkInterfaceId: id,
      SubnetId: it?.SubnetId,
      PrivateIpAddress: it?.ip,
      Groups: it?.groups.map((GroupId) => ({ GroupId })),
      ...(it?.PublicIp === undefined ? {} : { Association: { PublicIp: it.PublicIp } }),
    };
  }
}

function group(GroupId: string, GroupName: string, IpPermissions: SecurityGroup['IpPermissions']): SecurityGroup {
  return { GroupId, GroupName, VpcId: VPC, ...(IpPermissions ? { IpPermissions } : {}) };
}

export interface TestWorld extends AsyncDisposable {
  readonly service: TestService<'elbv2'>;
  readonly plane: FakePlane;
  readonly neighbours: FakeNeighbours;
  readonly names: Map<string, NameZone>;
  readonly certificates: Map<string, ServerCertificate>;
  readonly files: TrustStoreFiles;
  /** JSON by its URL. */
  readonly documents: Map<string, unknown>;
  /** What the reconcilers told CloudWatch. */
  readonly measured: Measurement[];
  /** What the requests asked of services. */
  readonly demanded: DemandSignal[];
  /** In whose name the reconcilers last made a call, by `service:Operation`. */
  readonly calledAs: ReadonlyMap<string, CallAs | undefined>;
}

/** The service, with a record of in whose name its reconcilers call. */
function recording(calledAs: Map<string, CallAs | undefined>): Service<Elbv2Ports> {
  return {
    ...elbv2,
    reconcilers: (env) =>
      elbv2.reconcilers({
        ...env,
        callIn: (scope, as): Call => {
          const call = env.callIn(scope, as);
          return (service, operation, input) => {
            calledAs.set(`${service}:${operation}`, as);
            return call(service, operation, input);
          };
        },
      }),
  };
}

function documentAt(documents: ReadonlyMap<string, unknown>, url: URL): unknown {
  if (!documents.has(url.href)) throw new Error(`${url.href} does not answer`);
  return documents.get(url.href);
}

/** The service over fakes of everything around it. */
export function openWorld(): TestWorld {
  const [plane, neighbours] = [new FakePlane(), new FakeNeighbours()];
  const names = new Map<string, NameZone>();
  const certificates = new Map<string, ServerCertificate>([[CERTIFICATE, { pem: 'PEM one' }]]);
  const calledAs = new Map<string, CallAs | undefined>();
  const measured: Measurement[] = [];
  const documents = new Map<string, unknown>();
  const demanded: DemandSignal[] = [];
  const files = new TrustStoreFiles(new SealedBox(Buffer.alloc(32, 3), 'elbv2-trust-store-files', seededIds(6)));
  const service = openTestService(
    'elbv2',
    recording(calledAs),
    {
      plane,
      names: { publish: (zone) => void names.set(zone.zoneId, zone), withdraw: (id) => void names.delete(id) },
      namespacePath: (vpcId) => `/run/netns/${vpcId}`,
      certificates: async (arn) => {
        await neighbours.meanwhile();
        return certificates.get(arn);
      },
      trustStoreFiles: files,
      fetchJson: async (url) => documentAt(documents, url),
      domain: 'localhost',
      metrics: { put: async (_scope, _namespace, measurements) => void measured.push(...measurements) },
      signalDemand: async (signal) => void demanded.push(signal),
      logs: { intervalMs: LOG_INTERVAL_MS, callIn: (scope, as) => neighbours.callIn(scope, as) },
      edge: { bindAddress: '127.0.0.1', httpPort: 8080, httpsPort: 8443 },
    },
    { calls: neighbours.calls },
  );
  return {
    service,
    plane,
    neighbours,
    names,
    certificates,
    files,
    documents,
    measured,
    demanded,
    calledAs,
    [Symbol.asyncDispose]: () => service.close(),
  };
}

/** A load balancer with its group: the beginning of most stories. */
export async function withLoadBalancer(
  { service }: TestWorld,
  options: { scheme?: 'internal' | 'internet-facing' } = {},
) {
  const { LoadBalancers = [] } = await service.call('CreateLoadBalancer', {
    Name: 'web',
    Subnets: ['subnet-a', 'subnet-b'],
    SecurityGroups: ['sg-web'],
    ...(options.scheme ? { Scheme: options.scheme } : {}),
  });
  const { TargetGroups = [] } = await service.call('CreateTargetGroup', {
    Name: 'web',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: VPC,
    TargetType: 'ip',
  });
  return {
    loadBalancerArn: LoadBalancers[0]?.LoadBalancerArn ?? '',
    dnsName: LoadBalancers[0]?.DNSName ?? '',
    groupArn: TargetGroups[0]?.TargetGroupArn ?? '',
  };
}

export async function withListener({ service }: TestWorld, loadBalancerArn: string, groupArn: string): Promise<string> {
  const { Listeners = [] } = await service.call('CreateListener', {
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
  });
  return Listeners[0]?.ListenerArn ?? '';
}

/** What `assert.rejects` wants to see of a ServiceError. */
export const failing = (code: string, message?: RegExp) => (error: unknown) =>
  error instanceof ServiceError && error.code === code && (message === undefined || message.test(error.message));
