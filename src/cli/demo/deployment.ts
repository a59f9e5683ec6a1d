import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ensureAutoScalingGroup } from './auto-scaling-group.ts';
import { ensureCapacityProvider } from './capacity-provider.ts';
import { ensureCertificate } from './certificate.ts';
import { ensureCluster } from './cluster.ts';
import { EXECUTION_ROLE } from './execution-role.ts';
import { ensureHostedZone, pointAtLoadBalancer } from './hosted-zone.ts';
import { ensureInstanceRole } from './instance-role.ts';
import { ensureListeners, ensureLoadBalancer, ensureTargetGroup } from './load-balancer.ts';
import type { PushedImage } from './registry.ts';
import { type Placement, ensurePlacement } from './security-groups.ts';
import { ensureRole } from './service-role.ts';
import { ensureService } from './service.ts';
import type { SiteSession } from './session.ts';
import { ensureTaskDefinition } from './task-definition.ts';

/** What stands when every step is done. */
export interface Deployment {
  readonly image: PushedImage;
  readonly placement: Placement;
  readonly executionRoleArn: string;
  readonly taskDefinitionArn: string;
  readonly hostedZoneId: string;
  readonly certificateArn: string;
  readonly balancer: LoadBalancer;
  readonly targetGroupArn: string;
  /** Of the Auto Scaling group; none on Fargate. */
  readonly groupArn?: string;
}

/** One call, or a few, that make one thing; `done` holds what the steps before it made. */
export interface DeployStep {
  readonly title: string;
  readonly run: (session: SiteSession, done: Deployment) => Promise<Partial<Deployment>>;
}

const DEFINITION: DeployStep = {
  title: 'cluster, execution role, task definition',
  run: async (session, { image }) => {
    await ensureCluster(session);
    const executionRoleArn = await ensureRole(session, EXECUTION_ROLE);
    return { executionRoleArn, taskDefinitionArn: await ensureTaskDefinition(session, image.uri, executionRoleArn) };
  },
};

const GROUPS: DeployStep = {
  title: 'security groups',
  run: async (session) => ({ placement: await ensurePlacement(session) }),
};

/** The first instance boots while the rest is made. */
const CAPACITY: readonly DeployStep[] = [
  {
    title: 'instance role, launch template, Auto Scaling group of 1 to 3',
    run: async (session, { placement }) => {
      await ensureInstanceRole(session);
      return { groupArn: await ensureAutoScalingGroup(session, placement) };
    },
  },
  {
    title: 'capacity provider with managed scaling',
    run: async (session, { groupArn = '' }) => {
      await ensureCapacityProvider(session, groupArn);
      return {};
    },
  },
];

const FRONT: readonly DeployStep[] = [
  {
    title: 'hosted zone and certificate',
    run: async (session) => {
      const hostedZoneId = await ensureHostedZone(session);
      return { hostedZoneId, certificateArn: await ensureCertificate(session, hostedZoneId) };
    },
  },
  {
    title: 'load balancer, target group, listeners',
    run: async (session, { placement, certificateArn }) => {
      const targetGroupArn = await ensureTargetGroup(session, placement.vpcId);
      const balancer = await ensureLoadBalancer(session, placement);
      await ensureListeners(session, balancer.LoadBalancerArn ?? '', targetGroupArn, certificateArn);
      return { targetGroupArn, balancer };
    },
  },
  {
    title: 'alias record',
    run: async (session, { hostedZoneId, balancer }) => {
      await pointAtLoadBalancer(session, hostedZoneId, balancer);
      return {};
    },
  },
  {
    title: 'service',
    run: async (session, { placement, taskDefinitionArn, targetGroupArn }) => {
      await ensureService(session, placement, taskDefinitionArn, targetGroupArn);
      return {};
    },
  },
];

/** In an order that AWS takes as well. */
export const DEPLOY_STEPS = {
  FARGATE: [DEFINITION, GROUPS, ...FRONT],
  EC2: [DEFINITION, GROUPS, ...CAPACITY, ...FRONT],
} as const satisfies Record<string, readonly DeployStep[]>;
