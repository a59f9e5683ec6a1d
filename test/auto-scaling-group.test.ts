import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { until } from './harness/until.ts';

const CLI = join(import.meta.dirname, '../src/cli/main.ts');
const RECOMMENDED = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';
const RECOMMENDATION = 'in response to an EC2 instance rebalance recommendation.';
const GROUP = 'web';
const NAMED = ['--auto-scaling-group-name', GROUP];

interface Member {
  readonly InstanceId: string;
  readonly AvailabilityZone: string;
  readonly LifecycleState: string;
  readonly HealthStatus: string;
  readonly LaunchTemplate?: { readonly Version: string };
}

let server: Longshore;
const aws = (...args: string[]) => server.awsJson(args);
const scaling = (...args: string[]) => aws('autoscaling', ...args);

before(async () => {
  server = await Longshore.start();
  await aws('iam', 'create-role', '--role-name', 'app', '--assume-role-policy-document', trustOf('ec2.amazonaws.com'));
  await aws('iam', 'create-instance-profile', '--instance-profile-name', 'app');
  await aws('iam', 'add-role-to-instance-profile', '--instance-profile-name', 'app', '--role-name', 'app');
  const { Parameter } = await aws('ssm', 'get-parameter', '--name', RECOMMENDED);
  const data = { ImageId: Parameter.Value, InstanceType: 't3.nano', IamInstanceProfile: { Name: 'app' } };
  const template = ['--launch-template-name', 'web', '--launch-template-data', JSON.stringify(data)];
  await aws('ec2', 'create-launch-template', ...template);
});

after(async () => server?.remove());

function trustOf(Service: string): string {
  const Statement = [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }];
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

async function members(): Promise<readonly Member[]> {
  const { AutoScalingGroups } = await scaling('describe-auto-scaling-groups', '--auto-scaling-group-names', GROUP);
  return AutoScalingGroups[0].Instances;
}

/** So many in service, healthy, and nothing else. */
const inService = (count: number, without: readonly string[] = []) =>
  until(`${count} instances are in service`, async () => {
    const all = await members();
    const isSo = all.every((one) => one.LifecycleState === 'InService' && one.HealthStatus === 'Healthy');
    return isSo && all.length === count && !all.some((one) => without.includes(one.InstanceId)) && all;
  });

async function causes(): Promise<readonly string[]> {
  const { Activities } = await scaling('describe-scaling-activities', ...NAMED);
  return Activities.map((one: { Description: string; Cause: string }) => `${one.Description} / ${one.Cause}`);
}

test('a group goes from one instance to three over its zones, is found again by a killed server, and goes back to one', async () => {
  const { Subnets } = await aws('ec2', 'describe-subnets', '--filters', 'Name=default-for-az,Values=true');
  const subnets = Subnets.slice(0, 3).map((one: { SubnetId: string }) => one.SubnetId);
  const sizes = ['--min-size', '1', '--max-size', '3', '--desired-capacity', '1'];
  const template = ['--launch-template', 'LaunchTemplateName=web,Version=$Latest'];
  const where = ['--vpc-zone-identifier', subnets.join(',')];
  const targets = ['--name', 'web', '--protocol', 'HTTP', '--port', '80', '--vpc-id', Subnets[0].VpcId];
  const { TargetGroups } = await aws('elbv2', 'create-target-group', ...targets, '--target-type', 'instance');
  const { TargetGroupArn } = TargetGroups[0];
  const tags = ['--target-group-arns', TargetGroupArn, '--tags', 'Key=team,Value=web,PropagateAtLaunch=true'];
  await scaling('create-auto-scaling-group', ...NAMED, ...sizes, ...template, ...where, ...tags);
  const [first] = await inService(1);
  const id = first?.InstanceId ?? '';
  const { Reservations } = await aws('ec2', 'describe-instances', '--instance-ids', id);
  const tagged = Reservations[0].Instances[0].Tags.map(
    (tag: { Key: string; Value: string }) => `${tag.Key}=${tag.Value}`,
  );
  assert.ok(tagged.includes('aws:autoscaling:groupName=web') && tagged.includes('team=web'), tagged.join(' '));
  await scaling('set-desired-capacity', ...NAMED, '--desired-capacity', '3');
  await server.kill9();
  await server.up();
  const three = await inService(3);
  assert.equal(new Set(three.map((one) => one.AvailabilityZone)).size, 3);
  assert.ok(three.some((one) => one.InstanceId === id));
  const { TargetHealthDescriptions } = await aws(
    'elbv2',
    'describe-target-health',
    '--target-group-arn',
    TargetGroupArn,
  );
  const registered = TargetHealthDescriptions.map((one: { Target: { Id: string } }) => one.Target.Id);
  assert.deepEqual(new Set(registered), new Set(three.map((one) => one.InstanceId)));
  assert.ok(
    (await causes()).some((one) =>
      /explicitly set group desired capacity changing the desired capacity from 1 to 3\./.test(one),
    ),
  );
  await scaling('set-desired-capacity', ...NAMED, '--desired-capacity', '1');
  await inService(1);
  assert.ok(
    (await causes()).some((one) => /shrinking the capacity from 3 to 1\..*was selected for termination\./.test(one)),
  );
});

