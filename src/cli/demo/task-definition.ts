import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { unless } from '../clients.ts';
import { NAMES, SITE_PORT } from './names.ts';
import { type Session, must } from './session.ts';

/** Registers a revision, unless the newest one runs this image already. */
export async function ensureTaskDefinition(
  session: Session,
  imageUri: string,
  executionRoleArn: string,
): Promise<string> {
  const { clients, server } = session;
  await unless(
    ['ResourceAlreadyExistsException'],
    clients.logs.send(new CreateLogGroupCommand({ logGroupName: NAMES.logGroup })),
  );
  const newest = await newestRevision(session);
  if (newest?.containerDefinitions?.[0]?.image === imageUri && newest.taskDefinitionArn) {
    return newest.taskDefinitionArn;
  }
  const { taskDefinition } = await clients.ecs.send(
    new RegisterTaskDefinitionCommand(taskDefinitionInput(imageUri, executionRoleArn, server.region)),
  );
  return must(taskDefinition?.taskDefinitionArn, 'taskDefinitionArn');
}

/** As any Fargate task with a private image: awsvpc, an execution role, awslogs. */
export function taskDefinitionInput(
  imageUri: string,
  executionRoleArn: string,
  region: string,
): RegisterTaskDefinitionCommandInput {
  return {
    family: NAMES.family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    executionRoleArn,
    containerDefinitions: [
      {
        name: NAMES.container,
        image: imageUri,
        essential: true,
        portMappings: [{ containerPort: SITE_PORT, protocol: 'tcp' }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': NAMES.logGroup,
            'awslogs-region': region,
            'awslogs-stream-prefix': 'ecs',
          },
        },
      },
    ],
  };
}

async function newestRevision({ clients }: Session): Promise<TaskDefinition | undefined> {
  const described = await unless(
    ['ClientException'],
    clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: NAMES.family })),
  );
  return described?.taskDefinition;
}
