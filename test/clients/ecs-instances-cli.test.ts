import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { InstanceLab } from '../harness/instance-lab.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/*
 * What ECS answers of container instances and of capacity providers over Auto Scaling groups, to Debian's aws CLI.
 */

const CLUSTER = 'instances-cli';
const GONE = '0123456789abcdef0123456789abcdef';

let lab: TaskLab;
let aws: Cli;
let arn: string;
before(async () => {
  lab = await TaskLab.open(CLUSTER);
  aws = cliOf(lab.server);
  const instances = await InstanceLab.open(lab);
  arn = (await instances.joined(await instances.launch())).containerInstanceArn ?? '';
  await lab.register({
    requiresCompatibilities: ['EC2'],
    networkMode: 'bridge',
    cpu: undefined,
    memory: undefined,
    containers: { web: { cpu: 128, memory: 64, stopTimeout: 2 } },
  });
});
after(async () => lab?.remove());

const describe = async () =>
  (await aws(`ecs describe-container-instances --cluster ${CLUSTER} --include TAGS --container-instances`, arn))
    .containerInstances[0];

/** The capacity provider of the test. */
const provider = async () =>
  (await aws('ecs describe-capacity-providers --capacity-providers cli')).capacityProviders[0];

/** A placement constraint of tasks that go to instances with this attribute. */
const onStack = (value: string) => JSON.stringify([{ type: 'memberOf', expression: `attribute:stack == ${value}` }]);

test('container instances are listed by a query and described; what is not there is a failure', async () => {
  const list = (filter: string) => aws(`ecs list-container-instances --cluster ${CLUSTER} --filter`, filter);
  assert.deepEqual((await list('attribute:ecs.instance-type == t3.small')).containerInstanceArns, [arn]);
  assert.deepEqual((await list('runningTasksCount > 0')).containerInstanceArns, []);
  assert.match(
    await aws.refused(`ecs list-container-instances --cluster ${CLUSTER} --filter`, 'attribute:'),
    /^InvalidParameterException: /,
  );
  const { status, agentConnected, registeredResources } = await describe();
  assert.deepEqual([status, agentConnected], ['ACTIVE', true]);
  assert.equal(registeredResources.find((one: any) => one.name === 'CPU').integerValue, 2048);
  const none = await aws(`ecs describe-container-instances --cluster ${CLUSTER} --container-instances`, GONE);
  assert.equal(none.failures[0].reason, 'MISSING');
});

test('tasks go where attributes say, or where the caller says', async () => {
  const attribute = `name=stack,value=qa,targetType=container-instance,targetId=${arn}`;
  await aws(`ecs put-attributes --cluster ${CLUSTER} --attributes`, attribute);
  const list = `ecs list-attributes --cluster ${CLUSTER} --target-type container-instance --attribute-name stack`;
  assert.deepEqual(
    (await aws(list)).attributes.map((one: any) => one.value),
    ['qa'],
  );
  const run = `ecs run-task --cluster ${CLUSTER} --task-definition ${CLUSTER} --launch-type EC2 --placement-constraints`;
  const placed = await aws(run, onStack('qa'));
  assert.deepEqual(placed.failures, []);
  const nowhere = await aws(run, onStack('prod'));
  assert.match(nowhere.failures[0].reason, /^MemberOf placement constraint unsatisfied/);
  const start = `ecs start-task --cluster ${CLUSTER} --task-definition ${CLUSTER} --container-instances`;
  const started = await aws(start, arn, GONE);
  assert.equal(started.failures[0].reason, 'MISSING');
  const tasks = [placed.tasks[0].taskArn, started.tasks[0].taskArn];
  await aws(`ecs wait tasks-running --cluster ${CLUSTER} --tasks`, ...tasks);
  assert.equal((await describe()).runningTasksCount, 2);
  for (const task of tasks) await aws(`ecs stop-task --cluster ${CLUSTER} --task`, task);
  await aws(`ecs wait tasks-stopped --cluster ${CLUSTER} --tasks`, ...tasks);
  await aws(`ecs delete-attributes --cluster ${CLUSTER} --attributes`, `name=stack,targetId=${arn}`);
  assert.deepEqual((await aws(list)).attributes, []);
});

