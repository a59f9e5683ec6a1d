import { CreateLogGroupCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type {
  ContainerDefinition,
  CreateServiceCommandInput,
  DeploymentConfiguration,
  Service,
  Task,
  TaskOverride,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Longshore } from './longshore.ts';
import { getPage } from './page.ts';
import type { Page, PageRequest } from './page.ts';
import { createRepository, pushImage } from './registry.ts';
import {
  createCertificate,
  createHostedZone,
  createListeners,
  createLoadBalancer,
  createPlacement,
  createTargetGroup,
  given,
  setDeregistrationDelay,
  upsertRecord,
} from './site-parts.ts';
import type { Clients, SiteParts } from './site-parts.ts';
import { teardown } from './site-teardown.ts';
import { executionRole } from './roles.ts';
import { until } from './until.ts';

export interface SiteOptions {
  /** Of everything; the host name is `NAME.localhost`. */
  readonly name: string;
  /** An image in the engine: see `buildSiteImage`. */
  readonly image: string;
  readonly count?: number;
  readonly deregistrationDelaySeconds?: number;
  readonly deploymentConfiguration?: DeploymentConfiguration;
  /** Changes its container, e.g. the entry point. */
  readonly container?: Partial<ContainerDefinition>;
  readonly monitoring?: CreateServiceCommandInput['monitoring'];
}

const CONTAINER = 'web';

/** A web site as a user deploys it with the AWS SDK; answers when the service is made, not yet steady. */
export async function deploySite(server: Longshore, options: SiteOptions): Promise<Site> {
  const clients = await server.clients();
  const { name, count = 2, deregistrationDelaySeconds = 1 } = options;
  const hostname = `${name}.localhost`;
  const repositoryUri = await createRepository(clients.ecr, name);
  const imageUri = await pushImage(clients.ecr, options.image, repositoryUri, 'v1');
  const placement = await createPlacement(clients, name);
  const balancer = await createLoadBalancer(clients, name, placement);
  const targetGroupArn = await createTargetGroup(clients, name, placement.vpcId, deregistrationDelaySeconds);
  const hostedZoneId = await createHostedZone(clients, hostname);
  const certificateArn = await createCertificate(clients, hostname, hostedZoneId);
  await createListeners(clients, balancer, targetGroupArn, certificateArn);
  await upsertRecord(clients, hostedZoneId, {
    Name: hostname,
    Type: 'A',
    AliasTarget: {
      HostedZoneId: given(balancer.CanonicalHostedZoneId, 'CanonicalHostedZoneId'),
      DNSName: given(balancer.DNSName, 'DNSName'),
      EvaluateTargetHealth: false,
    },
  });
  await clients.logs.send(new CreateLogGroupCommand({ logGroupName: `/ecs/${name}` }));
  await clients.ecs.send(new CreateClusterCommand({ clusterName: name }));
  const taskDefinitionArn = await registerTask(clients, name, [webContainer(name, imageUri, options.container)]);
  const parts = { name, hostname, repositoryUri, imageUri, placement, balancer, targetGroupArn };
  const site = new Site(server, clients, { ...parts, hostedZoneId, certificateArn, taskDefinitionArn });
  await clients.ecs.send(
    new CreateServiceCommand({
      cluster: name,
      serviceName: name,
      taskDefinition: taskDefinitionArn,
      desiredCount: count,
      launchType: 'FARGATE',
      networkConfiguration: site.network(),
      loadBalancers: [{ targetGroupArn, containerName: CONTAINER, containerPort: 80 }],
      monitoring: options.monitoring,
      ...(options.deploymentConfiguration ? { deploymentConfiguration: options.deploymentConfiguration } : {}),
    }),
  );
  return site;
}

/** The site's own container; `more` changes it, e.g. its entry point. */
export function webContainer(
  name: string,
  image: string,
  more: Partial<ContainerDefinition> = {},
): ContainerDefinition {
  return {
    name: CONTAINER,
    image,
    essential: true,
    portMappings: [{ containerPort: 80 }],
    logConfiguration: logsTo(name),
    ...more,
  };
}

/** The awslogs driver with the site's group: streams are `ecs/CONTAINER/TASK-ID`. */
export function logsTo(name: string): ContainerDefinition['logConfiguration'] {
  const options = {
    'awslogs-group': `/ecs/${name}`,
    'awslogs-region': 'us-east-1',
    'awslogs-stream-prefix': 'ecs',
  };
  return { logDriver: 'awslogs', options };
}

/** Registers a revision of a Fargate task definition; answers its ARN. */
export async function registerTask(clients: Clients, family: string, containers: ContainerDefinition[]) {
  const executionRoleArn = await executionRole(clients);
  const { taskDefinition } = await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn,
      containerDefinitions: containers,
    }),
  );
  return given(taskDefinition?.taskDefinitionArn, 'taskDefinitionArn');
}

/** A detail of a task's network interface: `networkInterfaceId`, `privateIPv4Address`, `subnetId`, ... */
export function detailOf(task: Task | undefined, name: string): string {
  return task?.attachments?.[0]?.details?.find((detail) => detail.name === name)?.value ?? '';
}

/** A deployed web site. Every question goes through the API or the edge, as a user's would. */
export class Site {
  readonly server: Longshore;
  readonly clients: Clients;
  readonly parts: SiteParts;

  constructor(server: Longshore, clients: Clients, parts: SiteParts) {
    this.server = server;
    this.clients = clients;
    this.parts = parts;
  }

  get name(): string {
    return this.parts.name;
  }

