import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BUILT } from '../harness/built.ts';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/*
 * Every operation of EC2 Auto Scaling that stands, as Debian's aws CLI calls it. The group `quiet` has no instance; `pair`
 * has real ones.
 */

const RECOMMENDED = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';
const QUIET = '--auto-scaling-group-name quiet';
const PAIR = '--auto-scaling-group-name pair';
const { stringify } = JSON;

let server: Longshore;
let aws: Cli;
let subnet: string;
let vpc: string;
const called = new Set<string>();

/** `autoscaling LINE`. */
function scaling(line: string, ...more: readonly string[]): Promise<any> {
  called.add(line.split(' ')[0] ?? '');
  return aws(`autoscaling ${line}`, ...more);
}

const refused = (line: string, ...more: readonly string[]) => aws.refused(`autoscaling ${line}`, ...more);

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  const [{ Parameter }, { Subnets }] = await Promise.all([
    aws(`ssm get-parameter --name ${RECOMMENDED}`),
    aws('ec2 describe-subnets --filters Name=default-for-az,Values=true'),
  ]);
  ({ SubnetId: subnet, VpcId: vpc } = Subnets[0]);
  const data = stringify({ ImageId: Parameter.Value, InstanceType: 't3.nano' });
  await aws('ec2 create-launch-template --launch-template-name web --launch-template-data', data);
  const sizes = '--min-size 0 --max-size 4';
  const where = `--launch-template LaunchTemplateName=web,Version=1 --vpc-zone-identifier ${subnet}`;
  await scaling(
    `create-auto-scaling-group ${QUIET} ${sizes} ${where} --tags Key=team,Value=web,PropagateAtLaunch=true`,
  );
  await scaling(`create-auto-scaling-group ${PAIR} ${sizes} ${where} --desired-capacity 2`);
});
after(async () => server?.remove());

async function groupNamed(name: string) {
  const { AutoScalingGroups } = await scaling(`describe-auto-scaling-groups --auto-scaling-group-names ${name}`);
  return AutoScalingGroups[0];
}

/** The instances of `pair` once they all are in these states. */
const inStates = (...states: readonly string[]): Promise<readonly string[]> =>
  until(`instances are ${states.join(', ')}`, async () => {
    const { AutoScalingInstances: all } = await scaling('describe-auto-scaling-instances');
    const seen = all.map((one: any) => one.LifecycleState).toSorted();
    return stringify(seen) === stringify(states.toSorted()) && all.map((one: any) => one.InstanceId);
  });

