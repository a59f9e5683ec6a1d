import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  type ContainerDefinition,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { unless } from '../clients.ts';
import { TASK_CPU, TASK_MEMORY_MIB } from './capacity.ts';
import { type SiteSession, must } from './session.ts';
import { SHARED, SITE_PORT, type Site } from './site.ts';

/** Registers a revision, unless the newest one runs this image already. */
export async function ensureTaskDefinition(
  session: SiteSession,
  imageUri: string,
  executionRoleArn: string,
): Promise<string> {
  const { clients, server, site } = session;
  await unless(
    ['ResourceAlreadyExistsException'],
    clients.logs.send(new CreateLogGroupCommand({ logGroupName: site.logGroup })),
  );
  const newest = await newestRevision(session);
  if (newest?.containerDefinitions?.[0]?.image === imageUri && newest.taskDefinitionArn) {
    return newest.taskDefinitionArn;
  }
  const { taskDefinition } = await clients.ecs.send(
    new RegisterTaskDefinitionCommand(taskDefinitionInput(site, imageUri, executionRoleArn, server.region)),
  );
  return must(taskDefinition?.taskDefinitionArn, 'taskDefinitionArn');
}

/** A private image, an execution role, awslogs; on Fargate as large as the task, on instances as much as it reserves. */
export function taskDefinitionInput(
  site: Site,
  imageUri: string,
  executionRoleArn: string,
  region: string,
): RegisterTaskDefinitionCommandInput & { readonly containerDefinitions: ContainerDefinition[] } {
  const container = (more: Partial<ContainerDefinition>): ContainerDefinition => ({
    name: SHARED.container,
    image: imageUri,
    essential: true,
    ...more,
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': site.logGroup,
        'awslogs-region': region,
        'awslogs-stream-prefix': 'ecs',
      },
    },
  });
  const { family, launchType } = site;
  if (launchType === 'EC2') {
    // The engine of the instance chooses a port for each task.
    const portMappings = [{ containerPort: SITE_PORT, hostPort: 0, protocol: 'tcp' as const }];
    const reserved = { cpu: TASK_CPU, memory: TASK_MEMORY_MIB };
    return {
      family,
      requiresCompatibilities: ['EC2'],
      networkMode: 'bridge',
      executionRoleArn,
      containerDefinitions: [container({ ...reserved, portMappings })],
    };
  }
  return {
    family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    executionRoleArn,
    containerDefinitions: [container({ portMappings: [{ containerPort: SITE_PORT, protocol: 'tcp' }] })],
  };
}

async function newestRevision({ clients, site }: SiteSession): Promise<TaskDefinition | undefined> {
  const described = await unless(
    ['ClientException'],
    clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: site.family })),
  );
  return described?.taskDefinition;
}
