import type { Attribute, TaskDefinition } from '@aws-sdk/client-ecs';
import type { TaskDefinitionRow } from '../tables.ts';

export function taskDefinitionView(row: TaskDefinitionRow): TaskDefinition {
  const { definition } = row;
  return {
    ...definition,
    taskDefinitionArn: row.arn,
    revision: row.number,
    status: row.status,
    volumes: [],
    placementConstraints: [],
    requiresAttributes: requiredAttributes(row),
    compatibilities: definition.networkMode === 'awsvpc' ? ['EC2', 'FARGATE'] : ['EC2'],
    registeredAt: new Date(row.registeredAtMs),
    registeredBy: row.registeredBy,
    ...(row.deregisteredAtMs === undefined ? {} : { deregisteredAt: new Date(row.deregisteredAtMs) }),
  };
}

function requiredAttributes(row: TaskDefinitionRow): Attribute[] {
  const { definition } = row;
  const containers = definition.containerDefinitions ?? [];
  const names = [
    ...(containers.some((container) => container.logConfiguration?.logDriver === 'awslogs')
      ? ['com.amazonaws.ecs.capability.logging-driver.awslogs', 'ecs.capability.execution-role-awslogs']
      : []),
    ...(definition.executionRoleArn ? ['ecs.capability.execution-role-ecr-pull'] : []),
    ...(definition.taskRoleArn ? ['com.amazonaws.ecs.capability.task-iam-role'] : []),
    ...(definition.networkMode === 'awsvpc' ? ['ecs.capability.task-eni'] : []),
    ...(containers.some((container) => container.healthCheck) ? ['ecs.capability.container-health-check'] : []),
    'com.amazonaws.ecs.capability.docker-remote-api.1.18',
  ];
  return names.map((name) => ({ name }));
}
