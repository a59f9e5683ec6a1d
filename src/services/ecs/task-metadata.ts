import type { CallAs } from '../../api/service.ts';
import type { Call } from '../../api/context.ts';
import type { Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { definitionOfTask } from './daemons/lookups.ts';
import { metadataId } from './domain/metadata-id.ts';
import { roleArnOf } from './domain/role-arn.ts';
import { tasks } from './tables.ts';
import type { TaskContainerRow, TaskDefinitionRow, TaskRow } from './tables.ts';
import { containerMetadata, taskMetadata } from './views/task-metadata.ts';
import type { MetadataFacts } from './views/task-metadata.ts';

/** One container of one task, as the id in its environment names it. */
export interface MetadataTarget extends Scope {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskId: string;
  readonly taskRoleArn?: string;
  /** The engine's ids by the ids that the endpoint shows, of containers that run. */
  readonly runtimeIds: Readonly<Record<string, string>>;
  readonly runtimeId?: string;
  /** The EC2 instance whose engine that is; left out: this host's own. */
  readonly instanceId?: string;
  container(version: 3 | 4): Promise<object>;
  task(version: 3 | 4): Promise<object>;
  taskWithTags(): Promise<object>;
}

/** Undefined for an id that names no container of a task that has not stopped. */
export type FindMetadata = (id: string) => Promise<MetadataTarget | undefined>;

/** What containers are told of their own task. */
export function taskMetadataFinder(
  store: Pick<Store, 'read'>,
  callIn: (scope: Scope, as?: CallAs) => Call,
): FindMetadata {
  return async (id) => {
    const found = await store.read((tx) => findContainer(tx, id));
    if (!found) return undefined;
    const { task, definition, container } = found;
    const facts = () => factsOf(callIn(task), task);
    const role = task.overrides.taskRoleArn ?? definition.definition.taskRoleArn;
    const running = task.containers.flatMap(({ name, runtimeId, status }) =>
      runtimeId === undefined || status !== 'RUNNING' ? [] : [[metadataId(task, name), runtimeId] as const],
    );
    return {
      account: task.account,
      region: task.region,
      taskArn: task.arn,
      clusterArn: task.clusterArn,
      taskId: task.id,
      runtimeIds: Object.fromEntries(running),
      ...(task.ec2InstanceId === undefined ? {} : { instanceId: task.ec2InstanceId }),
      ...(role ? { taskRoleArn: roleArnOf(task, role) } : {}),
      ...(container.runtimeId === undefined ? {} : { runtimeId: container.runtimeId }),
      container: async (version) => containerMetadata(task, definition, container, version, await facts()),
      task: async (version) => taskMetadata(task, definition, version, await facts()),
      taskWithTags: async () => ({ ...taskMetadata(task, definition, 4, await facts()), TaskTags: task.tags }),
    };
  };
}

interface Found {
  readonly task: TaskRow;
  readonly definition: TaskDefinitionRow;
  readonly container: TaskContainerRow;
}

async function findContainer(tx: ReadTx, id: string): Promise<Found | undefined> {
  const [task] = await tx.list(tasks, { where: ['id', id.slice(0, id.lastIndexOf('-'))] });
  const container = task?.containers.find(({ name }) => metadataId(task, name) === id);
  const definition = task && (await definitionOfTask(tx, task.taskDefinitionArn));
  if (!container || !definition || task.lastStatus === 'STOPPED') return undefined;
  return { task, definition, container };
}

async function factsOf(call: Call, task: TaskRow): Promise<MetadataFacts> {
  try {
    const { Subnets = [] } = await call('ec2', 'DescribeSubnets', { SubnetIds: [task.subnetId] });
    const subnetCidr = Subnets[0]?.CidrBlock;
    return subnetCidr === undefined ? {} : { subnetCidr };
  } catch (error) {
    if (error instanceof ServiceError) return {};
    throw error;
  }
}
