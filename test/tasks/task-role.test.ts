import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ECSClient } from '@aws-sdk/client-ecs';
import { Longshore } from '../harness/longshore.ts';
import { createRepository, forgetImages, pushImage } from '../harness/registry.ts';
import { must } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { allowing, executionRole, serviceRole } from '../harness/roles.ts';
import { createPlacement, given } from '../harness/site-parts.ts';
import { logsTo } from '../harness/site.ts';
import { until } from '../harness/until.ts';

const IMAGE = `longshore-test-role-${process.pid}:v1`;
const ROLE = 'arn:aws:iam::123456789012:role/app/site-task';
const SCRIPT = `
  echo "credentials=$(wget -qO- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)"
  echo "region=$AWS_REGION endpoint=$AWS_ENDPOINT_URL"
  wget -qO- http://169.254.170.2/v2/credentials/00000000-0000-4000-8000-000000000000 || echo "stranger refused"
  wget -qO- --post-data 'Action=GetCallerIdentity&Version=2011-06-15' http://169.254.170.2/ || echo "unsigned refused"`;

let server: Longshore;
let repositoryUri = '';
let lines: string[] = [];
let taskId = '';
before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE);
  const clients = await server.clients();
  repositoryUri = await createRepository(clients.ecr, 'role');
  const image = await pushImage(clients.ecr, IMAGE, repositoryUri, 'v1');
  const placement = await createPlacement(clients, 'role');
  await clients.ecs.send(new CreateClusterCommand({ clusterName: 'role' }));
  await clients.logs.send(new CreateLogGroupCommand({ logGroupName: '/ecs/role' }));
  const { taskDefinition } = await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'role',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: await executionRole(clients),
      taskRoleArn: await serviceRole(clients, 'site-task', {
        path: '/app/',
        policy: allowing(['ecs:DescribeClusters'], ['arn:aws:ecs:us-east-1:123456789012:cluster/role']),
      }),
      containerDefinitions: [
        { name: 'probe', image, entryPoint: ['/bin/sh', '-c'], command: [SCRIPT], logConfiguration: logsTo('role') },
      ],
    }),
  );
  const { tasks } = await clients.ecs.send(
    new RunTaskCommand({
      cluster: 'role',
      taskDefinition: given(taskDefinition?.taskDefinitionArn, 'ARN'),
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [...placement.subnetIds], assignPublicIp: 'ENABLED' },
      },
    }),
  );
  const taskArn = given(tasks?.[0]?.taskArn, 'task');
  taskId = taskArn.split('/').at(-1) ?? '';
  await until('the task has stopped', async () => {
    const seen = await clients.ecs.send(new DescribeTasksCommand({ cluster: 'role', tasks: [taskArn] }));
    return seen.tasks?.[0]?.lastStatus === 'STOPPED';
  });
  const { events } = await clients.logs.send(new FilterLogEventsCommand({ logGroupName: '/ecs/role' }));
  lines = (events ?? []).map((event) => event.message ?? '');
});

after(async () => {
  await forgetImages(repositoryUri);
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

function credentialsInTask() {
  const line = lines.find((text) => text.startsWith('credentials='));
  const given = JSON.parse(line?.slice('credentials='.length) || '{}');
  return {
    answer: given,
    credentials: {
      accessKeyId: String(given.AccessKeyId),
      secretAccessKey: String(given.SecretAccessKey),
      sessionToken: String(given.Token),
    },
  };
}

test('a task gets the credentials of its role at 169.254.170.2, and nothing of others', () => {
  const { answer } = credentialsInTask();
  assert.equal(answer.RoleArn, ROLE);
  assert.match(answer.AccessKeyId, /^ASIA/);
  assert.ok(Date.parse(answer.Expiration) > Date.now());
  assert.ok(lines.includes('region=us-east-1 endpoint=http://169.254.170.2'), lines.join('\n'));
  assert.ok(lines.includes('stranger refused'), lines.join('\n'));
  assert.ok(lines.includes('unsigned refused'), lines.join('\n'));
});

test('they are that role and no more: it may say who it is, and is refused all else in AWS’s words', async () => {
  const { credentials } = credentialsInTask();
  const config = { endpoint: server.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  const identity = await new STSClient(config).send(new GetCallerIdentityCommand({}));
  const arn = `arn:aws:sts::123456789012:assumed-role/site-task/${taskId}`;
  assert.equal(identity.Arn, arn);
  assert.match(identity.UserId ?? '', new RegExp(`^AROA[A-Z2-7]{17}:${taskId}$`));
  await assert.rejects(new ECSClient(config).send(new ListClustersCommand({})), {
    name: 'AccessDeniedException',
    message: `User: ${arn} is not authorized to perform: ecs:ListClusters on resource: * because no identity-based policy allows the ecs:ListClusters action`,
  });
});

test('they survive a restart of the server; a changed token does not pass', async () => {
  const { credentials } = credentialsInTask();
  await server.kill9();
  await server.up();
  const sts = (sessionToken: string) =>
    new STSClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { ...credentials, sessionToken },
      maxAttempts: 1,
    }).send(new GetCallerIdentityCommand({}));
  assert.equal((await sts(credentials.sessionToken)).Account, '123456789012');
  await assert.rejects(sts(`${credentials.sessionToken.slice(0, -4)}AAAA`), { name: 'InvalidClientTokenId' });
});
