import type {
  ContainerDefinition,
  DaemonContainerDefinition,
  DaemonTaskDefinition,
  DaemonTaskDefinitionSummary,
  DaemonVolume,
  RegisterDaemonTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { normaliseTaskDefinition } from '../domain/task-definition.ts';
import type { Definition } from '../domain/task-definition-rules.ts';
import { clientError, refuseUnsupported } from '../errors.ts';
import type { DaemonTaskDefinitionRow } from './tables.ts';

/**
 * A daemon task definition as the task definition that its tasks run: on the instance's bridge, with the instance's
 * processes in sight where its PID mode is `shared`.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html
 * @throws ClientException
 */
export function normaliseDaemonDefinition(
  { tags: _tags, pidMode, ipcMode, ...input }: RegisterDaemonTaskDefinitionCommandInput,
  registryHost: string,
): Definition {
  if (pidMode && !['none', 'shared'].includes(pidMode)) throw clientError("Invalid 'pidMode' setting for daemon task.");
  if (ipcMode && !['none', 'shared'].includes(ipcMode)) throw clientError("Invalid 'ipcMode' setting for daemon task.");
  if (ipcMode === 'shared') refuseUnsupported({ ipcMode }, ['ipcMode']);
  const volumes = input.volumes?.map(taskVolume);
  const definition: Definition = {
    ...input,
    ...(volumes ? { volumes } : { volumes: undefined }),
    networkMode: 'bridge',
    ...(pidMode === 'shared' && { pidMode: 'host' as const }),
  };
  return normaliseTaskDefinition(definition, registryHost);
}

function taskVolume({ logDriverVolumeConfiguration, ...volume }: DaemonVolume): DaemonVolume {
  refuseUnsupported({ logDriverVolumeConfiguration }, ['logDriverVolumeConfiguration'], `volumes[${volume.name}].`);
  return volume;
}

/** As DescribeDaemonTaskDefinition shows it. */
export function daemonDefinitionView(row: DaemonTaskDefinitionRow): DaemonTaskDefinition {
  const { arn: daemonTaskDefinitionArn, ...summary } = daemonDefinitionSummary(row);
  const { definition } = row;
  return {
    daemonTaskDefinitionArn,
    ...summary,
    family: row.family,
    revision: row.number,
    containerDefinitions: (definition.containerDefinitions ?? []).map(daemonContainer),
    volumes: (definition.volumes ?? []).map(({ name, host }) => ({ name, ...(host && { host }) })),
    pidMode: definition.pidMode === 'host' ? 'shared' : 'none',
    ipcMode: 'none',
    ...(definition.taskRoleArn === undefined ? {} : { taskRoleArn: definition.taskRoleArn }),
    ...(definition.executionRoleArn === undefined ? {} : { executionRoleArn: definition.executionRoleArn }),
    ...(definition.cpu === undefined ? {} : { cpu: definition.cpu }),
    ...(definition.memory === undefined ? {} : { memory: definition.memory }),
  };
}

/** Without what only containers of task definitions have. */
function daemonContainer({
  portMappings: _ports,
  volumesFrom: _volumes,
  ...container
}: ContainerDefinition): DaemonContainerDefinition {
  return { ...container, image: container.image ?? '' };
}

export function daemonDefinitionSummary(row: DaemonTaskDefinitionRow): DaemonTaskDefinitionSummary {
  return {
    arn: row.arn,
    status: row.status,
    registeredAt: new Date(row.registeredAtMs),
    registeredBy: row.registeredBy,
    ...(row.deleteRequestedAtMs === undefined ? {} : { deleteRequestedAt: new Date(row.deleteRequestedAtMs) }),
  };
}
