import type { ServiceDetail } from '@aws-sdk/client-ec2';
import { createHash } from 'node:crypto';
import type { FilterFields } from './filters.ts';
import { zonesOf } from './zones.ts';

/** What VPC endpoints lead to: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html */
export interface EndpointService {
  /** e.g. `com.amazonaws.us-east-1.ecr.api`. */
  readonly name: string;
  readonly id: string;
  readonly type: 'Gateway' | 'Interface';
  readonly region: string;
  /** What leads to an interface endpoint where it has private DNS. */
  readonly privateDnsName?: string;
}

const GATEWAYS = ['s3', 'dynamodb'];
/** The services of this server and those that come with them: name, and private name where it is not `NAME.REGION`. */
const INTERFACES: Readonly<Record<string, string | undefined>> = {
  'application-autoscaling': undefined,
  autoscaling: undefined,
  cloudtrail: undefined,
  ec2: undefined,
  ec2messages: undefined,
  'ecr.api': 'api.ecr',
  'ecr.dkr': '*.dkr.ecr',
  ecs: undefined,
  'ecs-agent': 'ecs-a',
  'ecs-telemetry': 'ecs-t',
  elasticloadbalancing: undefined,
  kms: undefined,
  logs: undefined,
  monitoring: undefined,
  s3: 's3',
  secretsmanager: undefined,
  servicediscovery: undefined,
  ssm: undefined,
  ssmmessages: undefined,
  sts: undefined,
};

/** Every one of a region, by name. */
export function endpointServices(region: string): readonly EndpointService[] {
  const service = (type: EndpointService['type'], short: string): EndpointService => {
    const name = `com.amazonaws.${region}.${short}`;
    const digest = createHash('sha256').update(`${name}/${type}`).digest('hex');
    return { name, id: `vpce-svc-${digest.slice(0, 17)}`, type, region };
  };
  return [
    ...GATEWAYS.map((short) => service('Gateway', short)),
    ...Object.entries(INTERFACES).map(([short, dns]) => ({
      ...service('Interface', short),
      privateDnsName: `${dns ?? short}.${region}.amazonaws.com`,
    })),
  ].toSorted((a, b) => (`${a.name}/${a.type}` < `${b.name}/${b.type}` ? -1 : 1));
}

/** Undefined where the region has no such service. */
export function endpointService(
  region: string,
  name: string,
  type: EndpointService['type'],
): EndpointService | undefined {
  return endpointServices(region).find((one) => one.name === name && one.type === type);
}

export const ENDPOINT_SERVICE_FIELDS: FilterFields<EndpointService> = {
  owner: () => 'amazon',
  'service-name': (service) => service.name,
  'service-region': (service) => service.region,
  'service-type': (service) => service.type,
  'supported-ip-address-types': () => 'ipv4',
};

export function endpointServiceView(service: EndpointService): ServiceDetail {
  const { name, id, type, region, privateDnsName } = service;
  const zones = zonesOf(region);
  return {
    ServiceName: name,
    ServiceId: id,
    ServiceType: [{ ServiceType: type }],
    ServiceRegion: region,
    AvailabilityZones: zones.map((zone) => zone.name),
    AvailabilityZoneIds: zones.map((zone) => zone.id),
    Owner: 'amazon',
    BaseEndpointDnsNames: [
      `${name.split('.').slice(3).join('.')}.${region}.${type === 'Gateway' ? '' : 'vpce.'}amazonaws.com`,
    ],
    ...(privateDnsName && {
      PrivateDnsName: privateDnsName,
      PrivateDnsNames: [{ PrivateDnsName: privateDnsName }],
      PrivateDnsNameVerificationState: 'verified',
    }),
    VpcEndpointPolicySupported: true,
    AcceptanceRequired: false,
    ManagesVpcEndpoints: false,
    SupportedIpAddressTypes: ['ipv4'],
    Tags: [],
  };
}