  /** A page over HTTPS, trusting the server's CA alone. */
  async get(path = '/', headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    return getPage({ ...(await this.request(path)), headers });
  }

  async request(path = '/'): Promise<PageRequest> {
    const { hostname } = this.parts;
    return { port: this.server.httpsPort, hostname, path, ca: await this.server.file('ca.pem') };
  }

  /** awsvpc in the site's subnets with public addresses; by default with the tasks' security group. */
  network(groupIds: readonly string[] = [this.parts.placement.taskGroupId]) {
    const subnets = [...this.parts.placement.subnetIds];
    return { awsvpcConfiguration: { subnets, securityGroups: [...groupIds], assignPublicIp: 'ENABLED' as const } };
  }

  async service(): Promise<Service> {
    const { services } = await this.clients.ecs.send(
      new DescribeServicesCommand({ cluster: this.name, services: [this.name] }),
    );
    return given(services?.[0], 'service');
  }

  async tasks(desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING'): Promise<Task[]> {
    const { taskArns = [] } = await this.clients.ecs.send(
      new ListTasksCommand({ cluster: this.name, serviceName: this.name, desiredStatus }),
    );
    return taskArns.length === 0 ? [] : this.describe(taskArns);
  }

  async describe(taskArns: readonly string[]): Promise<Task[]> {
    const { tasks = [] } = await this.clients.ecs.send(
      new DescribeTasksCommand({ cluster: this.name, tasks: [...taskArns] }),
    );
    return tasks;
  }

  async targetStates(): Promise<string[]> {
    const { TargetHealthDescriptions = [] } = await this.clients.elbv2.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: this.parts.targetGroupArn }),
    );
    return TargetHealthDescriptions.map((target) => target.TargetHealth?.State ?? 'none');
  }

  async setDeregistrationDelay(seconds: number): Promise<void> {
    await setDeregistrationDelay(this.clients, this.parts.targetGroupArn, seconds);
  }

  /** Waits until one deployment has completed, with as many tasks running and targets healthy as are wanted. */
  async steady(withinMs = 60_000): Promise<Service> {
    let last = '';
    try {
      return await until(
        `service ${this.name} is steady`,
        async () => {
          const service = await this.service();
          const states = await this.targetStates();
          last = JSON.stringify({ states, deployments: service.deployments, events: service.events?.slice(0, 5) });
          const isSteady =
            service.deployments?.length === 1 &&
            service.deployments[0]?.rolloutState === 'COMPLETED' &&
            service.runningCount === service.desiredCount &&
            service.pendingCount === 0 &&
            states.filter((state) => state === 'healthy').length === service.desiredCount &&
            states.every((state) => state === 'healthy');
          return isSteady && service;
        },
        withinMs,
      );
    } catch (error) {
      throw new Error(`${String(error)} It is: ${last}`, { cause: error });
    }
  }

  async update(change: Omit<UpdateServiceCommandInput, 'cluster' | 'service'>): Promise<void> {
    await this.clients.ecs.send(new UpdateServiceCommand({ cluster: this.name, service: this.name, ...change }));
  }

  /** A new revision of the site's task definition. */
  async register(imageUri = this.parts.imageUri, more: Partial<ContainerDefinition> = {}): Promise<string> {
    return registerTask(this.clients, this.name, [webContainer(this.name, imageUri, more)]);
  }

  async push(image: string, tag: string): Promise<string> {
    return pushImage(this.clients.ecr, image, this.parts.repositoryUri, tag);
  }

  /** Runs tasks beside the service. */
  async run(
    taskDefinition: string,
    options: { groupIds?: readonly string[]; count?: number; overrides?: TaskOverride } = {},
  ): Promise<Task[]> {
    const { tasks, failures } = await this.clients.ecs.send(
      new RunTaskCommand({
        cluster: this.name,
        taskDefinition,
        launchType: 'FARGATE',
        count: options.count ?? 1,
        networkConfiguration: this.network(options.groupIds),
        ...(options.overrides ? { overrides: options.overrides } : {}),
      }),
    );
    if (failures?.length) throw new Error(`RunTask failed: ${JSON.stringify(failures)}`);
    return tasks ?? [];
  }

  /** Waits until a task has stopped; answers its last description. */
  async stopped(taskArn: string | undefined, withinMs = 60_000): Promise<Task> {
    return until(
      `task ${taskArn} has stopped`,
      async () => {
        const [task] = await this.describe([given(taskArn, 'taskArn')]);
        return task?.lastStatus === 'STOPPED' && task;
      },
      withinMs,
    );
  }

  async publicIp(task: Task | undefined): Promise<string> {
    const NetworkInterfaceIds = [detailOf(task, 'networkInterfaceId')];
    const { NetworkInterfaces } = await this.clients.ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds }),
    );
    return given(NetworkInterfaces?.[0]?.Association?.PublicIp, 'PublicIp');
  }

  /** What a container has printed, from CloudWatch Logs. */
  async logLines(task: Task, container = CONTAINER): Promise<string[]> {
    const logStreamName = `ecs/${container}/${task.taskArn?.split('/').at(-1)}`;
    const { events = [] } = await this.clients.logs.send(
      new GetLogEventsCommand({ logGroupName: `/ecs/${this.name}`, logStreamName, startFromHead: true }),
    );
    return events.map((event) => event.message ?? '');
  }

  /** Deletes all of it through the API, in the order that AWS asks for. */
  async remove(): Promise<void> {
    await teardown(this.clients, this.parts);
  }
}
