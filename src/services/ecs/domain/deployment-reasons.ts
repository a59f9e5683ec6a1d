import type { CompletedDeployment, DeploymentFailure } from '../tables.ts';

/** What ECS says of each way in which a deployment ends before it is complete. */
interface Wording {
  /** The event, after `(deployment ecs-svc/...) `. */
  readonly event: string;
  /** `rolloutStateReason` of what failed, and of the rollback. */
  readonly failed: string;
  readonly rollback: (to: CompletedDeployment) => string;
  /** `statusReason` of the service deployment, without a rollback and with one. */
  readonly stopped: string;
  readonly rolledBack: string;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
export const FAILURE_WORDING: Readonly<Record<DeploymentFailure, Wording>> = {
  breaker: {
    event: 'deployment failed: tasks failed to start.',
    failed: 'ECS deployment circuit breaker: tasks failed to start.',
    rollback: ({ deploymentId }) => `ECS deployment circuit breaker: rolling back to deploymentId ${deploymentId}.`,
    stopped: 'Service deployment stopped because the circuit breaker threshold was exceeded.',
    rolledBack: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
  },
  alarms: {
    event: 'deployment failed: alarm detected.',
    failed: 'ECS deployment alarms: alarm detected.',
    rollback: ({ deploymentId }) => `ECS deployment alarms: rolling back to deploymentId ${deploymentId}.`,
    stopped: 'Service deployment stopped because a CloudWatch alarm was detected.',
    rolledBack: 'Service deployment rolled back because a CloudWatch alarm was detected.',
  },
  'rollback-requested': {
    event: 'deployment stopped by user.',
    failed: 'ECS deployment stopped: rollback requested by user.',
    rollback: ({ deploymentId }) => `ECS deployment stopped: rolling back to deploymentId ${deploymentId}.`,
    stopped: 'Service deployment stopped by user.',
    rolledBack: 'Service deployment rolled back because it was requested by user.',
  },
  'abort-requested': {
    event: 'deployment stopped by user.',
    failed: 'ECS deployment stopped by user.',
    rollback: ({ deploymentId }) => `ECS deployment stopped: rolling back to deploymentId ${deploymentId}.`,
    stopped: 'Service deployment stopped by user.',
    rolledBack: 'Service deployment rolled back because it was requested by user.',
  },
  'hook-failed': {
    event: 'deployment failed: lifecycle hook failed.',
    failed: 'ECS deployment lifecycle hook: lifecycle hook failed.',
    rollback: ({ deploymentId }) => `ECS deployment lifecycle hook: rolling back to deploymentId ${deploymentId}.`,
    stopped: 'Service deployment stopped because a lifecycle hook failed.',
    rolledBack: 'Service deployment rolled back because a lifecycle hook failed.',
  },
  'hook-timed-out': {
    event: 'deployment failed: lifecycle hook timed out.',
    failed: 'ECS deployment lifecycle hook: lifecycle hook timed out.',
    rollback: ({ deploymentId }) => `ECS deployment lifecycle hook: rolling back to deploymentId ${deploymentId}.`,
    stopped: 'Service deployment stopped because a lifecycle hook timed out.',
    rolledBack: 'Service deployment rolled back because a lifecycle hook timed out.',
  },
  'hook-refused': {
    event: 'deployment failed: rollback requested by user.',
    failed: 'ECS deployment lifecycle hook: rollback requested by user.',
    rollback: ({ deploymentId }) => `ECS deployment lifecycle hook: rolling back to deploymentId ${deploymentId}.`,
    stopped: 'Service deployment stopped because it was requested by user at a lifecycle hook.',
    rolledBack: 'Service deployment rolled back because it was requested by user at a lifecycle hook.',
  },
};
