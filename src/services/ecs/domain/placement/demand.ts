import type { Attribute, ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import type { Definition } from '../task-definition-rules.ts';
import type { Demand, HostPorts, Needs, RequiredAttribute } from './instance.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { X86_64: 'x86_64', ARM64: 'arm64' };

/**
 * What a task of a definition asks of its instance.
 * @param definition with the overrides of its task in it
 * @param attributes what `requiredAttributes` says of the definition
 */
export function demandOf(
  definition: Definition,
  attributes: readonly Attribute[],
  placement: Pick<Demand, 'group' | 'constraints' | 'strategies'>,
): Demand {
  return { ...needsOf(definition), requiredAttributes: requiredOf(definition, attributes), ...placement };
}

/**
 * What a task takes of its instance: its own size, or its containers' together. A soft limit of memory is what is
 * reserved; host ports that are given to a container are not asked for.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html
 */
export function needsOf({ cpu, memory, networkMode, containerDefinitions = [] }: Definition): Needs {
  const sum = (amount: (one: ContainerDefinition) => number | undefined) =>
    containerDefinitions.reduce((total, one) => total + (amount(one) ?? 0), 0);
  return {
    cpu: cpu === undefined ? sum((one) => one.cpu) : Number(cpu),
    memory: memory === undefined ? sum((one) => one.memoryReservation ?? one.memory) : Number(memory),
    ports: portsOf(
      containerDefinitions.flatMap((one) => one.portMappings ?? []),
      networkMode,
    ),
    interfaces: networkMode === 'awsvpc' ? 1 : 0,
  };
}

function portsOf(mappings: readonly PortMapping[], mode: Definition['networkMode']): HostPorts {
  const of = (protocol: string) =>
    mappings
      .filter((mapping) => (mapping.protocol ?? 'tcp') === protocol)
      .flatMap((mapping) => hostPorts(mapping, mode));
  return { tcp: of('tcp'), udp: of('udp') };
}

function hostPorts(mapping: PortMapping, mode: Definition['networkMode']): number[] {
  if (mode === 'awsvpc' || mode === 'none') return [];
  const isHost = mode === 'host';
  if (mapping.containerPortRange === undefined) {
    const port = mapping.hostPort || (isHost ? mapping.containerPort : undefined);
    return port ? [port] : [];
  }
  const [first = 0, last = first] = isHost ? mapping.containerPortRange.split('-').map(Number) : [];
  return first > 0 ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : [];
}

function requiredOf({ runtimePlatform }: Definition, attributes: readonly Attribute[]): RequiredAttribute[] {
  const { operatingSystemFamily: family, cpuArchitecture = '' } = runtimePlatform ?? {};
  const architecture = ARCHITECTURES[cpuArchitecture];
  return [
    ...attributes.map(({ name = '', value }) => ({ name, value })),
    ...(family ? [{ name: 'ecs.os-type', value: family.startsWith('WINDOWS') ? 'windows' : 'linux' }] : []),
    ...(architecture ? [{ name: 'ecs.cpu-architecture', value: architecture }] : []),
  ];
}
