/** Where the page runs: one of two sites, and what its resources are called. Running the demo again finds them by these names. */
export interface Site {
  readonly launchType: 'FARGATE' | 'EC2';
  /** The page's own word for it. */
  readonly runsOn: string;
  readonly domain: string;
  readonly cluster: string;
  readonly family: string;
  readonly service: string;
  /** How many tasks the service starts with. */
  readonly taskCount: number;
  readonly logGroup: string;
  readonly loadBalancer: string;
  readonly targetGroup: string;
  readonly balancerGroup: string;
  /** The security group of what answers: the tasks of Fargate, the instances of EC2. */
  readonly backendGroup: string;
}

export const FARGATE_SITE: Site = {
  launchType: 'FARGATE',
  runsOn: 'Fargate',
  domain: 'ecs-fargate.localhost',
  cluster: 'demo',
  family: 'ecs-astro-hello',
  service: 'ecs-astro-hello',
  taskCount: 2,
  logGroup: '/ecs/ecs-astro-hello',
  loadBalancer: 'ecs-astro-hello',
  targetGroup: 'ecs-astro-hello',
  balancerGroup: 'ecs-astro-hello-load-balancer',
  backendGroup: 'ecs-astro-hello-tasks',
};

export const EC2_SITE: Site = {
  launchType: 'EC2',
  runsOn: 'EC2 instances',
  domain: 'ecs-ec2.localhost',
  cluster: 'demo-ec2',
  family: 'ecs-astro-hello-ec2',
  service: 'ecs-astro-hello',
  taskCount: 1,
  logGroup: '/ecs/ecs-astro-hello-ec2',
  loadBalancer: 'ecs-astro-hello-ec2',
  targetGroup: 'ecs-astro-hello-ec2',
  balancerGroup: 'ecs-astro-hello-ec2-load-balancer',
  backendGroup: 'ecs-astro-hello-ec2-instances',
};

/** What both sites share. */
export const SHARED = {
  repository: 'ecs-astro-hello',
  container: 'web',
  executionRole: 'ecsTaskExecutionRole',
} as const;

export const SITE_PORT = 80;
export const HEALTH_PATH = '/healthz';
