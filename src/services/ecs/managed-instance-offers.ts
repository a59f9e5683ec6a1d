import type { InstanceTypeInfo, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Call } from '../../api/context.ts';
import type { ServiceEnvironment } from '../../api/service.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { ManagedProviderRow } from './capacity-provider-tables.ts';
import { AGENT_CAPABILITIES, AGENT_PORTS, PRIVILEGED } from './domain/agent-capabilities.ts';
import { costOf, meets } from './domain/instance-requirements.ts';
import type { TypeFacts } from './domain/instance-requirements.ts';
import type { Offer } from './domain/managed-instances.ts';
import type { InstanceFacts } from './domain/placement/instance.ts';
import { ECS } from './infrastructure-role.ts';
import type { ManagedInstanceRow } from './managed-instance-tables.ts';

type Env = Pick<ServiceEnvironment<unknown>, 'callIn'>;

export interface ManagedOffer extends Offer {
  readonly type: TypeFacts;
  readonly availabilityZone: string;
  readonly imageId: string;
}

type KnownType = TypeFacts & { readonly architecture: string };

interface Image {
  readonly id: string;
  readonly architecture: string;
}

const PAGE = 100;
/** Amazon's account for images with the ECS agent. */
const IMAGE_OWNER = '591542846629';
const IMAGE_NAME = 'al2023-ami-ecs-hvm-*';

/**
 * Calls under the infrastructure role: AmazonECSInfrastructureRolePolicyForManagedInstances.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
 */
export function managedCall(env: Env, { account, region }: Scope, roleArn: string): Call {
  return env.callIn(
    { account, region },
    { role: { arn: roleArn, sessionName: 'ecs-managed-instances', service: ECS, isVisible: true } },
  );
}

/** What EC2 has for providers of Managed Instances. */
export class ManagedOffers {
  readonly #env: Env;
  /** By region: they never change. */
  readonly #types = new Map<string, readonly KnownType[]>();

  constructor(env: Env) {
    this.#env = env;
  }

  /** An empty instance of each type that the provider may launch, in each of its subnets. */
  async of(provider: ManagedProviderRow): Promise<ManagedOffer[]> {
    const { infrastructureRoleArn, template } = provider.managedInstances;
    const call = managedCall(this.#env, provider, infrastructureRoleArn);
    const image = await this.#image(provider);
    if (!image) return [];
    const types = (await this.#typesIn(call, provider.region)).filter(
      (type) => type.architecture === image.architecture && meets(type, template.instanceRequirements),
    );
    const { Subnets = [] } = await call('ec2', 'DescribeSubnets', {
      SubnetIds: template.networkConfiguration?.subnets ?? [],
    });
    return Subnets.flatMap(({ SubnetId: subnetId = '', AvailabilityZone: availabilityZone = '', VpcId: vpcId = '' }) =>
      types.map((type) => ({
        type,
        subnetId,
        availabilityZone,
        imageId: image.id,
        cost: costOf(type),
        facts: factsOf(provider, type, { subnetId, availabilityZone, vpcId, image }),
      })),
    );
  }

  async #typesIn(call: Call, region: string): Promise<readonly KnownType[]> {
    const known = this.#types.get(region);
    if (known) return known;
    const types: KnownType[] = [];
    let token: string | undefined;
    do {
      const page = await call('ec2', 'DescribeInstanceTypes', {
        MaxResults: PAGE,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      types.push(...(page.InstanceTypes ?? []).flatMap(typeFacts));
      token = page.NextToken;
    } while (token);
    this.#types.set(region, types);
    return types;
  }

  /** ECS's own choice: it is asked for in ECS's name. */
  async #image(scope: Scope): Promise<Image | undefined> {
    const { Images = [] } = await this.#env.callIn(scope)('ec2', 'DescribeImages', {
      Owners: [IMAGE_OWNER],
      Filters: [{ Name: 'name', Values: [IMAGE_NAME] }],
    });
    const [latest] = Images.toSorted((a, b) => ((a.CreationDate ?? '') > (b.CreationDate ?? '') ? -1 : 1));
    return latest?.ImageId === undefined ? undefined : { id: latest.ImageId, architecture: latest.Architecture ?? '' };
  }
}

