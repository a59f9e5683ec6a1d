import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { compatibilitiesOf, requiredAttributes } from '../domain/task-definition-attributes.ts';
import type { TaskDefinitionRow } from '../tables.ts';

export function taskDefinitionView(row: TaskDefinitionRow, registryHost: string): TaskDefinition {
  const { definition } = row;
  return {
    ...definition,
    taskDefinitionArn: row.arn,
    revision: row.number,
    status: row.status,
    volumes: definition.volumes ?? [],
    placementConstraints: definition.placementConstraints ?? [],
    requiresAttributes: requiredAttributes(definition, registryHost),
    compatibilities: compatibilitiesOf(definition, registryHost),
    registeredAt: new Date(row.registeredAtMs),
    registeredBy: row.registeredBy,
    ...(row.deregisteredAtMs === undefined ? {} : { deregisteredAt: new Date(row.deregisteredAtMs) }),
    ...(row.deleteRequestedAtMs === undefined ? {} : { deleteRequestedAt: new Date(row.deleteRequestedAtMs) }),
  };
}