describe('of groups', { concurrency: true }, () => {
  describe('without instances', { concurrency: 1 }, () => {
    test('groups are made, changed, and refused with AWS’s words', async () => {
      const create = 'create-auto-scaling-group --min-size 0 --max-size 1';
      const launched = `--launch-template LaunchTemplateName=web --vpc-zone-identifier ${subnet}`;
      const hook = { LifecycleHookName: 'h', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' };
      const hooks = stringify(Array.from({ length: 51 }, (_, n) => ({ ...hook, LifecycleHookName: `h${n}` })));
      const words = await Promise.all([
        refused(`${create} ${QUIET} ${launched}`),
        refused(`${create} --auto-scaling-group-name bare --vpc-zone-identifier ${subnet}`),
        refused(`${create} --auto-scaling-group-name bare --launch-template LaunchTemplateName=web`),
        refused(`${create} --auto-scaling-group-name bare ${launched} --lifecycle-hook-specification-list`, hooks),
        refused('update-auto-scaling-group --auto-scaling-group-name nobody --max-size 1'),
        refused(`update-auto-scaling-group ${QUIET} --min-size 5`),
        refused(`set-desired-capacity ${QUIET} --desired-capacity 9`),
        refused('describe-auto-scaling-groups --next-token none'),
        refused(`delete-auto-scaling-group ${PAIR}`),
      ]);
      for (const [index, expected] of [
        /^AlreadyExists: AutoScalingGroup by this name already exists - A group with the name quiet already exists$/,
        /^ValidationError: Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or/,
        /^ValidationError: At least one Availability Zone or VPC Subnet is required\.$/,
        /^LimitExceeded: A group can have 50 lifecycle hooks at most\.$/,
        /^ValidationError: AutoScalingGroup name not found - AutoScalingGroup 'nobody' not found$/,
        /^ValidationError: Max bound, 4, must be greater than or equal to min bound, 5$/,
        /^ValidationError: New SetDesiredCapacity value 9 is above max value 4 for the AutoScalingGroup\.$/,
        /^InvalidNextToken: /,
        /^ResourceInUse: You cannot delete an AutoScalingGroup while there are instances or pending Spot instance/,
      ].entries()) {
        assert.match(words[index] ?? '', expected);
      }
      await scaling(`update-auto-scaling-group ${QUIET} --default-cooldown 60 --termination-policies OldestInstance`);
      await scaling(`set-desired-capacity ${QUIET} --desired-capacity 0`);
      const group = await groupNamed('quiet');
      assert.deepEqual(
        [group.DefaultCooldown, group.TerminationPolicies, group.DesiredCapacity],
        [60, ['OldestInstance'], 0],
      );
    });

    test('launch configurations are made, and deleted once no group has them', async () => {
      const named = '--launch-configuration-name old';
      const create = `create-launch-configuration ${named} --image-id ami-1 --instance-type t3.nano`;
      await scaling(create);
      assert.match(await refused(create), /^AlreadyExists: Launch Configuration by this name already exists/);
      const user = '--auto-scaling-group-name user';
      await scaling(
        `create-auto-scaling-group ${user} ${named} --min-size 0 --max-size 0 --vpc-zone-identifier ${subnet}`,
      );
      assert.match(
        await refused(`delete-launch-configuration ${named}`),
        /^ResourceInUse: Cannot delete launch configuration old/,
      );
      await scaling(`delete-auto-scaling-group ${user}`);
      const { LaunchConfigurations } = await scaling('describe-launch-configurations');
      assert.equal(LaunchConfigurations[0].InstanceType, 't3.nano');
      await scaling(`delete-launch-configuration ${named}`);
      assert.match(
        await refused(`delete-launch-configuration ${named}`),
        /^ValidationError: Launch configuration name not/,
      );
    });

    test('policies and scheduled actions', async () => {
      const put = `put-scaling-policy ${QUIET} --policy-name`;
      const step = '[{"MetricIntervalLowerBound":0,"ScalingAdjustment":0}]';
      const tracked =
        '{"PredefinedMetricSpecification":{"PredefinedMetricType":"ASGAverageCPUUtilization"},"TargetValue":50}';
      const schedule = `--scheduled-action-name night --recurrence`;
      await Promise.all([
        scaling(`${put} one --adjustment-type ExactCapacity --scaling-adjustment 0`),
        scaling(`${put} steps --policy-type StepScaling --adjustment-type ChangeInCapacity --step-adjustments`, step),
        scaling(`${put} cpu --policy-type TargetTrackingScaling --target-tracking-configuration`, tracked),
        scaling(`put-scheduled-update-group-action ${QUIET} --max-size 4 ${schedule}`, '0 3 * * *'),
        scaling(
          `batch-put-scheduled-update-group-action ${QUIET} --scheduled-update-group-actions`,
          '[{"ScheduledActionName":"noon","MinSize":0,"Recurrence":"0 12 * * *"}]',
        ),
      ]);
      await scaling(`execute-policy ${QUIET} --policy-name one`);
      const { ScalingPolicies } = await scaling(`describe-policies ${QUIET}`);
      assert.deepEqual(
        ScalingPolicies.map((one: any) => [one.PolicyName, one.PolicyType, one.Alarms.length]).toSorted(),
        [
          ['cpu', 'TargetTrackingScaling', 2],
          ['one', 'SimpleScaling', 0],
          ['steps', 'StepScaling', 0],
        ],
      );
      const { ScheduledUpdateGroupActions } = await scaling(`describe-scheduled-actions ${QUIET}`);
      assert.deepEqual(ScheduledUpdateGroupActions.map((one: any) => one.ScheduledActionName).toSorted(), [
        'night',
        'noon',
      ]);
      const [policy, odd, past, action] = await Promise.all([
        refused(`execute-policy ${QUIET} --policy-name nobody`),
        refused(`${put} odd --adjustment-type Sideways --scaling-adjustment 1`),
        refused(
          `put-scheduled-update-group-action ${QUIET} --scheduled-action-name past --min-size 0 --start-time 2001-01-01`,
        ),
        refused(`delete-scheduled-action ${QUIET} --scheduled-action-name nobody`),
      ]);
      assert.match(policy, /^ValidationError: PolicyName not found/);
      assert.match(odd, /^ValidationError: 1 validation error detected: Value 'Sideways' at 'adjustmentType'/);
      assert.match(past, /^ValidationError: Given start time is in the past$/);
      assert.match(action, /^ValidationError: Scheduled action name not found/);
      await Promise.all([
        scaling(`delete-policy ${QUIET} --policy-name cpu`),
        scaling(`delete-scheduled-action ${QUIET} --scheduled-action-name night`),
        scaling(`batch-delete-scheduled-action ${QUIET} --scheduled-action-names noon`),
      ]);
    });

    test('tags, processes, metrics, target groups and traffic sources', async () => {
      const tag = 'ResourceId=quiet,ResourceType=auto-scaling-group,Key=cost';
      await scaling(`create-or-update-tags --tags ${tag},Value=low,PropagateAtLaunch=false`);
      const { Tags } = await scaling('describe-tags --filters Name=auto-scaling-group,Values=quiet');
      assert.deepEqual(Tags.map((one: any) => `${one.Key}=${one.Value}`).toSorted(), ['cost=low', 'team=web']);
      await scaling(`delete-tags --tags ${tag}`);
      await scaling(`suspend-processes ${QUIET} --scaling-processes Launch AZRebalance`);
      await scaling(`resume-processes ${QUIET} --scaling-processes AZRebalance`);
      await scaling(`enable-metrics-collection ${QUIET} --granularity 1Minute --metrics GroupMinSize WarmPoolMinSize`);
      const { SuspendedProcesses, EnabledMetrics } = await groupNamed('quiet');
      assert.deepEqual(
        SuspendedProcesses.map((one: any) => one.ProcessName),
        ['Launch'],
      );
      assert.equal(EnabledMetrics.length, 2);
      await scaling(`disable-metrics-collection ${QUIET}`);
      await scaling(`resume-processes ${QUIET}`);
      const targets = `--name quiet --protocol HTTP --port 80 --vpc-id ${vpc} --target-type instance`;
      const { TargetGroups } = await aws(`elbv2 create-target-group ${targets}`);
      const arn = TargetGroups[0].TargetGroupArn;
      await scaling(`attach-load-balancer-target-groups ${QUIET} --target-group-arns ${arn}`);
      const { LoadBalancerTargetGroups } = await scaling(`describe-load-balancer-target-groups ${QUIET}`);
      assert.equal(LoadBalancerTargetGroups[0].LoadBalancerTargetGroupARN, arn);
      await scaling(`detach-load-balancer-target-groups ${QUIET} --target-group-arns ${arn}`);
      const source = `--traffic-sources Identifier=${arn}`;
      await scaling(`attach-traffic-sources ${QUIET} ${source}`);
      assert.equal(
        (await scaling(`describe-traffic-sources ${QUIET} --traffic-source-type elbv2`)).TrafficSources.length,
        1,
      );
      await scaling(`detach-traffic-sources ${QUIET} ${source}`);
      assert.deepEqual((await scaling(`describe-load-balancers ${QUIET}`)).LoadBalancers, []);
      assert.match(
        await refused(`attach-load-balancer-target-groups ${QUIET} --target-group-arns ${arn}0`),
        /^ValidationError: Provided Target Groups may not be valid/,
      );
      assert.match(
        await refused(`suspend-processes ${QUIET} --scaling-processes Sleep`),
        /^ValidationError: Invalid process name: Sleep/,
      );
    });

    test('what there is of everything', async () => {
      const [limits, ...kinds] = await Promise.all(
        [
          'account-limits',
          'adjustment-types',
          'auto-scaling-notification-types',
          'lifecycle-hook-types',
          'metric-collection-types',
          'scaling-process-types',
          'termination-policy-types',
        ].map((kind) => scaling(`describe-${kind}`)),
      );
      assert.equal(limits.NumberOfAutoScalingGroups, 2);
      const counts = kinds.map((answer) => (Object.values(answer)[0] as unknown[]).length);
      assert.ok(
        counts.every((count) => count > 1),
        counts.join(' '),
      );
      const { NotificationConfigurations } = await scaling('describe-notification-configurations');
      assert.deepEqual(NotificationConfigurations, []);
      assert.match(
        await refused(
          `put-notification-configuration ${QUIET} --topic-arn arn:aws:sns:us-east-1:123456789012:t --notification-types x`,
        ),
        /PutNotificationConfiguration/,
      );
    });
  });

  describe('with instances', { concurrency: 1 }, () => {
    test('instances are protected, put aside, taken out and in, and replaced', async () => {
      const [id = ''] = await inStates('InService', 'InService');
      const one = `--instance-ids ${id}`;
      await scaling(`set-instance-protection ${PAIR} ${one} --protected-from-scale-in`);
      await scaling(`enter-standby ${PAIR} ${one} --should-decrement-desired-capacity`);
      await inStates('InService', 'Standby');
      assert.match(
        await refused(`enter-standby ${PAIR} ${one} --should-decrement-desired-capacity`),
        new RegExp(`^ValidationError: The instance ${id} is not in InService\\.`),
      );
      await scaling(`exit-standby ${PAIR} ${one}`);
      await inStates('InService', 'InService');
      const { Activities } = await scaling(`detach-instances ${PAIR} ${one} --should-decrement-desired-capacity`);
      assert.match(Activities[0].Description, /^Detaching EC2 instance: i-/);
      await inStates('InService');
      await scaling(`attach-instances ${PAIR} ${one}`);
      await inStates('InService', 'InService');
      assert.match(
        await refused(`attach-instances ${PAIR} ${one}`),
        /^ValidationError: Instance .* is already part of/,
      );
      assert.match(
        await refused('set-instance-health --instance-id i-0123456789abcdef0 --health-status Unhealthy'),
        /^ValidationError: Instance Id not found - No managed instance found for instance ID: i-0123456789abcdef0$/,
      );
      assert.match(
        await refused(`set-desired-capacity ${PAIR} --desired-capacity 1 --honor-cooldown`),
        /^ScalingActivityInProgress: Scaling activity is in cooldown/,
      );
      await scaling(`set-instance-health --instance-id ${id} --health-status Unhealthy`);
      await until('it is replaced', async () => !(await inStates('InService', 'InService')).includes(id));
      const seen = await scaling(`describe-scaling-activities ${PAIR}`);
      assert.ok(seen.Activities.some((activity: any) => /in response to a user health-check/.test(activity.Cause)));
    });

    test('a hook holds the end of an instance', async () => {
      const [id = ''] = await inStates('InService', 'InService');
      const hook = '--lifecycle-hook-name drain';
      await scaling(`put-lifecycle-hook ${PAIR} ${hook} --lifecycle-transition autoscaling:EC2_INSTANCE_TERMINATING`);
      const { LifecycleHooks } = await scaling(`describe-lifecycle-hooks ${PAIR}`);
      assert.deepEqual([LifecycleHooks[0].HeartbeatTimeout, LifecycleHooks[0].GlobalTimeout], [3600, 172_800]);
      const decrement = '--should-decrement-desired-capacity';
      const { Activity } = await scaling(`terminate-instance-in-auto-scaling-group --instance-id ${id} ${decrement}`);
      assert.equal(Activity.StatusCode, 'InProgress');
      await inStates('InService', 'Terminating:Wait');
      const action = `${PAIR} ${hook} --instance-id ${id}`;
      await scaling(`record-lifecycle-action-heartbeat ${action}`);
      await scaling(`complete-lifecycle-action ${action} --lifecycle-action-result CONTINUE`);
      await scaling(`delete-lifecycle-hook ${PAIR} ${hook}`);
      await inStates('InService');
      assert.match(
        await refused(`complete-lifecycle-action ${action} --lifecycle-action-result CONTINUE`),
        /^ValidationError: No active Lifecycle Action found with instance ID i-/,
      );
    });

    test('a refresh is refused while another goes on, and can be cancelled', async () => {
      const template = { LaunchTemplateName: 'web', Version: '1' };
      const wanted = stringify({ LaunchTemplate: template });
      const start = `start-instance-refresh ${PAIR} --preferences {"InstanceWarmup":600} --desired-configuration`;
      await scaling(start, wanted);
      assert.match(
        await refused(start, wanted),
        /^InstanceRefreshInProgress: An Instance Refresh is already in progress/,
      );
      await scaling(`cancel-instance-refresh ${PAIR}`);
      await until('it has ended', async () => {
        const { InstanceRefreshes } = await scaling(`describe-instance-refreshes ${PAIR}`);
        return InstanceRefreshes[0].Status === 'Cancelled';
      });
      assert.match(await refused(`cancel-instance-refresh ${PAIR}`), /^ActiveInstanceRefreshNotFound: /);
    });
  });
});

test('a warm pool keeps a stopped instance, which a larger group starts, even where the server was killed', async () => {
  await scaling(`put-warm-pool ${PAIR} --min-size 1 --max-group-prepared-capacity 1`);
  await inStates('InService', 'Warmed:Stopped');
  const { Instances, WarmPoolConfiguration } = await scaling(`describe-warm-pool ${PAIR}`);
  assert.deepEqual(WarmPoolConfiguration, { MaxGroupPreparedCapacity: 1, MinSize: 1, PoolState: 'Stopped' });
  const id = Instances[0].InstanceId;
  const stateOf = async () => {
    const { Reservations } = await aws(`ec2 describe-instances --instance-ids ${id}`);
    return Reservations[0].Instances[0].State.Name;
  };
  assert.equal(await stateOf(), 'stopped');
  await scaling(`put-warm-pool ${PAIR} --min-size 0 --max-group-prepared-capacity 2`);
  await scaling(`set-desired-capacity ${PAIR} --desired-capacity 2`);
  await server.kill9();
  await server.up();
  assert.ok((await inStates('InService', 'InService')).includes(id));
  assert.equal(await stateOf(), 'running');
  assert.match(
    await refused(`put-warm-pool ${PAIR} --pool-state Hibernated`),
    /^ValidationError: The warm pool state Hibernated is not supported/,
  );
  await scaling(`delete-warm-pool ${PAIR}`);
});

test('groups go, and every operation that stands was called', async () => {
  await scaling(`delete-auto-scaling-group ${QUIET}`);
  await scaling(`delete-auto-scaling-group ${PAIR} --force-delete`);
  await until('both are gone', async () => {
    const { AutoScalingGroups } = await scaling('describe-auto-scaling-groups');
    return AutoScalingGroups.length === 0;
  });
  const commands = Object.keys(BUILT.autoscaling.operations).map((name) =>
    name.replaceAll(/[A-Z]/g, (letter, at) => `${at > 0 ? '-' : ''}${letter.toLowerCase()}`),
  );
  assert.deepEqual(
    commands.filter((command) => !called.has(command)),
    // Younger than Debian's CLI.
    ['rollback-instance-refresh'],
  );
});
