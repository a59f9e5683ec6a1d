import type { ServiceRegistry } from '@aws-sdk/client-ecs';
import type { Call } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { invalidParameter } from './errors.ts';
import type { TaskDefinitionRow, TaskRegistryRow } from './tables.ts';

/**
 * One Cloud Map service at most. With SRV records a port must be known, by the container's or by itself.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRegistry.html
 * @throws InvalidParameterException
 */
export async function checkServiceRegistries(
  call: Call,
  registries: readonly ServiceRegistry[],
  definition: TaskDefinitionRow,
): Promise<void> {
  if (registries.length > 1) throw invalidParameter('service registries can have at most 1 items.');
  const [registry] = registries;
  if (!registry) return;
  const { registryArn = '', containerName, containerPort, port } = registry;
  if (!/^arn:aws:servicediscovery:[^:]+:\d{12}:service\/srv-/.test(registryArn)) {
    throw invalidParameter(`Invalid service registry ARN: ${registryArn}.`);
  }
  if ((containerName === undefined) !== (containerPort === undefined)) {
    throw invalidParameter('When specifying a service registry, containerName and containerPort go together.');
  }
  if (containerName !== undefined && port !== undefined) {
    throw invalidParameter(
      "When specifying a service registry, you can't specify both a port and a containerName and containerPort.",
    );
  }
  if (containerName !== undefined) checkContainer(containerName, containerPort, definition);
  if (await hasSrvRecords(call, registryArn)) {
    if (containerPort === undefined && port === undefined) {
      throw invalidParameter(
        'When specifying a service registry with SRV records, you must specify either a containerName and ' +
          'containerPort combination or a port value.',
      );
    }
  }
}

function checkContainer(name: string, port: number | undefined, { definition }: TaskDefinitionRow): void {
  const container = definition.containerDefinitions?.find((one) => one.name === name);
  if (!container) throw invalidParameter(`The container ${name} does not exist in the task definition.`);
  if (!container.portMappings?.some((mapping) => mapping.containerPort === port)) {
    throw invalidParameter(`The container ${name} did not have a container port ${port} defined.`);
  }
}

async function hasSrvRecords(call: Call, registryArn: string): Promise<boolean> {
  try {
    const { Service } = await call('servicediscovery', 'GetService', { Id: registryArn });
    return Service?.DnsConfig?.DnsRecords?.some(({ Type }) => Type === 'SRV') ?? false;
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'ServiceNotFound')) throw error;
    throw invalidParameter(`The service registry ${registryArn} was not found.`);
  }
}

/** What the tasks of a service are registered in, and with which port. */
export function taskRegistry(registries: readonly ServiceRegistry[] | undefined): TaskRegistryRow | undefined {
  const [registry] = registries ?? [];
  if (!registry) return undefined;
  const port = registry.containerPort ?? registry.port;
  return { registryArn: registry.registryArn ?? '', ...(port !== undefined && { port }) };
}
