import type { ContainerSpec, ContainerState } from '../runtime/runtime.ts';
import type { AwsvpcNetwork, NetworkBinding, TaskContainer, TaskSpec } from './executor.ts';

/** The interface of the task's own, where it has one. */
export function interfaceOf({ network }: Pick<TaskSpec, 'network'>): AwsvpcNetwork | undefined {
  return network.mode === 'awsvpc' ? network : undefined;
}

/** Whether a container of ours holds what the task's containers share: their network, or their processes. */
export function hasPause({ network, pidMode }: Pick<TaskSpec, 'network' | 'pidMode'>): boolean {
  return network.mode === 'awsvpc' || pidMode === 'task';
}

/** What must be before a container: as it says itself, and the containers that it links to. */
export function dependenciesOf({ dependsOn, links = [] }: TaskContainer): TaskContainer['dependsOn'] {
  return [...dependsOn, ...links.map(({ container }) => ({ container, condition: 'START' }) as const)];
}

/**
 * The network of a container of the task definition.
 * @param nameOf the engine's name of another container of the task
 * @param pauseId of the container whose network it shares, with `awsvpc`
 */
export function containerNetwork(
  { network: { mode } }: TaskSpec,
  container: TaskContainer,
  nameOf: (name: string) => string,
  pauseId = '',
): Pick<ContainerSpec, 'network' | 'ports' | 'links' | 'hostname' | 'dnsServers' | 'dnsSearch' | 'extraHosts'> {
  if (mode === 'awsvpc') return { network: `container:${pauseId}` };
  const { hostname, dnsServers, dnsSearch, extraHosts } = container;
  const { ports = [], links = [] } = mode === 'bridge' ? container : {};
  return {
    network: mode,
    ...(hostname ? { hostname } : {}),
    ...(dnsServers?.length ? { dnsServers } : {}),
    ...(dnsSearch?.length ? { dnsSearch } : {}),
    ...(extraHosts?.length ? { extraHosts } : {}),
    ...(ports.length > 0 ? { ports: ports.map((port) => ({ ...port, hostPort: port.hostPort ?? 0 })) } : {}),
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
  { ports = [] }: TaskContainer,
  bound: ContainerState['ports'],
): readonly NetworkBinding[] {
  if (mode === 'bridge') return (bound ?? []).map(({ bindIp, ...port }) => ({ bindIP: bindIp, ...port }));
  if (mode !== 'host') return [];
  return ports.map(({ containerPort, protocol }) => ({
    bindIP: '0.0.0.0',
    containerPort,
    hostPort: containerPort,
    protocol,
  }));
}
