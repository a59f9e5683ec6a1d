import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Service,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CliError } from '../cli-error.ts';
import { unless } from '../clients.ts';
import type { Placement } from './security-groups.ts';
import { type Progress, type SiteSession, must, sessionWait } from './session.ts';
import { SHARED, SITE_PORT, type Site } from './site.ts';

const STEADY_TIMEOUT_MS = 180_000;

/** Creates the service, or moves the one that is there to this task definition; its count stays what it is. */
export async function ensureService(
  session: SiteSession,
  placement: Placement,
  taskDefinition: string,
  targetGroupArn: string,
): Promise<void> {
  const { site, clients } = session;
  const existing = await findService(session);
  if (existing?.status === 'ACTIVE') {
    const { cluster, service } = site;
    if (existing.taskDefinition !== taskDefinition) {
      await clients.ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition }));
    }
    return;
  }
  await clients.ecs.send(
    new CreateServiceCommand({
      cluster: site.cluster,
      serviceName: site.service,
      taskDefinition,
      desiredCount: site.taskCount,
      ...runsWhere(site, placement),
      loadBalancers: [{ targetGroupArn, containerName: SHARED.container, containerPort: SITE_PORT }],
    }),
  );
}

/** The instances are those of the cluster's default capacity provider. */
function runsWhere({ launchType }: Site, placement: Placement): Partial<CreateServiceCommandInput> {
  if (launchType === 'EC2') return {};
  return {
    launchType,
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...placement.subnetIds],
        securityGroups: [placement.backendGroupId],
        assignPublicIp: 'ENABLED',
      },
    },
  };
}

export async function setDesiredCount({ clients, site }: SiteSession, desiredCount: number): Promise<void> {
  const { cluster, service } = site;
  await clients.ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
}

export async function findService({ clients, site }: SiteSession): Promise<Service | undefined> {
  const described = await unless(
    ['ClusterNotFoundException'],
    clients.ecs.send(new DescribeServicesCommand({ cluster: site.cluster, services: [site.service] })),
  );
  return described?.services?.[0];
}

/** Waits until one deployment runs all its tasks and the load balancer finds them healthy; shows the service's events. */
export async function waitForSteadyState(session: SiteSession, targetGroupArn: string, show: Progress): Promise<void> {
  const wait = () =>
    sessionWait(session, 'the service reaches a steady state', STEADY_TIMEOUT_MS, async () => {
      const service = must(await findService(session), 'the service');
      const healthy = await healthyTargets(session, targetGroupArn);
      const { runningCount = 0, desiredCount = 0 } = service;
      const event = service.events?.[0]?.message;
      show(`${runningCount}/${desiredCount} running, ${healthy}/${desiredCount} healthy${event ? `: ${event}` : ''}`);
      refuseFailure(service);
      return isSteady(service) && healthy === desiredCount ? true : undefined;
    });
  await explained(session, wait);
}

/** What this waits for, and where it fails why a task stopped. */
export async function explained<T>(session: SiteSession, wait: () => Promise<T>): Promise<T> {
  try {
    return await wait();
  } catch (error) {
    const reason = await stoppedReason(session).catch(() => undefined);
    if (reason && error instanceof CliError) throw new CliError(`${error.message}; a task stopped: ${reason}`);
    throw error;
  }
}

/** @throws CliError when the rollout has failed */
function refuseFailure({ deployments = [], events = [] }: Service): void {
  const failed = deployments.find((deployment) => deployment.rolloutState === 'FAILED');
  if (!failed) return;
  const reason = failed.rolloutStateReason ?? events[0]?.message ?? 'no reason given';
  throw new CliError(`the deployment failed: ${reason}`);
}

/** What aws ecs wait services-stable looks at, and that the rollout is over. */
export function isSteady(service: Service): boolean {
  const [deployment, ...older] = service.deployments ?? [];
  return (
    older.length === 0 &&
    service.runningCount === service.desiredCount &&
    (deployment?.rolloutState ?? 'COMPLETED') === 'COMPLETED'
  );
}

export async function healthyTargets({ clients }: SiteSession, targetGroupArn: string): Promise<number> {
  const { TargetHealthDescriptions = [] } = await clients.elbv2.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  );
  return TargetHealthDescriptions.filter((target) => target.TargetHealth?.State === 'healthy').length;
}

export async function tasksOfService(
  { clients, site }: SiteSession,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<Task[]> {
  const { cluster } = site;
  const { taskArns = [] } = await clients.ecs.send(
    new ListTasksCommand({ cluster, serviceName: site.service, desiredStatus }),
  );
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await clients.ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  return tasks;
}

async function stoppedReason(session: SiteSession): Promise<string | undefined> {
  const [task] = await tasksOfService(session, 'STOPPED');
  const container = task?.containers?.find((each) => each.reason)?.reason;
  return task?.stoppedReason && container ? `${task.stoppedReason} (${container})` : task?.stoppedReason;
}
