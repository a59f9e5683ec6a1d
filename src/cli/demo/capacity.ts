/** What the instances of the EC2 site are, and what their resources are called. */
export const CAPACITY = {
  role: 'ecsInstanceRole',
  launchTemplate: 'ecs-astro-hello',
  group: 'ecs-astro-hello',
  /** Names that begin with ecs are AWS's own. */
  provider: 'astro-hello',
  instanceType: 't3.small',
  minSize: 1,
  maxSize: 3,
} as const;

/** The newest ECS-optimized image. */
export const IMAGE_PARAMETER = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';

/** More than half of an instance's 2048: each task needs one of its own. */
export const TASK_CPU = 1100;
export const TASK_MEMORY_MIB = 128;

/** Ports that the engine of an instance publishes tasks on. */
export const DYNAMIC_PORTS = { from: 32_768, to: 65_535 } as const;

/** Quicker than AWS's minute and its fifteen: instances come within so many seconds, and go when they were free as long. */
export const SCALING_FLAGS = { 'managed-scaling-seconds': '10', 'managed-scale-in-periods': '1' } as const;

/** What an instance runs at its first boot. */
export function userDataOf(cluster: string): string {
  return `#!/bin/bash\necho ECS_CLUSTER=${cluster} >> /etc/ecs/ecs.config\n`;
}
