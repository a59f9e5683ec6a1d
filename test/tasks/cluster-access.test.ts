import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import { PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { createRepository, forgetImages, pushImage } from '../harness/registry.ts';
import { executionRole } from '../harness/roles.ts';
import { must } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { createPlacement, given } from '../harness/site-parts.ts';
import { until } from '../harness/until.ts';

/*
 * A user who is confined to one cluster by `ecs:cluster`: it runs, lists and stops tasks and services there, and does
 * not touch those of another, by whatever name it calls them. The tests follow each other.
 */

const USER = 'arn:aws:iam::123456789012:user/confined';
const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const MINE = `${ARN}:cluster/mine`;
const ROLE = 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole';
const IMAGE = `longshore-test-confined-${process.pid}:v1`;

let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let repositoryUri = '';
let confined: Cli;
let network: string;
/** In the cluster that is not the user's. */
let otherTask: string;
let myTask: string;

before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE);
  clients = await server.clients();
  repositoryUri = await createRepository(clients.ecr, 'confined');
  const image = await pushImage(clients.ecr, IMAGE, repositoryUri, 'v1');
  const { subnetIds } = await createPlacement(clients, 'confined');
  network = `awsvpcConfiguration={subnets=[${subnetIds[0]}]}`;
  const { ecs, iam } = clients;
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'site',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: await executionRole(clients),
      containerDefinitions: [{ name: 'site', image }],
    }),
  );
  const networkConfiguration = { awsvpcConfiguration: { subnets: [subnetIds[0] ?? ''] } };
  const launch = { taskDefinition: 'site', launchType: 'FARGATE' as const, networkConfiguration };
  for (const clusterName of ['mine', 'other', 'default']) await ecs.send(new CreateClusterCommand({ clusterName }));
  const { tasks } = await ecs.send(new RunTaskCommand({ cluster: 'other', ...launch }));
  otherTask = given(tasks?.[0]?.taskArn, 'task');
  await ecs.send(new CreateServiceCommand({ cluster: 'other', serviceName: 'web', desiredCount: 0, ...launch }));
  confined = cliOf(server, await makeUser(iam, 'confined'));
});

