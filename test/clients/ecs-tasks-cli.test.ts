import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';

/*
 * What ECS answers of clusters, tasks and settings without running a container, to Debian's aws CLI.
 */

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const BOTH = ['FARGATE', 'FARGATE_SPOT'];

let server: Longshore;
let aws: Cli;
let network: string;
before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  await aws('ecs create-cluster --cluster-name blue');
  const containers = JSON.stringify([{ name: 'web', image: '127.0.0.1:1/none' }]);
  const line = 'ecs register-task-definition --family site --requires-compatibilities FARGATE --network-mode awsvpc';
  await aws(`${line} --cpu 256 --memory 512 --container-definitions`, containers);
  const { Subnets } = await aws('ec2 describe-subnets');
  network = JSON.stringify({ awsvpcConfiguration: { subnets: [Subnets[0].SubnetId] } });
});
after(async () => server?.remove());

const runTask = (more: string) => `ecs run-task --cluster blue --task-definition site ${more} --network-configuration`;

test('capacity providers come to a cluster and leave it', async () => {
  const { capacityProviders } = await aws('ecs describe-capacity-providers');
  assert.deepEqual(
    capacityProviders.map((one: any) => [one.name, one.status]),
    BOTH.map((name) => [name, 'ACTIVE']),
  );
  const put = 'ecs put-cluster-capacity-providers --cluster blue --capacity-providers';
  const { cluster } = await aws(
    `${put} FARGATE FARGATE_SPOT --default-capacity-provider-strategy capacityProvider=FARGATE_SPOT,weight=1`,
  );
  assert.deepEqual(cluster.capacityProviders, BOTH);
  assert.deepEqual(cluster.defaultCapacityProviderStrategy, [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }]);
  assert.match(
    await aws.refused(`${put} mine --default-capacity-provider-strategy`, '[]'),
    /^InvalidParameterException: .*'mine' was not found/,
  );
});

test('tasks go to the providers of a strategy; they stop for the reason given', async () => {
  const strategy = 'capacityProvider=FARGATE,base=1,weight=0 capacityProvider=FARGATE_SPOT,weight=1';
  const line = runTask(`--count 3 --started-by me --capacity-provider-strategy ${strategy}`);
  const { tasks, failures } = await aws(line, network);
  assert.deepEqual(failures, []);
  assert.deepEqual(tasks.map((task: any) => task.capacityProviderName).toSorted(), [
    'FARGATE',
    ...BOTH.slice(1),
    BOTH[1],
  ]);
  const arnsOf = (answer: any) => answer.tasks.map((task: any) => task.taskArn).toSorted();
  for (const { taskArn } of tasks) {
    await aws('ecs stop-task --cluster blue --reason enough --task', taskArn);
  }
  await aws('ecs wait tasks-stopped --cluster blue --tasks', ...arnsOf({ tasks }));
  const stopped = await aws('ecs describe-tasks --cluster blue --include TAGS --tasks', ...arnsOf({ tasks }));
  for (const task of stopped.tasks) {
    assert.equal(task.stoppedReason, 'enough');
    assert.equal(task.stopCode, 'UserInitiated');
    assert.deepEqual([task.attachments[0].status, task.lastStatus], ['DELETED', 'STOPPED']);
  }
  const listed = await aws('ecs list-tasks --cluster blue --desired-status STOPPED --started-by me');
  assert.deepEqual(listed.taskArns.toSorted(), arnsOf({ tasks }));
  assert.match(await aws.refused('ecs list-tasks --cluster blue --started-by me --family site'), /only filter/);
});

test('what cannot run is refused', async () => {
  const refused = (more: string) => aws.refused(runTask(more), network);
  const fargate = '--launch-type FARGATE';
  assert.equal(
    await refused('--launch-type EC2'),
    'InvalidParameterException: No Container Instances were found in your cluster.',
  );
  assert.match(await refused(`${fargate} --platform-version 1.0.0`), /^PlatformUnknownException: /);
  assert.match(await refused(`${fargate} --enable-execute-command`), /valid taskRoleArn/);
  assert.match(await refused(`${fargate} --placement-strategy type=random`), /Placement strategies are not supported/);
  assert.match(await refused(`${fargate} --propagate-tags SERVICE`), /propagateTags SERVICE/);
  assert.match(await refused(`${fargate} --group service:web`), /Invalid namespace for group/);
});

test('clusters change their settings and say their statistics', async () => {
  await aws('ecs update-cluster-settings --cluster blue --settings name=containerInsights,value=enabled');
  const { clusters } = await aws('ecs describe-clusters --clusters blue --include SETTINGS STATISTICS');
  assert.deepEqual(clusters[0].settings, [{ name: 'containerInsights', value: 'enabled' }]);
  assert.ok(clusters[0].statistics.some((one: any) => one.name === 'runningFargateTasksCount' && one.value === '0'));
  const configuration = JSON.stringify({ executeCommandConfiguration: { logging: 'DEFAULT' } });
  const { cluster } = await aws('ecs update-cluster --cluster blue --configuration', configuration);
  assert.deepEqual(cluster.configuration, JSON.parse(configuration));
});

test('account settings are put, listed and deleted', async () => {
  const { setting } = await aws('ecs put-account-setting --name containerInsights --value enabled');
  assert.deepEqual([setting.name, setting.value], ['containerInsights', 'enabled']);
  const list = async (more: string) => (await aws(`ecs list-account-settings ${more}`)).settings;
  assert.deepEqual((await list('--name containerInsights'))[0].value, 'enabled');
  assert.ok((await list('--effective-settings')).length > 8);
  await aws('ecs delete-account-setting --name containerInsights');
  assert.deepEqual(await list('--name containerInsights'), []);
  await aws('ecs put-account-setting-default --name fargateTaskRetirementWaitPeriod --value 0');
  assert.equal(
    await aws.code('ecs put-account-setting --name containerInsights --value x'),
    'InvalidParameterException',
  );
});

test('only tasks of services are protected', async () => {
  const { tasks } = await aws(runTask('--launch-type FARGATE'), network);
  const line = 'ecs update-task-protection --cluster blue --protection-enabled --tasks';
  const { failures, protectedTasks } = await aws(line, tasks[0].taskArn, 'gone');
  assert.deepEqual(failures, [
    { arn: tasks[0].taskArn, reason: 'TASK_NOT_VALID' },
    { arn: `${ARN}:task/blue/gone`, reason: 'MISSING' },
  ]);
  assert.deepEqual(protectedTasks, []);
  await aws('ecs stop-task --cluster blue --task', tasks[0].taskArn);
  await aws('ecs wait tasks-stopped --cluster blue --tasks', tasks[0].taskArn);
});
