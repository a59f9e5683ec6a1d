import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { must } from '../harness/run.ts';
import { servedSerial } from '../harness/served-certificate.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { deploySite } from '../harness/site.ts';
import type { Site } from '../harness/site.ts';
import { until } from '../harness/until.ts';
import { Visitors } from '../harness/visitors.ts';

/*
 * The waiters of Debian's aws CLI over the life of one service behind a load balancer: each asks every 6 or 15 s, and
 * goes by the states that AWS documents.
 */

const IMAGE = `longshore-test-waiters-${process.pid}:v1`;
const SERVICE = '--cluster waits --services waits';

let server: Longshore;
let site: Site;
let aws: Cli;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  await buildSiteImage(IMAGE);
  site = await deploySite(server, { name: 'waits', image: IMAGE, count: 1 });
});
after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

const { stringify } = JSON;
const targetHealth = () => aws(`elbv2 describe-target-health --target-group-arn ${site.parts.targetGroupArn}`);
const taskArns = async (): Promise<string[]> => (await aws('ecs list-tasks --cluster waits')).taskArns;

test('a service becomes stable: its tasks run, its targets are in service', async () => {
  const [task = ''] = await until('the task is there', async () => {
    const arns = await taskArns();
    return arns.length > 0 && arns;
  });
  // All at once, while the service is on its way.
  await Promise.all([
    aws(`ecs wait tasks-running --cluster waits --tasks ${task}`),
    aws(`ecs wait services-stable ${SERVICE}`),
    aws(`elbv2 wait target-in-service --target-group-arn ${site.parts.targetGroupArn}`),
    aws(`elbv2 wait load-balancer-available --names ${site.parts.balancer.LoadBalancerName}`),
    aws(`acm wait certificate-validated --certificate-arn ${site.parts.certificateArn}`),
  ]);
  const { services } = await aws(`ecs describe-services ${SERVICE}`);
  const [{ deployments, desiredCount, runningCount }] = services;
  assert.deepEqual([deployments.length, desiredCount, runningCount], [1, 1, 1]);
  const { TargetHealthDescriptions } = await targetHealth();
  assert.equal(TargetHealthDescriptions[0].TargetHealth.State, 'healthy');
});

test('a renewed certificate reaches its listener under the same ARN, and not one request fails', async () => {
  const of = `--certificate-arn ${site.parts.certificateArn}`;
  const listeners = `elbv2 describe-listeners --load-balancer-arn ${site.parts.balancer.LoadBalancerArn}`;
  const before = [await servedSerial(site), await aws(listeners)] as const;
  const visitors = new Visitors(await site.request());
  try {
    await until('visitors are answered', async () => visitors.total > 20);
    await aws(`acm renew-certificate ${of}`);
    await until('new connections get the new certificate', async () => (await servedSerial(site)) !== before[0]);
    const { Certificate } = await aws(`acm describe-certificate ${of}`);
    assert.equal(Certificate.RenewalSummary.RenewalStatus, 'SUCCESS');
    assert.equal(Certificate.Serial.replaceAll(':', '').toUpperCase(), (await servedSerial(site)).padStart(32, '0'));
    const total = visitors.total;
    await until('visitors are answered at the end', async () => visitors.total > total + 20);
  } finally {
    await visitors.stop();
  }
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
  assert.equal(stringify(await aws(listeners)), stringify(before[1]));
});

test('it ends: its target is deregistered, its task has stopped, the service is inactive', async () => {
  const tasks = await taskArns();
  const [{ Target }] = (await targetHealth()).TargetHealthDescriptions;
  await aws('ecs update-service --cluster waits --service waits --desired-count 0');
  await until('the target is gone', async () => (await targetHealth()).TargetHealthDescriptions.length === 0);
  await Promise.all([
    aws(
      `elbv2 wait target-deregistered --target-group-arn ${site.parts.targetGroupArn} --targets`,
      `Id=${Target.Id},Port=${Target.Port}`,
    ),
    aws('ecs wait tasks-stopped --cluster waits --tasks', ...tasks),
    until('the service is steady', async () => {
      const { services } = await aws(`ecs describe-services ${SERVICE}`);
      return services[0].runningCount === 0;
    }).then(() => aws(`ecs wait services-stable ${SERVICE}`)),
  ]);
  await aws('ecs delete-service --cluster waits --service waits');
  await aws(`ecs wait services-inactive ${SERVICE}`);
  const { services } = await aws(`ecs describe-services ${SERVICE}`);
  assert.equal(services[0].status, 'INACTIVE');
  await assert.rejects(
    aws('ecs wait services-stable --cluster waits --services none'),
    /Waiter ServicesStable failed: .*"MISSING"/,
  );
});
