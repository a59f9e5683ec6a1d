import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type Service,
  type Task,
  paginateListClusters,
  paginateListServices,
  paginateListTasks,
} from '@aws-sdk/client-ecs';
import { type LoadBalancer, paginateDescribeLoadBalancers } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from '../clients.ts';

/** What runs in one region, as the API tells it. */
export interface Inventory {
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  readonly loadBalancers: readonly LoadBalancer[];
}

/** DescribeServices takes ten names at a time, DescribeTasks a hundred. */
const SERVICES_PER_CALL = 10;
const TASKS_PER_CALL = 100;

export async function inventoryOf(clients: Clients): Promise<Inventory> {
  const services: Service[] = [];
  const tasks: Task[] = [];
  for await (const page of paginateListClusters({ client: clients.ecs }, {})) {
    for (const cluster of page.clusterArns ?? []) {
      services.push(...(await servicesOf(clients, cluster)));
      tasks.push(...(await tasksOf(clients, cluster)));
    }
  }
  const loadBalancers: LoadBalancer[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client: clients.elbv2 }, {})) {
    loadBalancers.push(...(page.LoadBalancers ?? []));
  }
  return { services, tasks, loadBalancers };
}

async function servicesOf({ ecs }: Clients, cluster: string): Promise<Service[]> {
  const found: Service[] = [];
  for await (const page of paginateListServices({ client: ecs, pageSize: SERVICES_PER_CALL }, { cluster })) {
    if (!page.serviceArns?.length) continue;
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: page.serviceArns }));
    found.push(...(services ?? []));
  }
  return found;
}

async function tasksOf({ ecs }: Clients, cluster: string): Promise<Task[]> {
  const found: Task[] = [];
  for await (const page of paginateListTasks({ client: ecs, pageSize: TASKS_PER_CALL }, { cluster })) {
    if (!page.taskArns?.length) continue;
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: page.taskArns }));
    found.push(...(tasks ?? []));
  }
  return found;
}
