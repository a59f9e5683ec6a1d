import type { ContainerDefinition, ContainerOverride } from '@aws-sdk/client-ecs';
import type { DependencyCondition, LogDestination, TaskContainer, TaskSpec } from '../../../executor/executor.ts';
import type { TaskDefinitionRow, TaskRow } from '../tables.ts';
import { roleArnOf } from './role-arn.ts';
import { resolveImage } from './image-reference.ts';

const MIB = 1024 * 1024;
const DEFAULT_STOP_TIMEOUT_S = 30;

/** What the executor must know of a task: its rows, with overrides applied and images resolved. */
export function taskSpec(task: TaskRow, definition: TaskDefinitionRow, registryHost: string): TaskSpec {
  if (!task.interface) throw new Error(`Task ${task.arn} has no network interface yet.`);
  const role = definition.definition.executionRoleArn;
  const executionRoleArn = role === undefined ? undefined : roleArnOf(task, role);
  const vpcBase = task.interface.vpcCidr.split('/')[0] ?? '';
  return {
    taskArn: task.arn,
    taskId: task.id,
    clusterArn: task.clusterArn,
    family: definition.family,
    taskDefinitionRevision: definition.number,
    cpuUnits: Number(task.cpu),
    memoryBytes: Number(task.memory) * MIB,
    network: {
      vpcId: task.interface.vpcId,
      interfaceId: task.interface.interfaceId,
      privateIp: task.interface.privateIp,
      hostname: task.interface.privateDnsName,
      dnsServers: [vpcBase.replace(/\d+$/, (last) => String(Number(last) + 2))],
      dnsSearch: [task.interface.privateDnsName.split('.').slice(1).join('.')],
    },
    ...optional('executionRoleArn', executionRoleArn),
    containers: (definition.definition.containerDefinitions ?? []).map((container) => ({
      ...containerSpec(
        task,
        container,
        task.overrides.containerOverrides?.find((override) => override.name === container.name) ?? {},
        registryHost,
      ),
      ...optional('logs', logsOf(task, container, executionRoleArn)),
    })),
  };
}

function containerSpec(
  task: TaskRow,
  container: ContainerDefinition,
  override: ContainerOverride,
  registryHost: string,
): TaskContainer {
  const image = container.image ?? '';
  const source = resolveImage(image, registryHost);
  const capabilities = container.linuxParameters?.capabilities;
  return {
    name: container.name ?? '',
    image,
    pullReference: source.reference,
    pullFrom: source.from,
    essential: container.essential ?? true,
    environment: { ...injectedEnvironment(task), ...environmentOf(container, override) },
    capabilitiesAdd: capabilities?.add ?? [],
    capabilitiesDrop: capabilities?.drop ?? [],
    ulimits: (container.ulimits ?? []).map((limit) => ({
      name: limit.name ?? '',
      soft: limit.softLimit ?? 0,
      hard: limit.hardLimit ?? 0,
    })),
    dependsOn: (container.dependsOn ?? []).map((dependency) => ({
      container: dependency.containerName ?? '',
      condition: dependency.condition as DependencyCondition,
    })),
    stopTimeoutMs: (container.stopTimeout ?? DEFAULT_STOP_TIMEOUT_S) * 1000,
    dockerLabels: container.dockerLabels ?? {},
    ...optional('entryPoint', container.entryPoint),
    ...optional('command', override.command ?? container.command),
    ...optional('workingDirectory', container.workingDirectory),
    ...optional('user', container.user),
    ...optional('cpuUnits', (override.cpu ?? container.cpu) || undefined),
    ...optional('memoryBytes', bytes(override.memory ?? container.memory)),
    ...optional('memoryReservationBytes', bytes(override.memoryReservation ?? container.memoryReservation)),
    ...optional('readonlyRootFilesystem', container.readonlyRootFilesystem),
    ...optional('initProcess', container.linuxParameters?.initProcessEnabled),
    ...optional('startTimeoutMs', container.startTimeout === undefined ? undefined : container.startTimeout * 1000),
    ...optional('healthCheck', healthCheckOf(container)),
    ...optional('hasRun', hasRun(task, container.name) || undefined),
  };
}

function hasRun(task: TaskRow, name: string | undefined): boolean {
  const row = task.containers.find((container) => container.name === name);
  return row?.status === 'RUNNING' || row?.exitCode !== undefined;
}

/**
 * What ECS puts into every container. AWS_ENDPOINT_URL is ours: without it an SDK would go to the real AWS.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-metadata.html
 */
function injectedEnvironment(task: TaskRow): Record<string, string> {
  return {
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_REGION: task.region,
    AWS_DEFAULT_REGION: task.region,
    AWS_ENDPOINT_URL: 'http://169.254.170.2',
    ...(task.credentialsId === undefined
      ? {}
      : { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `/v2/credentials/${task.credentialsId}` }),
  };
}

function environmentOf(container: ContainerDefinition, override: ContainerOverride): Record<string, string> {
  const pairs = [...(container.environment ?? []), ...(override.environment ?? [])];
  return Object.fromEntries(pairs.map((pair) => [pair.name ?? '', pair.value ?? '']));
}

function healthCheckOf(container: ContainerDefinition): TaskContainer['healthCheck'] | undefined {
  const check = container.healthCheck;
  if (!check || check.command?.[0] === 'NONE') return undefined;
  return {
    command: check.command ?? [],
    intervalMs: (check.interval ?? 30) * 1000,
    timeoutMs: (check.timeout ?? 5) * 1000,
    retries: check.retries ?? 3,
    startPeriodMs: (check.startPeriod ?? 0) * 1000,
  };
}

/** The stream is `prefix/container/task`, or `container/task` where no prefix is set. */
function logsOf(
  task: TaskRow,
  container: ContainerDefinition,
  executionRoleArn: string | undefined,
): LogDestination | undefined {
  const options = container.logConfiguration?.options;
  if (!options) return undefined;
  const prefix = options['awslogs-stream-prefix'];
  return {
    account: task.account,
    region: options['awslogs-region'] ?? task.region,
    group: options['awslogs-group'] ?? '',
    stream: prefix ? `${prefix}/${container.name}/${task.id}` : `${container.name}/${task.id}`,
    createGroup: options['awslogs-create-group'] === 'true',
    ...optional('role', executionRoleArn === undefined ? undefined : { arn: executionRoleArn, sessionName: task.id }),
  };
}

function bytes(mib: number | undefined): number | undefined {
  return mib === undefined ? undefined : mib * MIB;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
