import type { CapacityProviderStrategyItem, Scale } from '@aws-sdk/client-ecs';
import { formatArn, parseArn } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { table } from '../../../store/store.ts';
import type { UnplacedRow } from '../container-instance-tables.ts';
import { invalidParameter } from '../errors.ts';
import type { DeploymentRow, ServiceRow } from '../tables.ts';

/** Tasks of one task definition in a service whose deployments somebody else controls. */
export interface TaskSetRow extends Scope {
  readonly arn: string;
  readonly id: string;
  readonly serviceArn: string;
  readonly clusterArn: string;
  readonly status: 'PRIMARY' | 'ACTIVE' | 'DRAINING';
  readonly externalId?: string;
  /** Percent of the service's desired count. */
  readonly scale: number;
  /** What its tasks are made of, and how often they have failed. */
  readonly workload: DeploymentRow;
  /** Left out: Fargate. */
  readonly launchType?: 'EC2';
  /** Why tasks of it found no container instance. */
  readonly unplaced?: UnplacedRow;
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[];
  readonly isSteady: boolean;
  readonly stabilityAtMs: number;
  readonly clientToken?: string;
  readonly tags: Tags;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const taskSets = table<TaskSetRow>('ecs.task-sets', (row) => row.arn, {
  service: (row) => row.serviceArn,
  definition: (row) => row.workload.taskDefinitionArn,
});

/** `task-set/CLUSTER/SERVICE/ID`, by id or ARN; the id is `ecs-svc/` and digits. */
export function taskSetArn(scope: Scope, service: string, reference: string): string {
  if (reference.startsWith('arn:')) return reference;
  const path = (parseArn(service)?.resource ?? '').replace(/^service\//, '');
  return formatArn('ecs', scope, `task-set/${path}/${reference}`);
}

/** How many tasks a task set is to have: rounded up. */
export function computedCount(
  { status, scale }: TaskSetRow,
  { desiredCount }: Pick<ServiceRow, 'desiredCount'>,
): number {
  // In thousandths, for percentages with a fraction.
  return status === 'DRAINING' ? 0 : Math.ceil((desiredCount * Math.round(scale * 1000)) / 100_000);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Scale.html */
export function scaleOf(scale: Scale | undefined): number {
  const { value = 100, unit = 'PERCENT' } = scale ?? {};
  if (unit !== 'PERCENT') throw invalidParameter('The unit of scale must be PERCENT.');
  if (value < 0 || value > 100) throw invalidParameter('The value of scale must be between 0 and 100.');
  return value;
}
