import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Longshore } from '../harness/longshore.ts';
import { must } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { deploySite } from '../harness/site.ts';
import type { Site } from '../harness/site.ts';
import { until } from '../harness/until.ts';
import { Visitors } from '../harness/visitors.ts';

const IMAGES = ['v1', 'v2'].map((version) => `longshore-test-sets-${process.pid}:${version}`);
const WEB = ['--cluster', 'sets', '--service', 'web'];

let server: Longshore;
let site: Site;

before(async () => {
  server = await Longshore.start();
  for (const [at, image] of IMAGES.entries()) await buildSiteImage(image, `v${at + 1}`);
  // Its own service steps aside: the load balancer is for the task sets.
  site = await deploySite(server, { name: 'sets', image: IMAGES[0] ?? '', count: 0 });
});

after(async () => {
  await server?.remove();
  for (const image of IMAGES) await must('docker', ['image', 'rm', image]);
});

const ecs = (operation: string, ...args: readonly string[]) => server.awsJson(['ecs', operation, ...WEB, ...args]);

async function createSet(taskDefinition: string, percent: number): Promise<string> {
  const { targetGroupArn } = site.parts;
  const { awsvpcConfiguration } = site.network();
  const { taskSet } = await ecs(
    'create-task-set',
    '--task-definition',
    taskDefinition,
    '--launch-type',
    'FARGATE',
    `--scale=value=${percent},unit=PERCENT`,
    `--network-configuration=${JSON.stringify({ awsvpcConfiguration })}`,
    `--load-balancers=${JSON.stringify([{ targetGroupArn, containerName: 'web', containerPort: 80 }])}`,
  );
  assert.equal(taskSet.stabilityStatus, 'STABILIZING');
  return taskSet.id;
}

async function steady(taskSet: string, count: number): Promise<void> {
  await until(`${taskSet} is steady`, async () => {
    const { taskSets } = await ecs('describe-task-sets', '--task-sets', taskSet);
    const [{ stabilityStatus, runningCount }] = taskSets;
    return stabilityStatus === 'STEADY_STATE' && runningCount === count;
  });
}

test('an external controller moves a service from one task set to the next without a failed request', async () => {
  const wanted = ['--service-name', 'web', '--desired-count', '2', '--deployment-controller', 'type=EXTERNAL'];
  const { service } = await server.awsJson(['ecs', 'create-service', '--cluster', 'sets', ...wanted]);
  assert.deepEqual(service.deploymentController, { type: 'EXTERNAL' });
  const blue = await createSet(site.parts.taskDefinitionArn, 100);
  await steady(blue, 2);
  const { taskSet } = await ecs('update-service-primary-task-set', '--primary-task-set', blue);
  assert.equal(taskSet.status, 'PRIMARY');
  const request = await site.request('/cgi-bin/version');
  const visitors = new Visitors(request);
  try {
    const green = await createSet(await site.register(await site.push(IMAGES[1] ?? '', 'v2')), 50);
    await steady(green, 1);
    await ecs('update-task-set', '--task-set', green, '--scale', 'value=100,unit=PERCENT');
    await steady(green, 2);
    await ecs('update-service-primary-task-set', '--primary-task-set', green);
    await ecs('delete-task-set', '--task-set', blue, '--force');
    await until('blue is gone', async () => {
      const { failures } = await ecs('describe-task-sets', '--task-sets', blue);
      return failures.length === 1;
    });
  } finally {
    await visitors.stop();
  }
  assert.deepEqual(visitors.failures.slice(0, 5), [], `of ${visitors.total} requests`);
  assert.ok((visitors.answers.get('v1') ?? 0) > 0 && (visitors.answers.get('v2') ?? 0) > 0);
  assert.equal((await site.get('/cgi-bin/version')).body.trim(), 'v2');
});

test('a kill -9 later its tasks are kept, and the service takes its task sets along', async () => {
  await server.kill9();
  await server.up();
  const { services } = await server.awsJson(['ecs', 'describe-services', '--cluster', 'sets', '--services', 'web']);
  assert.equal(services[0].taskSets[0].runningCount, 2);
  assert.equal((await site.get('/cgi-bin/version')).body.trim(), 'v2');
  await ecs('delete-service', '--force');
  const ran = await server.aws(['ecs', 'wait', 'services-inactive', '--cluster', 'sets', '--services', 'web']);
  assert.equal(ran.code, 0, ran.stderr);
  const { taskArns } = await server.awsJson(['ecs', 'list-tasks', '--cluster', 'sets']);
  assert.deepEqual(taskArns, []);
});
