import type { ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import { clientError } from '../errors.ts';
import { invalidSetting, repeated } from './task-definition-rules.ts';
import type { Definition } from './task-definition-rules.ts';

const PORT_NAME = /^[a-z0-9_][a-z0-9_-]{0,63}$/;
const PROTOCOLS: readonly string[] = ['tcp', 'udp'];
const APP_PROTOCOLS: readonly string[] = ['http', 'http2', 'grpc'];
const MOST_RANGES = 100;

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html */
export function checkPorts({ networkMode, containerDefinitions = [] }: Definition): void {
  for (const container of containerDefinitions) {
    const ports = container.portMappings ?? [];
    if (ports.length > 0 && networkMode === 'none') {
      throw clientError('Port mappings are not supported when networkMode=none.');
    }
    ports.forEach((port) => checkPort(container, port, networkMode));
    checkOverlap(container, ports);
    if (ports.filter((port) => port.containerPortRange).length > MOST_RANGES) {
      throw invalidSetting(container, `It can have at most ${MOST_RANGES} container port ranges.`);
    }
  }
  const all = containerDefinitions.flatMap((container) => container.portMappings ?? []);
  const name = repeated(all.flatMap((port) => (port.name === undefined ? [] : [port.name])));
  if (name !== undefined) throw clientError(`The port mapping name '${name}' must be unique within a task definition.`);
  const taken = repeated(all.flatMap((port) => hostPort(port, networkMode)));
  if (taken === undefined) return;
  const [protocol, port] = taken.split(' ');
  throw clientError(`${protocol?.toUpperCase()} host port '${port}' is mapped multiple times in task.`);
}

function checkPort(container: ContainerDefinition, port: PortMapping, networkMode: Definition['networkMode']): void {
  if (port.name !== undefined && !PORT_NAME.test(port.name)) {
    throw invalidSetting(
      container,
      `The port mapping name '${port.name}' can have up to 64 lowercase letters, numbers, underscores and hyphens, and cannot start with a hyphen.`,
    );
  }
  if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol)) {
    throw invalidSetting(container, `Invalid 'protocol' ${port.protocol}.`);
  }
  if (port.appProtocol && !APP_PROTOCOLS.includes(port.appProtocol)) {
    throw invalidSetting(container, `Invalid 'appProtocol' ${port.appProtocol}.`);
  }
  if (port.containerPortRange !== undefined) return checkPortRange(container, port, networkMode);
  if (!isPort(port.containerPort)) {
    throw clientError(`Invalid 'containerPort' setting for container '${container.name}'.`);
  }
  if (port.hostPort && !isPort(port.hostPort)) {
    throw clientError(`Invalid 'hostPort' setting for container '${container.name}'.`);
  }
  const same = networkMode === 'awsvpc' || networkMode === 'host';
  if (same && port.hostPort && port.hostPort !== port.containerPort) {
    throw clientError(
      `When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`,
    );
  }
}

function checkPortRange(
  container: ContainerDefinition,
  port: PortMapping,
  networkMode: Definition['networkMode'],
): void {
  const [from = 0, to = 0] = /^\d+-\d+$/.test(port.containerPortRange ?? '') ? portsOf(port) : [];
  if (!isPort(from) || !isPort(to) || from >= to) {
    throw clientError(`Invalid 'containerPortRange' setting for container '${container.name}'.`);
  }
  if (port.containerPort !== undefined || port.hostPort !== undefined) {
    throw invalidSetting(container, "'containerPortRange' cannot be used with 'containerPort' or 'hostPort'.");
  }
  if (networkMode === 'host') {
    throw invalidSetting(container, "'containerPortRange' needs networkMode=bridge or networkMode=awsvpc.");
  }
}

/** A port can be in one mapping of a container only, for each protocol. */
function checkOverlap(container: ContainerDefinition, ports: readonly PortMapping[]): void {
  ports.forEach((port, index) => {
    const [from = 0, to = 0] = portsOf(port);
    const clash = ports.slice(0, index).some((other) => {
      const [least = 0, most = 0] = portsOf(other);
      const ranges = port.containerPortRange !== undefined || other.containerPortRange !== undefined;
      return ranges && (other.protocol ?? 'tcp') === (port.protocol ?? 'tcp') && from <= most && least <= to;
    });
    if (clash) throw invalidSetting(container, 'Container port ranges cannot overlap with other port mappings.');
  });
}

/** The first and the last port of the container. */
function portsOf({ containerPort, containerPortRange }: PortMapping): readonly number[] {
  return containerPortRange === undefined
    ? [containerPort ?? 0, containerPort ?? 0]
    : containerPortRange.split('-').map(Number);
}

/** `tcp 80`; nothing where the port is chosen when the task starts. */
function hostPort(port: PortMapping, networkMode: Definition['networkMode']): string[] {
  const number = withPortDefaults(port, networkMode).hostPort;
  return number ? [`${port.protocol ?? 'tcp'} ${number}`] : [];
}

function isPort(port: number | undefined): boolean {
  return port !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** Where the container has the host's ports, or those of its own interface, the two are the same. */
export function withPortDefaults(port: PortMapping, networkMode: Definition['networkMode']): PortMapping {
  const protocol = port.protocol ?? 'tcp';
  if (port.containerPortRange !== undefined) return { ...port, protocol };
  const same = networkMode === 'awsvpc' || networkMode === 'host';
  return { ...port, hostPort: port.hostPort || (same ? (port.containerPort ?? 0) : 0), protocol };
}
