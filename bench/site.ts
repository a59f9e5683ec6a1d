import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRepositoryCommand, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import type { Longshore } from '../test/harness/longshore.ts';
import { executionRole } from '../test/harness/roles.ts';
import { must, run } from '../test/harness/run.ts';
import { startServer } from './server.ts';
import type { LogLevel } from './server.ts';

export type Clients = Awaited<ReturnType<Longshore['clients']>>;

export const CLUSTER = 'bench';
const POLL_MS = 10;
const LONGEST_WAIT_MS = 60_000;

export interface SiteOptions {
  /** Builds the image under this tag. */
  readonly build: (tag: string) => Promise<void>;
  /** Each task has a public address, and whoever reaches it may connect to port 80. */
  readonly isPublic?: boolean;
  /** CPU units and MiB of memory of each task; the smallest when left out. */
  readonly size?: readonly [cpu: string, memory: string];
  readonly logLevel?: LogLevel;
}

/** A server, and one image pushed to its own registry that runs as Fargate tasks: what RunTask is measured with. */
export class Site {
  readonly server: Longshore;
  readonly clients: Clients;
  /** What docker pulls and runs; it is on this host already. */
  readonly image: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly #isPublic: boolean;

  private constructor(parts: Pick<Site, 'server' | 'clients' | 'image' | 'vpcId' | 'subnetIds'>, isPublic: boolean) {
    this.server = parts.server;
    this.clients = parts.clients;
    this.image = parts.image;
    this.vpcId = parts.vpcId;
    this.subnetIds = parts.subnetIds;
    this.#isPublic = isPublic;
  }

  static async open(cleanup: AsyncDisposableStack, options: SiteOptions): Promise<Site> {
    let image = '';
    // Undone after the server, whose containers are of this image.
    cleanup.defer(async () => void (image && (await run('docker', ['rmi', '--force', image]))));
    const server = await startServer(cleanup, options.logLevel);
    const clients = await server.clients();
    const { repository } = await clients.ecr.send(new CreateRepositoryCommand({ repositoryName: 'bench' }));
    image = `${repository?.repositoryUri}:latest`;
    await options.build(image);
    await pushAndPull(clients, image);
    const { Subnets = [] } = await clients.ec2.send(new DescribeSubnetsCommand());
    const vpcId = Subnets[0]?.VpcId ?? '';
    if (options.isPublic) await letEverybodyIn(clients, vpcId);
    await clients.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const [cpu, memory] = options.size ?? ['256', '512'];
    await clients.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'bench',
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu,
        memory,
        executionRoleArn: await executionRole(clients),
        containerDefinitions: [{ name: 'site', image, essential: true, portMappings: [{ containerPort: 80 }] }],
      }),
    );
    const subnetIds = Subnets.map((subnet) => subnet.SubnetId ?? '');
    return new Site({ server, clients, image, vpcId, subnetIds }, options.isPublic === true);
  }

  /** Answers when the task is RUNNING. */
  async run(): Promise<Task> {
    const { tasks = [], failures = [] } = await this.clients.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition: 'bench',
        launchType: 'FARGATE',
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: this.subnetIds.slice(0, 1),
            assignPublicIp: this.#isPublic ? 'ENABLED' : 'DISABLED',
          },
        },
      }),
    );
    const arn = tasks[0]?.taskArn;
    if (!arn) throw new Error(`RunTask answered ${JSON.stringify(failures)}`);
    return this.#reaches(arn, 'RUNNING');
  }

  /** Answers when it is STOPPED. */
  async stop({ taskArn = '' }: Task): Promise<Task> {
    await this.clients.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: taskArn }));
    return this.#reaches(taskArn, 'STOPPED');
  }

  /** Answers when docker has nothing of the task either. */
  async gone({ taskArn = '' }: Task): Promise<void> {
    await waitUntil(`no container of ${taskArn} is left`, async () => {
      const left = await must('docker', ['ps', '--all', '--quiet', '--filter', `label=longshore.task=${taskArn}`]);
      return left.trim() === '' ? true : undefined;
    });
  }

  async #reaches(arn: string, status: string): Promise<Task> {
    return waitUntil(`${arn} is ${status}`, async () => {
      const { tasks = [] } = await this.clients.ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: [arn] }));
      const task = tasks[0];
      if (status !== 'STOPPED' && task?.stoppedReason) throw new Error(`${arn} stopped: ${task.stoppedReason}`);
      return task?.lastStatus === status ? task : undefined;
    });
  }
}

/** Asks every 10 ms, if nothing else is said: finer than the harness's, for what is measured. */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  everyMs: number = POLL_MS,
  withinMs: number = LONGEST_WAIT_MS,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`It did not happen within ${withinMs / 1000} s that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Pulled once too: after that it is on the host as the server's own pulls leave it. */
async function pushAndPull(clients: Clients, image: string): Promise<void> {
  const { authorizationData = [] } = await clients.ecr.send(new GetAuthorizationTokenCommand());
  // A configuration of its own: the user's logins are not touched.
  const folder = await mkdtemp(join(tmpdir(), 'ls-bench-docker-'));
  try {
    const auths = { [image.split('/')[0] ?? '']: { auth: authorizationData[0]?.authorizationToken } };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }), { mode: 0o600 });
    await must('docker', ['--config', folder, 'push', '--quiet', image]);
    await must('docker', ['--config', folder, 'pull', '--quiet', image]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function letEverybodyIn(clients: Clients, vpcId: string): Promise<void> {
  const { SecurityGroups = [] } = await clients.ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        { Name: 'group-name', Values: ['default'] },
      ],
    }),
  );
  const GroupId = SecurityGroups[0]?.GroupId;
  const anyone = [{ CidrIp: '0.0.0.0/0' }];
  const IpPermissions = [80, 443].map((port) => ({
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
    IpRanges: anyone,
  }));
  await clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ ...(GroupId ? { GroupId } : {}), IpPermissions }));
}
