import {
  CreateClusterCommand,
  CreateServiceCommand,
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
import { NAMES, SITE_PORT, TASK_COUNT } from './names.ts';
import type { Placement } from './security-groups.ts';
import { type Progress, type Session, must, sessionWait } from './session.ts';

const STEADY_TIMEOUT_MS = 180_000;

export async function ensureCluster({ clients }: Session): Promise<void> {
  await clients.ecs.send(new CreateClusterCommand({ clusterName: NAMES.cluster }));
}

/** Creates the service, or moves the one that is there to this task definition. */
export async function ensureService(
  session: Session,
  placement: Placement,
  taskDefinition: string,
  targetGroupArn: string,
): Promise<void> {
  const { ecs } = session.clients;
  const existing = await findService(session);
  if (existing?.status === 'ACTIVE') {
    const isSame = existing.taskDefinition === taskDefinition && existing.desiredCount === TASK_COUNT;
    const change = { cluster: NAMES.cluster, service: NAMES.service, taskDefinition, desiredCount: TASK_COUNT };
    if (!isSame) await ecs.send(new UpdateServiceCommand(change));
    return;
  }
  await ecs.send(
    new CreateServiceCommand({
      cluster: NAMES.cluster,
      serviceName: NAMES.service,
      taskDefinition,
      desiredCount: TASK_COUNT,
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...placement.subnetIds],
          securityGroups: [placement.taskGroupId],
          assignPublicIp: 'ENABLED',
        },
      },
      loadBalancers: [{ targetGroupArn, containerName: NAMES.container, containerPort: SITE_PORT }],
    }),
  );
}

export async function findService({ clients }: Session): Promise<Service | undefined> {
  const described = await unless(
    ['ClusterNotFoundException'],
    clients.ecs.send(new DescribeServicesCommand({ cluster: NAMES.cluster, services: [NAMES.service] })),
  );
  return described?.services?.[0];
}

/** Waits until one deployment runs all its tasks and the load balancer finds them healthy; shows the service's events. */
export async function waitForSteadyState(session: Session, targetGroupArn: string, show: Progress): Promise<void> {
  try {
    await sessionWait(session, 'the service reaches a steady state', STEADY_TIMEOUT_MS, async () => {
      const service = must(await findService(session), 'the service');
      const healthy = await healthyTargets(session, targetGroupArn);
      const event = service.events?.[0]?.message;
      show(
        `${service.runningCount ?? 0}/${TASK_COUNT} running, ${healthy}/${TASK_COUNT} healthy${event ? `: ${event}` : ''}`,
      );
      const failed = service.deployments?.find((deployment) => deployment.rolloutState === 'FAILED');
      if (failed)
        throw new CliError(`the deployment failed: ${failed.rolloutStateReason ?? event ?? 'no reason given'}`);
      return isSteady(service) && healthy === TASK_COUNT ? true : undefined;
    });
  } catch (error) {
    const reason = await stoppedReason(session).catch(() => undefined);
    if (reason && error instanceof CliError) throw new CliError(`${error.message}; a task stopped: ${reason}`);
    throw error;
  }
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

async function healthyTargets({ clients }: Session, targetGroupArn: string): Promise<number> {
  const { TargetHealthDescriptions = [] } = await clients.elbv2.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  );
  return TargetHealthDescriptions.filter((target) => target.TargetHealth?.State === 'healthy').length;
}

export async function tasksOfService({ clients }: Session, desiredStatus: 'RUNNING' | 'STOPPED'): Promise<Task[]> {
  const { taskArns = [] } = await clients.ecs.send(
    new ListTasksCommand({ cluster: NAMES.cluster, serviceName: NAMES.service, desiredStatus }),
  );
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await clients.ecs.send(new DescribeTasksCommand({ cluster: NAMES.cluster, tasks: taskArns }));
  return tasks;
}

async function stoppedReason(session: Session): Promise<string | undefined> {
  const [task] = await tasksOfService(session, 'STOPPED');
  const container = task?.containers?.find((each) => each.reason)?.reason;
  return task?.stoppedReason && container ? `${task.stoppedReason} (${container})` : task?.stoppedReason;
}
