import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateExpressGatewayServiceCommand,
  DeleteExpressGatewayServiceCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  UpdateExpressGatewayServiceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { AttachRolePolicyCommand, CreateRoleCommand } from '@aws-sdk/client-iam';
import {
  answered,
  describeExpress,
  endpointRequest,
  EXPRESS_POLICY,
  infrastructureRole,
  whatIsThere,
} from './harness/express.ts';
import { Longshore } from './harness/longshore.ts';
import { createRepository, pushImage } from './harness/registry.ts';
import { executionRole, trusting } from './harness/roles.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import type { Clients } from './harness/site-parts.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

const IMAGES = ['v1', 'v2'].map((version) => `longshore-test-express-${process.pid}:${version}`);

let server: Longshore;
let clients: Clients;
const images: string[] = [];
let roles: { executionRoleArn: string; infrastructureRoleArn: string };
let untouched: string[] = [];

before(async () => {
  server = await Longshore.start();
  clients = await server.clients();
  const repository = await createRepository(clients.ecr, 'express');
  for (const [at, image] of IMAGES.entries()) {
    await buildSiteImage(image, `v${at + 1}`);
    images.push(await pushImage(clients.ecr, image, repository, `v${at + 1}`));
  }
  roles = {
    executionRoleArn: await executionRole(clients),
    infrastructureRoleArn: await infrastructureRole(clients),
  };
  untouched = await whatIsThere(clients);
});

after(async () => {
  await server?.remove();
  for (const image of IMAGES) await must('docker', ['image', 'rm', image]);
});

async function create(serviceName: string, image = images[0], role = roles.infrastructureRoleArn): Promise<string> {
  const { service } = await clients.ecs.send(
    new CreateExpressGatewayServiceCommand({
      serviceName,
      ...roles,
      infrastructureRoleArn: role,
      primaryContainer: { image },
      healthCheckPath: '/healthz',
      scalingTarget: { minTaskCount: 1, maxTaskCount: 3 },
      tags: [{ key: 'team', value: 'web' }],
    }),
  );
  assert.equal(service?.status?.statusCode, 'ACTIVE');
  return service.serviceArn ?? '';
}

async function remove(serviceArn: string): Promise<void> {
  const { service } = await clients.ecs.send(new DeleteExpressGatewayServiceCommand({ serviceArn }));
  assert.equal(service?.status?.statusCode, 'DRAINING');
}

async function gone(serviceArn: string): Promise<void> {
  let last: unknown;
  await until(
    'the service is INACTIVE',
    async () => {
      const { status } = await describeExpress(clients, serviceArn);
      last = status;
      return status?.statusCode === 'INACTIVE';
    },
    90_000,
  ).catch((error: unknown) => assert.fail(`${String(error)} ${JSON.stringify(last)}`));
}

let web = '';

test('one call makes an HTTPS page, through a kill -9 in the middle', async () => {
  web = await create('web');
  await server.kill9();
  await server.up();
  const service = await describeExpress(clients, web);
  const [configuration] = service.activeConfigurations ?? [];
  assert.equal(configuration?.ingressPaths?.[0]?.accessType, 'PUBLIC');
  assert.match(
    configuration?.ingressPaths?.[0]?.endpoint ?? '',
    /^https:\/\/web-[0-9a-f]{12}\.ecs\.us-east-1\.on\.localhost$/,
  );
  assert.equal(await answered(await endpointRequest(server, service, '/cgi-bin/version'), clients, web), 'v1');
  await until('it is scaled', async () => {
    const { ScalableTargets = [] } = await clients.autoscaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: ['service/default/web'] }),
    );
    return ScalableTargets[0]?.MaxCapacity === 3;
  });
  const { ScalingPolicies = [] } = await until('it has a policy', async () => {
    const seen = await clients.autoscaling.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: 'ecs' }));
    return (seen.ScalingPolicies?.length ?? 0) > 0 && seen;
  });
  assert.equal(ScalingPolicies[0]?.TargetTrackingScalingPolicyConfiguration?.TargetValue, 60);
});

/** Waits until one deployment has completed: of this task definition, where it is given. */
async function deployed(name: string, taskDefinition?: string): Promise<void> {
  let last: unknown;
  await until(
    `${name} is deployed`,
    async () => {
      const { services: [service] = [] } = await clients.ecs.send(new DescribeServicesCommand({ services: [name] }));
      const [deployment, ...others] = service?.deployments ?? [];
      last = service?.events?.slice(0, 6).map((event) => event.message);
      const isWanted = taskDefinition === undefined || deployment?.taskDefinition === taskDefinition;
      return others.length === 0 && deployment?.rolloutState === 'COMPLETED' && isWanted;
    },
    90_000,
  ).catch((error: unknown) => assert.fail(`${String(error)} ${JSON.stringify(last)}`));
}

async function webService() {
  const { services: [service] = [] } = await clients.ecs.send(new DescribeServicesCommand({ services: ['web'] }));
  return service;
}