test('capacity providers over a group are made, changed, associated and deleted', async () => {
  const launch = { ImageId: 'resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id' };
  await aws(
    'ec2 create-launch-template --launch-template-name cli --launch-template-data',
    JSON.stringify({ ...launch, InstanceType: 't3.micro' }),
  );
  const group = 'autoscaling create-auto-scaling-group --auto-scaling-group-name cli --min-size 0 --max-size 1';
  await aws(`${group} --launch-template LaunchTemplateName=cli --availability-zones us-east-1a`);
  const { AutoScalingGroups } = await aws('autoscaling describe-auto-scaling-groups --auto-scaling-group-names cli');
  const groupArn = AutoScalingGroups[0].AutoScalingGroupARN;
  const create = 'ecs create-capacity-provider --name cli --auto-scaling-group-provider';
  const { capacityProvider } = await aws(
    create,
    `autoScalingGroupArn=${groupArn},managedScaling={status=ENABLED,targetCapacity=80}`,
  );
  assert.equal(capacityProvider.autoScalingGroupProvider.managedScaling.targetCapacity, 80);
  assert.match(
    await aws.refused(create, 'autoScalingGroupArn=gone'),
    /^ClientException: The specified Auto Scaling group/,
  );
  const put = `ecs put-cluster-capacity-providers --cluster ${CLUSTER}`;
  await aws(`${put} --capacity-providers cli --default-capacity-provider-strategy capacityProvider=cli,weight=1`);
  const settled = async () => {
    const { clusters } = await aws(`ecs describe-clusters --include ATTACHMENTS --clusters ${CLUSTER}`);
    return clusters[0].attachmentsStatus;
  };
  await until('its policy is on the group', async () => (await settled()) === 'UPDATE_COMPLETE');
  const update = 'ecs update-capacity-provider --name cli --auto-scaling-group-provider';
  await aws(update, 'managedScaling={status=ENABLED,targetCapacity=100}');
  assert.match(
    await aws.refused('ecs delete-capacity-provider --capacity-provider cli'),
    /^(Client|UpdateInProgress)Exception: /,
  );
  await until('the update is over', async () => (await provider()).updateStatus === 'UPDATE_COMPLETE');
  const none = { cluster: CLUSTER, capacityProviders: [], defaultCapacityProviderStrategy: [] };
  await aws('ecs put-cluster-capacity-providers --cli-input-json', JSON.stringify(none));
  const { capacityProvider: leaving } = await aws('ecs delete-capacity-provider --capacity-provider cli');
  assert.equal(leaving.updateStatus, 'DELETE_IN_PROGRESS');
  await until('it is gone', async () => (await provider())?.status === 'INACTIVE');
  await aws('autoscaling delete-auto-scaling-group --auto-scaling-group-name cli');
});

test('an instance drains, comes back, and leaves', async () => {
  const change = `ecs update-container-instances-state --cluster ${CLUSTER} --container-instances ${arn} --status`;
  assert.equal((await aws(`${change} DRAINING`)).containerInstances[0].status, 'DRAINING');
  const run = `ecs run-task --cluster ${CLUSTER} --task-definition ${CLUSTER} --launch-type EC2`;
  assert.match(await aws.refused(run), /No Container Instances were found in your cluster/);
  await aws(`${change} ACTIVE`);
  const agent = `ecs update-container-agent --cluster ${CLUSTER} --container-instance ${arn}`;
  assert.equal(await aws.code(agent), 'NoUpdateAvailableException');
  const { tasks } = await aws(run);
  await aws(`ecs wait tasks-running --cluster ${CLUSTER} --tasks`, tasks[0].taskArn);
  const leave = `ecs deregister-container-instance --cluster ${CLUSTER} --container-instance ${arn}`;
  assert.match(await aws.refused(leave), /^InvalidParameterException: Found running tasks on the instance\.$/);
  assert.equal((await aws(`${leave} --force`)).containerInstance.status, 'INACTIVE');
});
