import type { DeploymentConfiguration, ServiceDeployment } from '@aws-sdk/client-ecs';
import { RUN, SITE, must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { FakeRules } from './testing-shift.ts';
import { goOn, insist } from './testing-world.ts';

const ROLE = 'arn:aws:iam::123456789012:role/ecsInfrastructureRole';

export interface ShiftSite {
  readonly ecs: TestEcs;
  readonly blue: string;
  readonly green: string;
}

/** A service of two tasks whose first deployment is complete; `site:2` is there to be deployed. */
export async function openShiftSite(
  deploymentConfiguration: DeploymentConfiguration,
  onEffect?: () => void,
  desiredCount = 2,
): Promise<ShiftSite> {
  const ecs = await openTestSite(onEffect);
  await ecs.call('RegisterTaskDefinition', SITE);
  const blue = ecs.aws.addTargetGroup('blue', { drains: true });
  const green = ecs.aws.addTargetGroup('green', { drains: true, LoadBalancerArns: [] });
  const advancedConfiguration = {
    alternateTargetGroupArn: green,
    productionListenerRule: FakeRules.PRODUCTION,
    testListenerRule: FakeRules.TEST,
    roleArn: ROLE,
  };
  const loadBalancers = [{ targetGroupArn: blue, containerName: 'web', containerPort: 80, advancedConfiguration }];
  const first = { ...RUN, taskDefinition: 'site:1', serviceName: 'web', desiredCount, loadBalancers };
  await ecs.call('CreateService', {
    ...first,
    deploymentConfiguration: { strategy: deploymentConfiguration.strategy },
  });
  await goOn(ecs, async () => (await service(ecs)).deployments?.[0]?.rolloutState === 'COMPLETED');
  await ecs.call('UpdateService', { service: 'web', deploymentConfiguration });
  return { ecs, blue, green };
}

export async function service(ecs: TestEcs) {
  return must((await insist(() => ecs.call('DescribeServices', { services: ['web'] }))).services?.[0]);
}

export async function deployment(ecs: TestEcs): Promise<ServiceDeployment> {
  const serviceDeploymentArns = [must((await service(ecs)).currentServiceDeployment)];
  const answer = await insist(() => ecs.call('DescribeServiceDeployments', { serviceDeploymentArns }));
  return must(answer.serviceDeployments?.[0]);
}

export const update = (ecs: TestEcs) => ecs.call('UpdateService', { service: 'web', taskDefinition: 'site:2' });
export const untilStage = (ecs: TestEcs, stage: string) =>
  goOn(ecs, async () => (await deployment(ecs)).lifecycleStage === stage);
export const untilStatus = (ecs: TestEcs, status: string) =>
  goOn(ecs, async () => (await deployment(ecs)).status === status);
