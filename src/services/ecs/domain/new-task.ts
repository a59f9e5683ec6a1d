import type { TaskOverride } from '@aws-sdk/client-ecs';
import { formatArn } from '../../../kernel/arn.ts';
import type { Ids } from '../../../kernel/ids.ts';
import type { Tags } from '../../../kernel/tags.ts';
import type { AwsVpcRow, ClusterRow, TaskDefinitionRow, TaskRow, TaskTargetRow } from '../tables.ts';

export const LATEST_PLATFORM = '1.4.0';

export interface NewTask {
  readonly cluster: ClusterRow;
  readonly definition: TaskDefinitionRow;
  readonly network: AwsVpcRow;
  readonly subnetId: string;
  readonly group?: string;
  readonly startedBy?: string;
  readonly serviceArn?: string;
  readonly deploymentId?: string;
  readonly targets?: readonly TaskTargetRow[];
  readonly overrides?: TaskOverride;
  readonly clientToken?: string;
  readonly tags: Tags;
}

/** A Fargate task as it is born: PROVISIONING, with nothing behind it yet. */
export function newTask(wanted: NewTask, ids: Ids, now: number): TaskRow {
  const { cluster, definition } = wanted;
  const id = ids.hex(32);
  const containers = definition.definition.containerDefinitions ?? [];
  return {
    account: cluster.account,
    region: cluster.region,
    arn: formatArn('ecs', cluster, `task/${cluster.name}/${id}`),
    id,
    clusterArn: cluster.arn,
    taskDefinitionArn: definition.arn,
    family: definition.family,
    group: wanted.group ?? `family:${definition.family}`,
    launchType: 'FARGATE',
    platformVersion: LATEST_PLATFORM,
    network: wanted.network,
    subnetId: wanted.subnetId,
    attachmentId: ids.uuid(),
    targets: wanted.targets ?? [],
    overrides: wanted.overrides ?? {},
    cpu: wanted.overrides?.cpu ?? definition.definition.cpu ?? '256',
    memory: wanted.overrides?.memory ?? definition.definition.memory ?? '512',
    containers: containers.map((container) => ({
      arn: formatArn('ecs', cluster, `container/${cluster.name}/${id}/${ids.uuid()}`),
      name: container.name ?? '',
      image: container.image ?? '',
      status: 'PENDING',
      health: 'UNKNOWN',
    })),
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    tags: wanted.tags,
    createdAtMs: now,
    version: 1,
    ...(wanted.startedBy === undefined ? {} : { startedBy: wanted.startedBy }),
    ...(wanted.serviceArn === undefined ? {} : { serviceArn: wanted.serviceArn }),
    ...(wanted.deploymentId === undefined ? {} : { deploymentId: wanted.deploymentId }),
    ...(wanted.clientToken === undefined ? {} : { clientToken: wanted.clientToken }),
    ...(definition.definition.taskRoleArn === undefined ? {} : { credentialsId: ids.uuid() }),
  };
}

/** The subnet that has the fewest of these tasks; the first of equals, so that tasks spread over zones in turn. */
export function leastUsedSubnet(subnets: readonly string[], tasks: readonly { readonly subnetId: string }[]): string {
  const counts = subnets.map((subnet) => tasks.filter((task) => task.subnetId === subnet).length);
  return subnets[counts.indexOf(Math.min(...counts))] ?? '';
}
