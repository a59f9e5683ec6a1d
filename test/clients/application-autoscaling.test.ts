import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  ObjectNotFoundException,
  PutScalingPolicyCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/*
 * Application Auto Scaling with Debian's aws CLI: the desired count of a service whose image is not there, so that no
 * container has to run.
 */

const TARGET = '--service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id service/blue/web';

let server: Longshore;
let aws: Cli;
before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  await aws('ecs create-cluster --cluster-name blue');
  const containers = JSON.stringify([{ name: 'web', image: '127.0.0.1:1/none' }]);
  const line = 'ecs register-task-definition --family site --requires-compatibilities FARGATE --network-mode awsvpc';
  await aws(`${line} --cpu 256 --memory 512 --container-definitions`, containers);
  const { Subnets } = await aws('ec2 describe-subnets');
  const network = JSON.stringify({ awsvpcConfiguration: { subnets: [Subnets[0].SubnetId] } });
  await aws(
    'ecs create-service --cluster blue --service-name web --task-definition site --desired-count 0 --launch-type FARGATE --network-configuration',
    network,
  );
});
after(() => server?.remove());

/** Of the target; the value of the line's last option may be given apart. */
function scaling(line: string, ...more: readonly string[]) {
  const [operation, ...options] = line.split(' ');
  return aws([`application-autoscaling ${operation} ${TARGET}`, ...options].join(' '), ...more);
}

function desiredIs(count: number): Promise<unknown> {
  return until(`the desired count is ${count}`, async () => {
    const { services } = await aws('ecs describe-services --cluster blue --services web');
    return services[0].desiredCount === count ? true : undefined;
  });
}

test('a service is kept within its limits, under the service-linked role', async () => {
  await scaling('register-scalable-target --min-capacity 1 --max-capacity 4');
  await desiredIs(1);
  const { ScalableTargets } = await aws('application-autoscaling describe-scalable-targets --service-namespace ecs');
  assert.deepEqual([ScalableTargets[0].MinCapacity, ScalableTargets[0].MaxCapacity], [1, 4]);
  const { Role } = await aws('iam get-role --role-name AWSServiceRoleForApplicationAutoScaling_ECSService');
  assert.equal(ScalableTargets[0].RoleARN, Role.Arn);
  const { ScalingActivities } = await scaling('describe-scaling-activities');
  assert.equal(ScalingActivities[0].Cause, 'minimum capacity was set to 1');
  assert.equal(ScalingActivities[0].Description, 'Setting desired count to 1.');
});

test('target tracking follows its alarm', async () => {
  const configuration = JSON.stringify({
    TargetValue: 50,
    PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
    ScaleOutCooldown: 60,
  });
  const put = 'put-scaling-policy --policy-name cpu --policy-type TargetTrackingScaling';
  const { Alarms, PolicyARN } = await scaling(`${put} --target-tracking-scaling-policy-configuration`, configuration);
  const names = Alarms.map((alarm: any) => alarm.AlarmName);
  await aws('cloudwatch wait alarm-exists --alarm-names', ...names);
  const high = names.find((name: string) => name.includes('AlarmHigh'));
  const { MetricAlarms } = await aws('cloudwatch describe-alarms --alarm-names', high);
  assert.deepEqual(MetricAlarms[0].AlarmActions, [PolicyARN]);
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const data = [1, 2, 3, 4].map((minutes) => ({
    MetricName: 'CPUUtilization',
    Dimensions: [
      { Name: 'ClusterName', Value: 'blue' },
      { Name: 'ServiceName', Value: 'web' },
    ],
    Value: 140,
    Unit: 'Percent',
    Timestamp: new Date(now - minutes * 60_000).toISOString(),
  }));
  await aws('cloudwatch put-metric-data --namespace AWS/ECS --metric-data', JSON.stringify(data));
  // The alarm is looked at again when it changes: at once, not in a minute.
  await aws('cloudwatch tag-resource --tags Key=a,Value=b --resource-arn', MetricAlarms[0].AlarmArn);
  await desiredIs(3);
  const { ScalingActivities } = await scaling('describe-scaling-activities');
  assert.equal(ScalingActivities[0].Cause, `monitor alarm ${high} in state ALARM triggered policy cpu`);
  const { ScalingPolicies } = await scaling('describe-scaling-policies');
  assert.equal(ScalingPolicies[0].TargetTrackingScalingPolicyConfiguration.TargetValue, 50);
  await scaling('delete-scaling-policy --policy-name cpu');
  await until('the alarms are gone', async () => {
    const left = await aws('cloudwatch describe-alarms');
    return left.MetricAlarms.length === 0 ? true : undefined;
  });
});

test('the SDK: steps, pages and errors', async () => {
  const { endpoint, region, credentials } = (await server.clients()).ecs.config;
  const at = await endpoint?.();
  const sdk = new ApplicationAutoScalingClient({
    region: await region(),
    credentials: await credentials(),
    endpoint: `${at?.protocol}//${at?.hostname}:${at?.port}`,
    maxAttempts: 1,
  });
  const { ScalableTargets } = await sdk.send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs' }));
  assert.ok(ScalableTargets?.[0]?.CreationTime instanceof Date);
  const steps = {
    PolicyName: 'steps',
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    StepScalingPolicyConfiguration: {
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    },
  } as const;
  const config = {
    ...steps.StepScalingPolicyConfiguration,
    StepAdjustments: [...steps.StepScalingPolicyConfiguration.StepAdjustments],
  };
  const put = (ResourceId: string) =>
    sdk.send(new PutScalingPolicyCommand({ ...steps, StepScalingPolicyConfiguration: config, ResourceId }));
  assert.deepEqual((await put('service/blue/web')).Alarms, []);
  await assert.rejects(put('service/blue/none'), ObjectNotFoundException);
  sdk.destroy();
});

test('a schedule, an unknown target and what is not scaled here', async () => {
  const put = 'put-scheduled-action --scheduled-action-name night --scalable-target-action MinCapacity=0,MaxCapacity=2';
  await scaling(`${put} --timezone Europe/Berlin --schedule`, 'cron(0 22 * * ? *)');
  const { ScheduledActions } = await scaling('describe-scheduled-actions');
  assert.equal(ScheduledActions[0].Timezone, 'Europe/Berlin');
  assert.match(
    await aws.refused(
      `application-autoscaling put-scheduled-action ${TARGET} --scheduled-action-name x --scalable-target-action MinCapacity=0 --schedule`,
      'rate(0 days)',
    ),
    /^ValidationException: Invalid schedule/,
  );
  const other = TARGET.replace('/web', '/none');
  assert.match(
    await aws.refused(`application-autoscaling deregister-scalable-target ${other}`),
    /^ObjectNotFoundException: No scalable target registered for service namespace: ecs, resource ID: service\/blue\/none/,
  );
  const table =
    '--service-namespace dynamodb --scalable-dimension dynamodb:table:ReadCapacityUnits --resource-id table/t';
  assert.match(
    await aws.refused(`application-autoscaling register-scalable-target --min-capacity 1 --max-capacity 2 ${table}`),
    /^ValidationException: The service namespace dynamodb is not supported/,
  );
  await scaling('deregister-scalable-target');
  assert.deepEqual((await scaling('describe-scheduled-actions')).ScheduledActions, []);
});