after(async () => {
  await forgetImages(repositoryUri);
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

/** All of ECS in the one cluster, by StringEquals for some actions and by ArnEquals for others. */
async function allow(...more: readonly object[]): Promise<void> {
  const byArn = { ArnEquals: { 'ecs:cluster': MINE } };
  const byString = { StringEquals: { 'ecs:cluster': MINE } };
  const tasks = ['ecs:RunTask', 'ecs:StopTask', 'ecs:DescribeTasks', 'ecs:ListTasks'];
  const services = [
    'ecs:CreateService',
    'ecs:UpdateService',
    'ecs:DeleteService',
    'ecs:DescribeServices',
    'ecs:ListServices',
  ];
  const Statement = [
    { Effect: 'Allow', Action: tasks, Resource: '*', Condition: byArn },
    { Effect: 'Allow', Action: services, Resource: '*', Condition: byString },
    ...more,
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await clients.iam.send(new PutUserPolicyCommand({ UserName: 'confined', PolicyName: 'inline', PolicyDocument }));
}

function passRole(service: string) {
  return {
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: ROLE,
    Condition: { StringEquals: { 'iam:PassedToService': service } },
  };
}

function no(action: string, on: string): string {
  return `AccessDeniedException: User: ${USER} is not authorized to perform: ${action} on resource: ${on} because no identity-based policy allows the ${action} action`;
}

const RUN = 'ecs run-task --launch-type FARGATE --task-definition site';

test('a task is not run without iam:PassRole on its roles, for ECS’s tasks', async () => {
  await allow();
  assert.equal(
    await confined.refused(`${RUN} --cluster mine --network-configuration`, network),
    no('iam:PassRole', ROLE),
  );
  await allow(passRole('ec2.amazonaws.com'));
  assert.equal(
    await confined.refused(`${RUN} --cluster mine --network-configuration`, network),
    no('iam:PassRole', ROLE),
  );
  const { taskArns } = await clients.ecs.send(new ListTasksCommand({ cluster: 'mine' }));
  assert.deepEqual(taskArns, []);
});

test('in its own cluster it runs, lists, describes and stops tasks', async () => {
  await allow(passRole('ecs-tasks.amazonaws.com'));
  const { tasks } = await confined(`${RUN} --cluster mine --network-configuration`, network);
  myTask = tasks[0].taskArn;
  assert.deepEqual(await confined('ecs list-tasks --cluster', MINE), { taskArns: [myTask] });
  await until('the task runs', async () => {
    const seen = await clients.ecs.send(new DescribeTasksCommand({ cluster: 'mine', tasks: [myTask] }));
    return seen.tasks?.[0]?.lastStatus === 'RUNNING';
  });
  const described = await confined('ecs describe-tasks --cluster mine --tasks', myTask);
  assert.equal(described.tasks[0].taskArn, myTask);
  const stopped = await confined('ecs stop-task --cluster mine --task', myTask.split('/').at(-1) ?? '');
  assert.equal(stopped.task.desiredStatus, 'STOPPED');
  await confined('ecs wait tasks-stopped --cluster mine --tasks', myTask);
});

test('and makes, changes, lists and deletes services', async () => {
  const create = 'ecs create-service --launch-type FARGATE --task-definition site --desired-count 1';
  const { service } = await confined(`${create} --cluster mine --service-name web --network-configuration`, network);
  assert.equal(service.createdBy, USER);
  assert.deepEqual(await confined('ecs list-services --cluster mine'), { serviceArns: [service.serviceArn] });
  await confined('ecs wait services-stable --cluster mine --services web');
  const scaled = await confined('ecs update-service --cluster mine --service web --desired-count 0');
  assert.equal(scaled.service.desiredCount, 0);
  const gone = await confined('ecs delete-service --cluster mine --service web');
  assert.equal(gone.service.status, 'DRAINING');
});

test('in another cluster it does nothing, nor where no cluster is named', async () => {
  const launch = ['--network-configuration', network];
  const other = `${ARN}:cluster/other`;
  const definition = `${ARN}:task-definition/site:1`;
  const service =
    'ecs create-service --launch-type FARGATE --task-definition site --desired-count 1 --service-name new';
  const said = await Promise.all([
    confined.refused(`${RUN} --cluster other`, ...launch),
    confined.refused(`${RUN} --cluster ${other}`, ...launch),
    confined.refused(RUN, ...launch),
    confined.refused('ecs list-tasks --cluster other'),
    confined.refused('ecs describe-tasks --cluster other --tasks', otherTask),
    confined.refused('ecs stop-task --cluster other --task', otherTask),
    confined.refused(`${service} --cluster other`, ...launch),
    confined.refused('ecs list-services --cluster other'),
    confined.refused('ecs describe-services --cluster other --services web'),
    confined.refused('ecs update-service --cluster other --service web --desired-count 3'),
    confined.refused('ecs delete-service --cluster other --service web'),
  ]);
  const web = `${ARN}:service/other/web`;
  assert.deepEqual(said, [
    no('ecs:RunTask', definition),
    no('ecs:RunTask', definition),
    no('ecs:RunTask', definition),
    no('ecs:ListTasks', `${ARN}:container-instance/other/*`),
    no('ecs:DescribeTasks', otherTask),
    no('ecs:StopTask', otherTask),
    no('ecs:CreateService', `${ARN}:service/other/new`),
    no('ecs:ListServices', '*'),
    no('ecs:DescribeServices', web),
    no('ecs:UpdateService', web),
    no('ecs:DeleteService', web),
  ]);
});

test('its own cluster’s name opens no other one’s task or service', async () => {
  const web = `${ARN}:service/other/web`;
  const codes = await Promise.all([
    confined.code('ecs stop-task --cluster mine --task', otherTask),
    confined.code('ecs describe-tasks --cluster mine --tasks', otherTask),
    confined.code('ecs update-service --desired-count 3 --cluster mine --service', web),
    confined.code('ecs delete-service --force --cluster mine --service', web),
    confined.code('ecs describe-services --cluster mine --services', web),
    confined.code('ecs list-tasks --cluster mine --service-name', web),
    confined.code('ecs stop-task --cluster mine --task', otherTask.replace('task/other/', 'task/')),
    confined.code('ecs stop-task --cluster mine --task', `../other/${otherTask.split('/').at(-1)}`),
    confined.code('ecs list-tasks --cluster', `${MINE}/../other`),
    confined.code('ecs update-cluster --cluster mine --settings name=containerInsights,value=disabled'),
    confined.code('ecs delete-cluster --cluster mine'),
    confined.code('ecs list-clusters'),
  ]);
  assert.deepEqual(codes, [
    ...Array.from({ length: 8 }, () => 'InvalidParameterException'),
    ...Array.from({ length: 4 }, () => 'AccessDeniedException'),
  ]);
  const { tasks } = await clients.ecs.send(new DescribeTasksCommand({ cluster: 'other', tasks: [otherTask] }));
  assert.equal(tasks?.[0]?.desiredStatus, 'RUNNING', 'it runs on');
});

test('a call that names nothing is refused like any other', async () => {
  const nobody = cliOf(server, await makeUser(clients.iam, 'nobody'));
  const codes = await Promise.all([
    nobody.code('ecs describe-tasks --cluster mine --tasks', '[]'),
    nobody.code('ecs describe-services --cluster mine --services', '[]'),
    nobody.code('ecs describe-clusters'),
    nobody.code('ecs describe-clusters --clusters', '[]'),
    nobody.code('ecr describe-repositories'),
    nobody.code('elbv2 describe-tags --resource-arns', '[]'),
    nobody.code('elbv2 remove-tags --tag-keys a --resource-arns', '[]'),
    nobody.code('ec2 describe-vpcs --vpc-ids', '[]'),
    nobody.code('logs describe-log-groups'),
  ]);
  assert.deepEqual(
    [...new Set(codes)].toSorted(),
    ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'],
    codes.join(),
  );
});
