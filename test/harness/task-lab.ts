import { join } from 'node:path';
import { CreateLogGroupCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import type {
  ContainerDefinition,
  RegisterTaskDefinitionCommandInput,
  RunTaskCommandInput,
  Task,
} from '@aws-sdk/client-ecs';
import { Longshore } from './longshore.ts';
import type { Options } from './longshore.ts';
import { createRepository, pushImage } from './registry.ts';
import { executionRole } from './roles.ts';
import { must, run } from './run.ts';
import type { Ran } from './run.ts';
import { buildSiteImage } from './site-image.ts';
import { createPlacement, given } from './site-parts.ts';
import type { Clients, Placement } from './site-parts.ts';
import { logsTo } from './site.ts';
import { until } from './until.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');

/** A container definition without what the lab fills in: image, entry point (`/bin/sh -c`) and log configuration. */
export type LabContainer = Partial<ContainerDefinition> & {
  /** A script, in place of entry point and command. */
  readonly run?: string;
};

export interface LabTask extends Partial<Omit<RegisterTaskDefinitionCommandInput, 'containerDefinitions'>> {
  /** By name. */
  readonly containers: Readonly<Record<string, LabContainer>>;
}

/** A server with a cluster (and image, role, log group) in which a test runs tasks. Everything is named after the lab. */
export class TaskLab {
  readonly server: Longshore;
  readonly clients: Clients;
  readonly name: string;
  readonly placement: Placement;
  /** A busybox, in a private repository. */
  readonly image: string;
  readonly executionRoleArn: string;
  readonly #localImage: string;

  private constructor(parts: {
    server: Longshore;
    clients: Clients;
    name: string;
    placement: Placement;
    image: string;
    executionRoleArn: string;
    localImage: string;
  }) {
    this.server = parts.server;
    this.clients = parts.clients;
    this.name = parts.name;
    this.placement = parts.placement;
    this.image = parts.image;
    this.executionRoleArn = parts.executionRoleArn;
    this.#localImage = parts.localImage;
  }

  /** Give it to `after` with `remove`. */
  static async open(name: string, options: Options = {}): Promise<TaskLab> {
    const server = await Longshore.start(options);
    const localImage = `longshore-test-${name}-${process.pid}:v1`;
    try {
      await buildSiteImage(localImage);
      const clients = await server.clients();
      const image = await pushImage(clients.ecr, localImage, await createRepository(clients.ecr, name), 'v1');
      const placement = await createPlacement(clients, name);
      await clients.ecs.send(new CreateClusterCommand({ clusterName: name }));
      await clients.logs.send(new CreateLogGroupCommand({ logGroupName: `/ecs/${name}` }));
      return new TaskLab({
        server,
        clients,
        name,
        placement,
        image,
        executionRoleArn: await executionRole(clients),
        localImage,
      });
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await this.server.remove();
    await must('docker', ['image', 'rm', this.#localImage]);
  }

  /** Registers a Fargate task definition; answers its ARN. */
  async register({ containers, ...definition }: LabTask, family = this.name): Promise<string> {
    const { taskDefinition } = await this.clients.ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu: '256',
        memory: '512',
        executionRoleArn: this.executionRoleArn,
        containerDefinitions: Object.entries(containers).map(([name, { run, ...container }]) => ({
          name,
          image: this.image,
          logConfiguration: logsTo(this.name),
          ...(run === undefined ? {} : { entryPoint: ['/bin/sh', '-c'], command: [run] }),
          ...container,
        })),
        ...definition,
      }),
    );
    return given(taskDefinition?.taskDefinitionArn, 'taskDefinitionArn');
  }

  /** Starts tasks of a definition's ARN, or of one that it registers. */
  async start(definition: string | LabTask, more: Partial<RunTaskCommandInput> = {}): Promise<Task[]> {
    const taskDefinition = typeof definition === 'string' ? definition : await this.register(definition);
    const { tasks = [] } = await this.clients.ecs.send(
      new RunTaskCommand({
        cluster: this.name,
        taskDefinition,
        ...(more.capacityProviderStrategy ? {} : { launchType: 'FARGATE' as const }),
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [...this.placement.subnetIds],
            securityGroups: [this.placement.taskGroupId],
            assignPublicIp: 'ENABLED',
          },
        },
        ...more,
      }),
    );
    return tasks;
  }

  /** Starts one and waits until it runs. */
  async running(definition: string | LabTask, more: Partial<RunTaskCommandInput> = {}): Promise<Task> {
    const [task] = await this.start(definition, more);
    return this.untilRunning(given(task, 'task'));
  }

  /** Starts one and waits for its end. */
  async finished(definition: string | LabTask, more: Partial<RunTaskCommandInput> = {}): Promise<Task> {
    const [task] = await this.start(definition, more);
    return this.untilStopped(given(task, 'task'));
  }

  async describe(task: Pick<Task, 'taskArn'>): Promise<Task> {
    const tasks = [task.taskArn ?? ''];
    const seen = await this.clients.ecs.send(
      new DescribeTasksCommand({ cluster: this.name, tasks, include: ['TAGS'] }),
    );
    return given(seen.tasks?.[0], 'task');
  }

  async untilRunning(task: Pick<Task, 'taskArn'>): Promise<Task> {
    return until('the task runs', async () => {
      const seen = await this.describe(task);
      if (seen.lastStatus === 'STOPPED') throw new Error(`It stopped: ${describeEnd(seen)}`);
      return seen.lastStatus === 'RUNNING' && seen;
    });
  }

  async untilStopped(task: Pick<Task, 'taskArn'>): Promise<Task> {
    return until('the task has stopped', async () => {
      const seen = await this.describe(task);
      return seen.lastStatus === 'STOPPED' && seen;
    });
  }

  /** What a container has printed, from CloudWatch Logs. */
  async lines(task: Pick<Task, 'taskArn'>, container: string): Promise<string[]> {
    const { events = [] } = await this.clients.logs.send(
      new GetLogEventsCommand({
        logGroupName: `/ecs/${this.name}`,
        logStreamName: `ecs/${container}/${task.taskArn?.split('/').at(-1)}`,
        startFromHead: true,
      }),
    );
    return events.map(({ message = '' }) => message);
  }
}

/** `longshore ARGS`, of the lab's server. */
export function longshoreOf({ server }: TaskLab, ...args: readonly string[]): Promise<Ran> {
  return run(process.execPath, [CLI, ...args, '--home', server.home]);
}

export function exitCodes({ containers = [] }: Task): Record<string, number | undefined> {
  return Object.fromEntries(containers.map(({ name = '', exitCode }) => [name, exitCode]));
}

/** For messages of failed tests. */
export function describeEnd({ stopCode, stoppedReason, containers = [] }: Task): string {
  const reasons = containers.map(({ name, exitCode, reason }) => `${name}: ${exitCode ?? '-'} ${reason ?? ''}`);
  return [stopCode, stoppedReason, ...reasons].join('; ');
}
