import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { Scope } from '../../../kernel/arn.ts';
import { MAIN } from './input.ts';
import type { Wish } from './input.ts';

/**
 * The task definition of an Express service: one container, `Main`, whose output goes to a log group.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
 * @param logGroup where the caller named none
 */
export function definitionOf(
  wish: Wish,
  family: string,
  logGroup: string,
  scope: Scope,
): Omit<RegisterTaskDefinitionCommandInput, 'tags'> {
  const { executionRoleArn, taskRoleArn, cpu, memory, cpuArchitecture, containerPort } = wish;
  const { image, awsLogsConfiguration, repositoryCredentials, command, environment, secrets } =
    wish.primaryContainer ?? {};
  return {
    family: family.slice(0, 255),
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu,
    memory,
    runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture },
    ...(executionRoleArn !== undefined && { executionRoleArn }),
    ...(taskRoleArn !== undefined && { taskRoleArn }),
    containerDefinitions: [
      {
        name: MAIN,
        image,
        essential: true,
        portMappings: [{ containerPort, protocol: 'tcp', name: `main-${containerPort}-tcp` }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': awsLogsConfiguration?.logGroup ?? logGroup,
            'awslogs-region': scope.region,
            'awslogs-stream-prefix': awsLogsConfiguration?.logStreamPrefix ?? 'ecs',
          },
        },
        ...(repositoryCredentials?.credentialsParameter !== undefined && {
          repositoryCredentials: { credentialsParameter: repositoryCredentials.credentialsParameter },
        }),
        ...(command && { command }),
        ...(environment && { environment }),
        ...(secrets && { secrets }),
      },
    ],
  };
}