test('an instance whose init is killed is replaced', async () => {
  const [one] = await inService(1);
  const killed = one?.InstanceId ?? '';
  const name = `ls-${await server.instanceId()}-${killed}`;
  const pid = (await must('docker', ['inspect', '--format', '{{.State.Pid}}', name])).trim();
  process.kill(Number(pid), 'SIGKILL');
  await inService(1, [killed]);
  const said = await causes();
  assert.ok(
    said.some(
      (text) => text.startsWith(`Terminating EC2 instance: ${killed} / `) && text.includes('an EC2 health check'),
    ),
  );
  assert.ok(said.some((text) => text.includes('an unhealthy instance needing to be replaced')));
});

test('an instance refresh brings a new version of the launch template; on Spot capacity, one with its notice is replaced', async () => {
  const [old] = await inService(1);
  const version = ['--launch-template-name', 'web', '--source-version', '1'];
  await aws(
    'ec2',
    'create-launch-template-version',
    ...version,
    '--launch-template-data',
    '{"InstanceType":"t3.micro","InstanceMarketOptions":{"MarketType":"spot"}}',
  );
  const { InstanceRefreshId } = await scaling(
    'start-instance-refresh',
    ...NAMED,
    '--preferences',
    '{"MinHealthyPercentage":100,"InstanceWarmup":1,"SkipMatching":true}',
  );
  await until('the refresh is done', async () => {
    const { InstanceRefreshes } = await scaling('describe-instance-refreshes', ...NAMED);
    const [refresh] = InstanceRefreshes;
    assert.equal(refresh.InstanceRefreshId, InstanceRefreshId);
    return refresh.Status === 'Successful' && refresh;
  });
  const [fresh] = await inService(1, [old?.InstanceId ?? '']);
  assert.equal(fresh?.LaunchTemplate?.Version, '2');
  const noticed = fresh?.InstanceId ?? '';
  await scaling('update-auto-scaling-group', ...NAMED, '--capacity-rebalance');
  await must(process.execPath, [CLI, 'spot', 'interrupt', noticed, '--home', server.home]);
  await inService(1, [noticed]);
  const [out, into] = await causes();
  assert.ok(out?.startsWith(`Terminating EC2 instance: ${noticed} / `) && out.includes(RECOMMENDATION), out);
  assert.ok(into?.startsWith('Launching') && into.includes(RECOMMENDATION), into);
  await scaling('delete-auto-scaling-group', ...NAMED, '--force-delete');
  await until('the group is gone', async () => {
    const { AutoScalingGroups } = await scaling('describe-auto-scaling-groups');
    return AutoScalingGroups.length === 0;
  });
});
