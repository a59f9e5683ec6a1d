import type { Attribute, Compatibility, ContainerDefinition } from '@aws-sdk/client-ecs';
import { ServiceError } from '../../../kernel/errors.ts';
import { resolveImage } from './image-reference.ts';
import { secretStore } from './task-definition-environment.ts';
import { checkFargate } from './task-definition-fargate.ts';
import type { Definition } from './task-definition-rules.ts';

/** The launch types that a definition would be accepted for, whatever it asks to be checked against. */
export function compatibilitiesOf(definition: Definition, registryHost: string): Compatibility[] {
  const { networkMode, requiresCompatibilities = [] } = definition;
  const asked = (one: Compatibility): Compatibility[] => (requiresCompatibilities.includes(one) ? [one] : []);
  return [
    ...(networkMode === 'awsvpc' ? [] : (['EXTERNAL'] as const)),
    'EC2',
    ...(isFargate(definition, registryHost) ? (['FARGATE'] as const) : []),
    ...asked('MANAGED_INSTANCES'),
  ];
}

function isFargate(definition: Definition, registryHost: string): boolean {
  try {
    checkFargate(definition, registryHost);
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

const AGENT = 'com.amazonaws.ecs.capability.';
const api = (version: string) => `${AGENT}docker-remote-api.${version}`;

/**
 * What a container instance must be able to do.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html#attributes
 */
export function requiredAttributes(definition: Definition, registryHost: string): Attribute[] {
  const containers = definition.containerDefinitions ?? [];
  const names = new Set(
    [
      ...containers.flatMap((container) => ofContainer(container, definition, registryHost)),
      ...ofTask(definition),
    ].flat(),
  );
  return [...names].map((name) => ({ name }));
}

const when = (condition: unknown, ...names: string[]): string[] => (condition ? names : []);

function ofContainer(container: ContainerDefinition, { executionRoleArn }: Definition, registryHost: string): string[] {
  const driver = container.logConfiguration?.logDriver;
  const stores = new Set((container.secrets ?? []).map(({ valueFrom }) => secretStore(valueFrom ?? '')));
  const isEcr = resolveImage(container.image ?? '', registryHost).from === 'ecr';
  const security = container.dockerSecurityOptions ?? [];
  return [
    ...when(driver, `${AGENT}logging-driver.${driver}`),
    ...when(driver === 'awslogs', api('1.19')),
    ...when(driver === 'awslogs' && executionRoleArn, 'ecs.capability.execution-role-awslogs'),
    ...when(isEcr, `${AGENT}ecr-auth`, api('1.19')),
    ...when(isEcr && executionRoleArn, 'ecs.capability.execution-role-ecr-pull'),
    ...when(container.repositoryCredentials, 'ecs.capability.private-registry-authentication.secretsmanager'),
    ...when(stores.has('asm'), 'ecs.capability.secrets.asm.environment-variables'),
    ...when(stores.has('ssm'), 'ecs.capability.secrets.ssm.environment-variables'),
    ...when(container.environmentFiles?.length, 'ecs.capability.env-files.s3'),
    ...when(container.healthCheck, 'ecs.capability.container-health-check'),
    ...when(container.dependsOn?.length, 'ecs.capability.container-ordering'),
    ...when(container.restartPolicy?.enabled, 'ecs.capability.container-restart-policy'),
    ...when(
      container.portMappings?.some((port) => port.containerPortRange),
      'ecs.capability.container-port-range',
    ),
    ...when(container.memoryReservation, api('1.21')),
    ...when(container.linuxParameters?.initProcessEnabled, api('1.25')),
    ...when(container.privileged, `${AGENT}privileged-container`),
    ...when(
      security.some((option) => option.startsWith('label')),
      `${AGENT}selinux`,
    ),
    ...when(
      security.some((option) => option.startsWith('apparmor')),
      `${AGENT}apparmor`,
    ),
  ];
}

function ofTask(definition: Definition): string[] {
  const { taskRoleArn, networkMode, pidMode, ipcMode, volumes = [] } = definition;
  const isSized = definition.cpu !== undefined || definition.memory !== undefined;
  return [
    ...when(taskRoleArn, `${AGENT}task-iam-role`),
    ...when(taskRoleArn && networkMode === 'host', `${AGENT}task-iam-role-network-host`),
    ...when(networkMode === 'awsvpc', 'ecs.capability.task-eni'),
    ...when(isSized && networkMode !== 'awsvpc', 'ecs.capability.task-cpu-mem-limit'),
    ...when(pidMode || ipcMode, 'ecs.capability.pid-ipc-namespace-sharing'),
    ...volumes.flatMap(({ dockerVolumeConfiguration: docker }) =>
      when(docker, `ecs.capability.docker-plugin.${docker?.driver ?? 'local'}`),
    ),
    api('1.18'),
  ];
}
