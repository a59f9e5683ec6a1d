import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { clientError } from '../errors.ts';
import type { Definition } from './task-definition-rules.ts';

const MODES: readonly string[] = ['awsvpc', 'bridge', 'host', 'none'];
const NOT_WITH_AWSVPC = ['hostname', 'dnsServers', 'dnsSearchDomains', 'extraHosts', 'disableNetworking'] as const;

/** What a container may say of the network depends on the task's network mode. */
export function checkNetworkMode({
  networkMode,
  requiresCompatibilities,
  containerDefinitions = [],
}: Definition): void {
  if (networkMode !== undefined && !MODES.includes(networkMode)) {
    throw clientError(`Invalid network mode: ${networkMode}.`);
  }
  if (networkMode === 'awsvpc' && requiresCompatibilities?.includes('EXTERNAL')) {
    throw clientError('External launch type does not support network mode ‘awsvpc’.');
  }
  if (networkMode === 'awsvpc') containerDefinitions.forEach(checkAwsVpc);
  else if (networkMode === 'host') containerDefinitions.forEach(checkHost);
  if (networkMode !== undefined && networkMode !== 'bridge' && networkMode !== 'awsvpc') {
    if (containerDefinitions.some((container) => container.links?.length)) {
      throw clientError(`Links are not supported when networkMode=${networkMode}.`);
    }
  }
}

/**
 * The modes of tasks on Managed Instances.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters-managed-instances.html
 */
export function checkManagedMode({ networkMode }: Definition): void {
  if (networkMode === 'awsvpc' || networkMode === 'host') return;
  throw clientError(`Managed Instances require the network mode awsvpc or host, not ${networkMode ?? 'bridge'}.`);
}

function checkAwsVpc(container: ContainerDefinition): void {
  if (container.links?.length) throw clientError('Links are not supported when networkMode=awsvpc.');
  for (const member of NOT_WITH_AWSVPC) {
    const value = container[member];
    if (Array.isArray(value) ? value.length > 0 : value) {
      throw clientError(`${member} is not supported on container when networkMode=awsvpc.`);
    }
  }
}

/** The host's own network is not the container's to change. */
function checkHost(container: ContainerDefinition): void {
  const control = (container.systemControls ?? []).find(({ namespace }) => namespace?.startsWith('net.'));
  if (control) throw clientError(`The system control ${control.namespace} is not supported when networkMode=host.`);
}
