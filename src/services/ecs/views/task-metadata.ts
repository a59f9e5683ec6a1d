import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { launchTypeOf } from '../domain/launch.ts';
import { metadataId } from '../domain/metadata-id.ts';
import { dnsOf } from '../domain/vpc-resolver.ts';
import type { NetworkBindingRow } from '../container-instance-tables.ts';
import type { TaskContainerRow, TaskDefinitionRow, TaskRow } from '../tables.ts';

/** What the endpoint says of a task beyond its rows. */
export interface MetadataFacts {
  /** Of the subnet, e.g. `172.31.0.0/20`. */
  readonly subnetCidr?: string;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A task as its own containers see it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
 */
export function taskMetadata(task: TaskRow, definition: TaskDefinitionRow, version: 3 | 4, facts: MetadataFacts): Json {
  return {
    Cluster: task.clusterArn,
    TaskARN: task.arn,
    Family: definition.family,
    Revision: String(definition.number),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    Limits: { CPU: Number(task.cpu) / 1024, Memory: Number(task.memory) },
    ...time('PullStartedAt', task.pullStartedAtMs),
    ...time('PullStoppedAt', task.pullStoppedAtMs),
    ...time('ExecutionStoppedAt', task.executionStoppedAtMs),
    ...(task.interface ? { AvailabilityZone: task.interface.availabilityZone } : {}),
    ...(version === 4 ? { LaunchType: launchTypeOf(task), ...serviceName(task), FaultInjectionEnabled: false } : {}),
    Containers: task.containers.map((container) => containerMetadata(task, definition, container, version, facts)),
  };
}

export function containerMetadata(
  task: TaskRow,
  definition: TaskDefinitionRow,
  container: TaskContainerRow,
  version: 3 | 4,
  facts: MetadataFacts,
): Json {
  const own = definition.definition.containerDefinitions?.find(({ name }) => name === container.name) ?? {};
  return {
    DockerId: metadataId(task, container.name),
    Name: container.name,
    DockerName: container.name,
    Image: container.image,
    ImageID: container.imageDigest ?? '',
    Labels: {
      ...own.dockerLabels,
      'com.amazonaws.ecs.cluster': task.clusterArn,
      'com.amazonaws.ecs.container-name': container.name,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': definition.family,
      'com.amazonaws.ecs.task-definition-version': String(definition.number),
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: container.status,
    ...(container.exitCode === undefined ? {} : { ExitCode: container.exitCode }),
    Limits: { CPU: own.cpu ?? 0, ...(own.memory === undefined ? {} : { Memory: own.memory }) },
    ...time('CreatedAt', task.createdAtMs),
    ...time('StartedAt', task.startedAtMs),
    Type: 'NORMAL',
    Networks: [network(task, version, facts)],
    ...portsOf(container),
    ...(own.healthCheck ? { Health: { status: container.health } } : {}),
    ...(version === 4 ? version4Only(own, container) : {}),
  };
}

/** Of a container whose ports are its instance's too. */
function portsOf({ networkBindings = [] }: TaskContainerRow): Json {
  if (networkBindings.length === 0) return {};
  return {
    Ports: networkBindings.flatMap(singlePorts).map(({ bindIP, containerPort, hostPort, protocol }) => ({
      ContainerPort: containerPort,
      Protocol: protocol,
      HostPort: hostPort,
      HostIp: bindIP,
    })),
  };
}

/** Those of a range one by one, as the agent has them. */
function singlePorts(binding: NetworkBindingRow) {
  if ('containerPort' in binding) return [binding];
  const { bindIP, protocol } = binding;
  const [first = 0, last = first] = binding.containerPortRange.split('-').map(Number);
  const hostFirst = Number.parseInt(binding.hostPortRange, 10);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    return { bindIP, protocol, containerPort: first + index, hostPort: hostFirst + index };
  });
}

function version4Only(own: ContainerDefinition, container: TaskContainerRow): Json {
  const { logDriver, options } = own.logConfiguration ?? {};
  return {
    ContainerARN: container.arn,
    ...(logDriver === undefined ? {} : { LogDriver: logDriver, LogOptions: options ?? {} }),
    ...(own.restartPolicy?.enabled ? { RestartCount: container.restartCount ?? 0 } : {}),
  };
}

function network(task: TaskRow, version: 3 | 4, { subnetCidr }: MetadataFacts): Json {
  const eni = task.interface;
  const addresses = { NetworkMode: task.networkMode ?? 'awsvpc', IPv4Addresses: eni ? [eni.privateIp] : [] };
  if (version === 3 || !eni) return addresses;
  return {
    ...addresses,
    AttachmentIndex: 0,
    MACAddress: eni.macAddress,
    DomainNameServers: dnsOf(eni).servers,
    DomainNameSearchList: dnsOf(eni).search,
    PrivateDNSName: eni.privateDnsName,
    ...(subnetCidr === undefined ? {} : subnetOf(subnetCidr)),
  };
}

function subnetOf(cidr: string): Json {
  const [base = '', bits = ''] = cidr.split('/');
  const gateway = base.replace(/\d+$/, (last) => String(Number(last) + 1));
  return { IPv4SubnetCIDRBlock: cidr, SubnetGatewayIpv4Address: `${gateway}/${bits}` };
}

function serviceName(task: TaskRow): Json {
  const name = task.serviceArn?.split('/').at(-1);
  return name === undefined ? {} : { ServiceName: name };
}

function time(name: string, atMs: number | undefined): Json {
  return atMs === undefined ? {} : { [name]: new Date(atMs).toISOString() };
}
