import type { ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import type { PortRange, TaskContainer, TaskNetwork } from '../../../executor/executor.ts';
import type { TaskRow } from '../tables.ts';
import { dnsOf } from './vpc-resolver.ts';

/** Where a task's containers are: on its own interface, or on its instance's network. */
export function taskNetwork(task: TaskRow): TaskNetwork {
  if (task.networkMode) return { mode: task.networkMode };
  const own = task.interface;
  if (!own) throw new Error(`Task ${task.arn} has no network interface yet.`);
  const { servers, search } = dnsOf(own);
  return {
    mode: 'awsvpc',
    vpcId: own.vpcId,
    interfaceId: own.interfaceId,
    privateIp: own.privateIp,
    hostname: own.privateDnsName,
    dnsServers: servers,
    dnsSearch: search,
    ...(task.connect && { hosts: task.connect.hosts }),
  };
}

type Networking = Pick<
  TaskContainer,
  'ports' | 'portRanges' | 'hostname' | 'dnsServers' | 'dnsSearch' | 'extraHosts' | 'links'
>;

/** What a container on its instance's network says of it. */
export function containerNetwork(task: TaskRow, container: ContainerDefinition): Networking {
  if (!task.networkMode) return {};
  const { hostname, dnsServers, dnsSearchDomains, extraHosts, links, portMappings } = container;
  const ranges = (portMappings ?? []).flatMap(rangeOf);
  return {
    ...(portMappings?.length && {
      ports: portMappings.flatMap(({ containerPort, hostPort, protocol = 'tcp' }) =>
        containerPort === undefined ? [] : [{ containerPort, ...(hostPort ? { hostPort } : {}), protocol }],
      ),
    }),
    ...(ranges.length > 0 && { portRanges: ranges }),
    ...(hostname && { hostname }),
    ...(dnsServers?.length && { dnsServers }),
    ...(dnsSearchDomains?.length && { dnsSearch: dnsSearchDomains }),
    ...(extraHosts?.length && {
      extraHosts: extraHosts.map(({ hostname: name = '', ipAddress = '' }) => ({ hostname: name, ipAddress })),
    }),
    ...(links?.length && { links: links.map(linkOf) }),
  };
}

/** `8000-8009` */
function rangeOf({ containerPortRange, protocol = 'tcp' }: PortMapping): PortRange[] {
  if (containerPortRange === undefined) return [];
  const [first = 0, last = first] = containerPortRange.split('-').map(Number);
  return [{ first, last, protocol }];
}

/** `name` or `name:alias`. */
function linkOf(link: string): { container: string; alias?: string } {
  const [container = '', alias] = link.split(':');
  return { container, ...(alias ? { alias } : {}) };
}
