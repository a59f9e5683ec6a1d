import type { ContainerSpec, ContainerState, PortBinding } from '../runtime/runtime.ts';
import type { AwsvpcNetwork, NetworkBinding, PortRange, TaskContainer, TaskSpec } from './executor.ts';
import type { HostRange } from './port-ranges.ts';

/** The interface of the task's own, where it has one. */
export function interfaceOf({ network }: Pick<TaskSpec, 'network'>): AwsvpcNetwork | undefined {
  return network.mode === 'awsvpc' ? network : undefined;
}

/** Whether a container of ours holds what the task's containers share: their network, their processes or their memory. */
export function hasPause({ network, pidMode, ipcMode }: Pick<TaskSpec, 'network' | 'pidMode' | 'ipcMode'>): boolean {
  return network.mode === 'awsvpc' || pidMode === 'task' || ipcMode === 'task';
}

/** What must be before a container: as it says itself, and the containers that it links to. */
export function dependenciesOf({ dependsOn, links = [] }: TaskContainer): TaskContainer['dependsOn'] {
  return [...dependsOn, ...links.map(({ container }) => ({ container, condition: 'START' }) as const)];
}

export interface NetworkPlace {
  /** The engine's name of another container of the task. */
  readonly nameOf: (name: string) => string;
  /** Of the container whose network it shares, with `awsvpc`. */
  readonly pauseId?: string;
  readonly hostRanges: readonly HostRange[];
}

/** The network of a container of the task definition. */
export function containerNetwork(
  { network: { mode } }: TaskSpec,
  container: TaskContainer,
  { nameOf, pauseId = '', hostRanges }: NetworkPlace,
): Pick<ContainerSpec, 'network' | 'ports' | 'links' | 'hostname' | 'dnsServers' | 'dnsSearch' | 'extraHosts'> {
  if (mode === 'awsvpc') return { network: `container:${pauseId}` };
  const { hostname, dnsServers, dnsSearch, extraHosts } = container;
  const { ports: single = [], links = [] } = mode === 'bridge' ? container : {};
  const ports = [...single.map((port) => ({ ...port, hostPort: port.hostPort ?? 0 })), ...hostRanges.flatMap(portsOf)];
  return {
    network: mode,
    ...(hostname ? { hostname } : {}),
    ...(dnsServers?.length ? { dnsServers } : {}),
    ...(dnsSearch?.length ? { dnsSearch } : {}),
    ...(extraHosts?.length ? { extraHosts } : {}),
    ...(ports.length > 0 ? { ports } : {}),
    ...(links.length > 0
      ? { links: links.map(({ container: name, alias = name }) => ({ container: nameOf(name), alias })) }
      : {}),
  };
}

/**
 * Where a container that has started answers: what the engine has bound, or, on the host's own network, its ports as they
 * are. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_NetworkBinding.html
 */
export function networkBindings(
  { network: { mode } }: TaskSpec,
  { ports = [], portRanges = [] }: TaskContainer,
  bound: ContainerState['ports'],
): readonly NetworkBinding[] {
  if (mode === 'bridge') return bridgeBindings(portRanges, bound ?? []);
  if (mode !== 'host') return [];
  return ports.map(({ containerPort, protocol }) => ({
    bindIP: '0.0.0.0',
    containerPort,
    hostPort: containerPort,
    protocol,
  }));
}

/** What belongs to a range is told as one. */
function bridgeBindings(
  ranges: readonly PortRange[],
  bound: NonNullable<ContainerState['ports']>,
): readonly NetworkBinding[] {
  const isIn = ({ first, last, protocol }: PortRange, port: PortBinding) =>
    port.protocol === protocol && first <= port.containerPort && port.containerPort <= last;
  const single = bound.filter((port) => !ranges.some((range) => isIn(range, port)));
  const together = ranges.flatMap((range): NetworkBinding[] => {
    const start = bound.find((port) => isIn(range, port) && port.containerPort === range.first);
    if (!start) return [];
    const { first, last, protocol } = range;
    const hostPortRange = `${start.hostPort}-${start.hostPort + last - first}`;
    return [{ bindIP: start.bindIp, containerPortRange: `${first}-${last}`, hostPortRange, protocol }];
  });
  return [...single.map(({ bindIp, ...port }) => ({ bindIP: bindIp, ...port })), ...together];
}

function portsOf({ first, last, hostFirst, protocol }: HostRange) {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    containerPort: first + index,
    hostPort: hostFirst + index,
    protocol,
  }));
}
