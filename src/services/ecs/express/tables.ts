import type {
  ExpressGatewayContainer,
  ExpressGatewayScalingTarget,
  ExpressGatewayServiceNetworkConfiguration,
} from '@aws-sdk/client-ecs';
import { scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { table } from '../../../store/store.ts';

/** What an Express service is asked to be, with all defaults filled in: one for each task definition it has had. */
export interface ExpressConfiguration {
  readonly taskDefinitionArn: string;
  readonly executionRoleArn?: string;
  readonly taskRoleArn?: string;
  readonly cpu: string;
  readonly memory: string;
  readonly cpuArchitecture: 'X86_64' | 'ARM64';
  readonly healthCheckPath: string;
  /** Not there where the caller brought a task definition. */
  readonly primaryContainer?: ExpressGatewayContainer;
  readonly containerPort: number;
  /** As the caller named it; nothing of it where the default VPC was taken. */
  readonly network: ExpressGatewayServiceNetworkConfiguration;
  readonly scalingTarget: Required<ExpressGatewayScalingTarget>;
  readonly createdAtMs: number;
}

/** Parts in the order in which they are made; the same order backwards is that of their removal. */
export const PARTS = [
  'log-group',
  'certificate',
  'load-balancer',
  'security-group',
  'target-group',
  'listener',
  'name',
  'service',
  'scaling',
  'rollback-alarm',
] as const;
export type Part = (typeof PARTS)[number];

/** One Express service: its ECS service has the same ARN. */
export interface ExpressServiceRow extends Scope {
  readonly arn: string;
  /** Stands in the names of what is made for it. */
  readonly id: string;
  readonly name: string;
  readonly clusterArn: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  /** Why the last attempt at a part failed. */
  readonly statusReason?: string;
  readonly infrastructureRoleArn: string;
  readonly gatewayId: string;
  readonly vpcId: string;
  /** Of its tasks. */
  readonly subnets: readonly string[];
  readonly isPublic: boolean;
  readonly hostname: string;
  /** Made for it, and removed with it; not there where the caller named a log group. */
  readonly logGroup?: string;
  /** What it is to be first, then what its deployments may still run. */
  readonly configurations: readonly [ExpressConfiguration, ...ExpressConfiguration[]];
  /** Registered for it, and deregistered with it. */
  readonly taskDefinitionArns: readonly string[];
  /** By part, for what wish it stands. */
  readonly made: Readonly<Partial<Record<Part, string>>>;
  /** The part that deletion has come to. */
  readonly removing?: Part;
  readonly tags: Tags;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const expressServices = table<ExpressServiceRow>('ecs.express-services', (row) => row.arn, {
  scope: scopeKey,
  gateway: (row) => row.gatewayId,
});

/** A load balancer that Express services of the same subnets share. */
export interface ExpressGatewayRow extends Scope {
  readonly id: string;
  readonly vpcId: string;
  readonly subnets: readonly string[];
  readonly isPublic: boolean;
  /** Its last service is being deleted: nobody joins it any more. */
  readonly isClosing?: true;
}

export const gatewayNetwork = (scope: Scope, vpcId: string, subnets: readonly string[], isPublic: boolean) =>
  [scopeKey(scope), vpcId, isPublic ? 'public' : 'private', ...subnets.toSorted()].join('/');

export const expressGateways = table<ExpressGatewayRow>('ecs.express-gateways', (row) => row.id, {
  network: (row) => gatewayNetwork(row, row.vpcId, row.subnets, row.isPublic),
});