function typeFacts(info: InstanceTypeInfo): KnownType[] {
  const { InstanceType: name, VCpuInfo, MemoryInfo, NetworkInfo } = info;
  if (!name || !VCpuInfo?.DefaultVCpus || !MemoryInfo?.SizeInMiB) return [];
  return [
    {
      name,
      vcpus: VCpuInfo.DefaultVCpus,
      memoryMiB: MemoryInfo.SizeInMiB,
      interfaces: NetworkInfo?.MaximumNetworkInterfaces ?? 2,
      isBurstable: info.BurstablePerformanceSupported ?? false,
      isBareMetal: info.BareMetal ?? false,
      isCurrent: info.CurrentGeneration ?? true,
      hasLocalStorage: info.InstanceStorageSupported ?? false,
      architecture: info.ProcessorInfo?.SupportedArchitectures?.[0] ?? '',
    },
  ];
}

interface Spot {
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly vpcId: string;
  readonly image: Image;
}

/** As the agent will register it. */
function factsOf(provider: ManagedProviderRow, type: TypeFacts, spot: Spot): InstanceFacts {
  const { subnetId, availabilityZone, vpcId, image } = spot;
  return {
    id: `${type.name} ${subnetId}`,
    status: 'ACTIVE',
    agentConnected: true,
    capacityProvider: provider.name,
    registeredAtMs: 0,
    attributes: new Map([
      ...[...AGENT_CAPABILITIES, PRIVILEGED].map((name) => [name, ''] as const),
      ['ecs.os-type', 'linux'],
      ['ecs.os-family', 'LINUX'],
      ['ecs.cpu-architecture', image.architecture],
      ['ecs.availability-zone', availabilityZone],
      ['ecs.instance-type', type.name],
      ['ecs.ami-id', image.id],
      ['ecs.vpc-id', vpcId],
      ['ecs.subnet-id', subnetId],
    ]),
    cpu: type.vcpus * 1024,
    memory: type.memoryMiB,
    interfaces: type.interfaces - 1,
    reservedPorts: { tcp: AGENT_PORTS, udp: [] },
  };
}

/** What is asked of EC2: the instance joins the cluster by its user data. */
export function launchRequest(
  provider: ManagedProviderRow,
  clusterName: string,
  { type, subnetId, imageId }: Pick<ManagedOffer, 'type' | 'subnetId' | 'imageId'>,
  id: string,
): RunInstancesRequest {
  const { template, propagateTags } = provider.managedInstances;
  const { networkConfiguration, storageConfiguration, monitoring, capacityOptionType } = template;
  const groups = networkConfiguration?.securityGroups ?? [];
  const gib = storageConfiguration?.storageSizeGiB;
  const tags = { ...(propagateTags === 'CAPACITY_PROVIDER' ? provider.tags : {}), AmazonECSManaged: 'true' };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const isSpot = capacityOptionType === 'SPOT';
  const config = [`ECS_CLUSTER=${clusterName}`, ...(isSpot ? ['ECS_ENABLE_SPOT_INSTANCE_DRAINING=true'] : [])];
  const script = ['#!/bin/bash', ...config.map((line) => `echo ${line} >> /etc/ecs/ecs.config`), ''].join('\n');
  return {
    ClientToken: id,
    MinCount: 1,
    MaxCount: 1,
    ImageId: imageId,
    InstanceType: type.name as NonNullable<RunInstancesRequest['InstanceType']>,
    SubnetId: subnetId,
    IamInstanceProfile: { Arn: template.ec2InstanceProfileArn },
    UserData: Buffer.from(script).toString('base64'),
    Operator: { Principal: ECS },
    MetadataOptions: {
      InstanceMetadataTags: template.instanceMetadataTagsPropagation === false ? 'disabled' : 'enabled',
    },
    TagSpecifications: (['instance', 'network-interface', 'volume'] as const).map((ResourceType) => ({
      ResourceType,
      Tags,
    })),
    ...(groups.length > 0 ? { SecurityGroupIds: groups } : {}),
    ...(monitoring === 'DETAILED' ? { Monitoring: { Enabled: true } } : {}),
    ...(isSpot ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
    ...(gib === undefined ? {} : { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: gib } }] }),
  };
}

/** As much of an offer as tells later what the instance will be. */
export function keptFacts({ attributes, ...facts }: InstanceFacts): ManagedInstanceRow['expected'] {
  return { ...facts, attributes: Object.fromEntries(attributes) };
}

export function expectedFacts({ id, expected }: ManagedInstanceRow): InstanceFacts {
  return { ...expected, id, attributes: new Map(Object.entries(expected.attributes)) };
}
