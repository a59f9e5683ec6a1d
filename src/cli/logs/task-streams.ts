import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import type { ContainerDefinition, ECSClient, Task } from '@aws-sdk/client-ecs';
import { CliError } from '../cli-error.ts';

const MOST_DESCRIBED = 100;

/** Where the lines of one container of one task are. */
export interface TaskStream {
  /** `app` of one task, `app/01234567` of one among others. */
  readonly label: string;
  readonly group: string;
  readonly name: string;
}

export interface Found {
  readonly tasks: readonly Task[];
  readonly isService: boolean;
  /** Nothing will come any more. */
  readonly isOver: boolean;
}

/** @throws CliError where neither a task nor a service is called so */
export async function findTasks(client: ECSClient, target: string, cluster: string): Promise<Found> {
  if (/^[0-9a-f]{32}$/.test(target) || target.includes(':task/')) {
    const tasks = await describe(client, target.split(':task/')[1]?.split('/').at(-2) ?? cluster, [target]);
    if (tasks.length === 0) throw new CliError(`there is no task ${target} in the cluster ${cluster}`);
    return { tasks, isService: false, isOver: tasks.every((task) => task.lastStatus === 'STOPPED') };
  }
  const home = target.split(':service/')[1]?.split('/').at(-2) ?? cluster;
  const { services = [] } = await client.send(new DescribeServicesCommand({ cluster: home, services: [target] }));
  const [service] = services;
  if (!service) throw new CliError(`there is no task or service ${target} in the cluster ${home}`);
  const arns = await Promise.all(
    (['RUNNING', 'STOPPED'] as const).map((desiredStatus) =>
      listTasks(client, { cluster: home, serviceName: service.serviceName ?? target, desiredStatus }),
    ),
  );
  const tasks = await describe(client, home, arns.flat());
  return { tasks, isService: true, isOver: service.status === 'INACTIVE' };
}

/** Streams that are not known yet. @throws CliError where no container can have any */
export async function streamsOf(
  client: ECSClient,
  { tasks, isService }: Found,
  known: ReadonlySet<string>,
  container: string | undefined,
): Promise<readonly TaskStream[]> {
  const streams: TaskStream[] = [];
  const definitions = new Map<string, readonly ContainerDefinition[]>();
  for (const task of tasks) {
    const id = task.taskArn?.split('/').at(-1) ?? '';
    const labelOf = (name = '') => (isService ? `${name}/${id.slice(0, 8)}` : name);
    if (task.containers?.some(({ name }) => known.has(labelOf(name)))) continue;
    const arn = task.taskDefinitionArn ?? '';
    const containers = definitions.get(arn) ?? (await containersOf(client, arn));
    definitions.set(arn, containers);
    const wanted = containers.filter(({ name }) => container === undefined || name === container);
    if (wanted.length === 0) throw new CliError(`there is no container ${container} in ${arn}`);
    const found = wanted.flatMap((each) => streamOf(each, id, labelOf(each.name)));
    if (found.length === 0) {
      throw new CliError(`the containers of ${arn} do not log to CloudWatch Logs`, {
        hint: 'give them a logConfiguration with the log driver awslogs',
      });
    }
    streams.push(...found);
  }
  return streams;
}

function streamOf({ name = '', logConfiguration }: ContainerDefinition, taskId: string, label: string): TaskStream[] {
  const group = logConfiguration?.options?.['awslogs-group'];
  if (group === undefined || logConfiguration?.logDriver !== 'awslogs') return [];
  const prefix = logConfiguration.options?.['awslogs-stream-prefix'];
  return [{ label, group, name: prefix ? `${prefix}/${name}/${taskId}` : `${name}/${taskId}` }];
}

async function containersOf(client: ECSClient, taskDefinition: string): Promise<readonly ContainerDefinition[]> {
  const answer = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  return answer.taskDefinition?.containerDefinitions ?? [];
}

async function describe(client: ECSClient, cluster: string, arns: readonly string[]): Promise<readonly Task[]> {
  const found: Task[] = [];
  for (let at = 0; at < arns.length; at += MOST_DESCRIBED) {
    const tasks = arns.slice(at, at + MOST_DESCRIBED);
    found.push(...((await client.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? []));
  }
  return found;
}

async function listTasks(
  client: ECSClient,
  input: { cluster: string; serviceName: string; desiredStatus: 'RUNNING' | 'STOPPED' },
): Promise<readonly string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new ListTasksCommand({ ...input, ...(nextToken && { nextToken }) }));
    arns.push(...(page.taskArns ?? []));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return arns;
}