/** Its deployments are watched once the first is complete. Then they take so long. */
async function baking(canaryBakeTimeInMinutes: number, isWatched: boolean): Promise<string> {
  const alarms = await until('it has its alarm', async () => (await webService())?.deploymentConfiguration?.alarms);
  await clients.ecs.send(
    new UpdateServiceCommand({
      service: 'web',
      deploymentConfiguration: {
        bakeTimeInMinutes: 0,
        canaryConfiguration: { canaryPercent: 50, canaryBakeTimeInMinutes },
        alarms: { ...alarms, enable: isWatched },
      },
    }),
  );
  return alarms.alarmNames?.[0] ?? '';
}

test('another image is rolled out without a failed request', async () => {
  await deployed('web');
  await until('it has its alarm', async () => (await webService())?.deploymentConfiguration?.alarms);
  const { strategy, bakeTimeInMinutes, canaryConfiguration } = (await webService())?.deploymentConfiguration ?? {};
  assert.deepEqual([strategy, bakeTimeInMinutes], ['CANARY', 3]);
  assert.deepEqual(canaryConfiguration, { canaryPercent: 5, canaryBakeTimeInMinutes: 3 });
  await baking(0, false);
  const visitors = new Visitors(await endpointRequest(server, await describeExpress(clients, web), '/cgi-bin/version'));
  try {
    const { service } = await clients.ecs.send(
      new UpdateExpressGatewayServiceCommand({ serviceArn: web, primaryContainer: { image: images[1] } }),
    );
    assert.equal(service?.targetConfiguration?.primaryContainer?.image, images[1]);
    await deployed('web', service?.targetConfiguration?.taskDefinitionArn);
  } finally {
    await visitors.stop();
  }
  assert.deepEqual(visitors.failures.slice(0, 5), [], `of ${visitors.total} requests`);
  assert.ok((visitors.answers.get('v1') ?? 0) > 0 && (visitors.answers.get('v2') ?? 0) > 0);
});

test('an alarm brings the image back, without a failed request', async () => {
  const AlarmName = await baking(3, true);
  const request = await endpointRequest(server, await describeExpress(clients, web), '/cgi-bin/version');
  const visitors = new Visitors(request);
  const deployment = async () => {
    const serviceDeploymentArns = [(await webService())?.currentServiceDeployment ?? ''];
    const answer = await clients.ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
    return answer.serviceDeployments?.[0];
  };
  try {
    await clients.ecs.send(
      new UpdateExpressGatewayServiceCommand({ serviceArn: web, primaryContainer: { image: images[0] } }),
    );
    await until('both answer', async () => (visitors.answers.get('v1') ?? 0) > 0, 90_000);
    const StateValue = 'ALARM';
    await clients.cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'as the test says' }));
    await until('it is back', async () => (await deployment())?.status === 'ROLLBACK_SUCCESSFUL', 60_000);
  } finally {
    await visitors.stop();
  }
  assert.deepEqual(visitors.failures.slice(0, 5), [], `of ${visitors.total} requests`);
  assert.equal(await answered(request, clients, web), 'v2');
});

test('a second service shares the load balancer, and outlives the first', async () => {
  const api = await create('api');
  const request = await endpointRequest(server, await describeExpress(clients, api), '/cgi-bin/version');
  assert.equal(await answered(request, clients, api), 'v1');
  const balancers = (await whatIsThere(clients)).filter((name) => name.startsWith('load balancer'));
  assert.equal(balancers.length, 1);
  await deployed('api');
  const visitors = new Visitors(request);
  try {
    await remove(web);
    await gone(web);
  } finally {
    await visitors.stop();
  }
  assert.deepEqual(visitors.failures.slice(0, 5), [], `of ${visitors.total} requests`);
  await remove(api);
  await gone(api);
});

test('the infrastructure role decides what is made, and the status says what it lacks', async () => {
  const RoleName = 'powerless';
  const AssumeRolePolicyDocument = trusting({ Service: 'ecs.amazonaws.com' });
  const { Role } = await clients.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const arn = await create('late', images[0], Role?.Arn);
  const reason = await until(
    'its status says so',
    async () => (await describeExpress(clients, arn)).status?.statusReason,
  );
  assert.match(reason, /log-group could not be made: .*powerless.* is not authorized to perform: logs:CreateLogGroup/);
  await clients.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: EXPRESS_POLICY }));
  const late = await describeExpress(clients, arn);
  assert.equal(await answered(await endpointRequest(server, late, '/cgi-bin/version'), clients, arn), 'v1');
  assert.equal((await describeExpress(clients, arn)).status?.statusReason, undefined);
  await remove(arn);
  await gone(arn);
});

test('nothing of them is left', async () => {
  await until('alarms are gone', async () => {
    const now = await whatIsThere(clients);
    return now.every((name) => untouched.includes(name));
  }).catch(async (error: unknown) => {
    const left = (await whatIsThere(clients)).filter((name) => !untouched.includes(name));
    assert.fail(`${String(error)} Left: ${left.join(', ')}`);
  });
});
