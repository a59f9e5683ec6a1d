/** What the demo calls its resources. Running it again finds them by these names. */
export const NAMES = {
  repository: 'ecs-astro-hello',
  cluster: 'demo',
  family: 'ecs-astro-hello',
  container: 'web',
  service: 'ecs-astro-hello',
  executionRole: 'ecsTaskExecutionRole',
  logGroup: '/ecs/ecs-astro-hello',
  loadBalancer: 'ecs-astro-hello',
  targetGroup: 'ecs-astro-hello',
  balancerGroup: 'ecs-astro-hello-load-balancer',
  taskGroup: 'ecs-astro-hello-tasks',
  domain: 'ecs-fargate.localhost',
} as const;

export const SITE_PORT = 80;
export const HEALTH_PATH = '/healthz';
export const TASK_COUNT = 2;
