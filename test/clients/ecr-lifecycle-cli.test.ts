import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { createRepository, pushImage } from '../harness/registry.ts';
import { executionRole } from '../harness/roles.ts';
import { run } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { createPlacement } from '../harness/site-parts.ts';
import { until } from '../harness/until.ts';

/*
 * Lifecycle policies with Debian's `aws ecr`, over images that docker has pushed. The first server does as AWS does;
 * the second spares what ECS may pull.
 */

const VERSIONS = ['v1', 'v2', 'v3', 'v4'];
const NEWEST = policy({ tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 }, { type: 'expire' });

const image = (version: string) => `ls-lifecycle-test-${version}:${process.pid}`;
const servers: Longshore[] = [];

before(async () => {
  for (const version of VERSIONS) await buildSiteImage(image(version), version);
});

after(async () => {
  for (const server of servers) await server.remove();
  await run('docker', ['image', 'rm', '--force', ...VERSIONS.map(image)]);
});

function policy(selection: object, action: object): string {
  const rules = [{ rulePriority: 1, description: 'The only one', selection, action }];
  return JSON.stringify({ rules }, undefined, 2);
}

/** A server with the four images in the repository `app`, the first the oldest. */
async function withImages(args: readonly string[] = []) {
  const server = await Longshore.start({ args });
  servers.push(server);
  const { ecr } = await server.clients();
  const uri = await createRepository(ecr, 'app');
  for (const version of VERSIONS) await pushImage(ecr, image(version), uri, version);
  const cli = cliOf(server);
  const aws = (command: string, ...more: readonly string[]) => cli(`ecr ${command} --repository-name app`, ...more);
  const refused = (command: string, ...more: readonly string[]) =>
    cli.refused(`ecr ${command} --repository-name app`, ...more);
  const left = async (): Promise<readonly string[]> =>
    (await aws('describe-images')).imageDetails
      .flatMap(({ imageTags = [] }: { imageTags?: string[] }) => imageTags)
      .toSorted();
  /** As `v1 EXPIRE by 1`, once the preview is complete. */
  const previewed = async (): Promise<readonly string[]> => {
    const { previewResults } = await until('the preview is complete', async () => {
      const preview = await aws('get-lifecycle-policy-preview');
      return preview.status === 'COMPLETE' && preview;
    });
    return previewResults.map(
      (result: any) => `${result.imageTags.join()} ${result.action.type} by ${result.appliedRulePriority}`,
    );
  };
  /** Once it is evaluated, and then each time that it is evaluated again. */
  let last: string | undefined;
  const evaluated = async () => {
    last = await until('the policy is evaluated', async () => {
      const { lastEvaluatedAt } = await aws('get-lifecycle-policy');
      return lastEvaluatedAt !== last && lastEvaluatedAt;
    });
  };
  return { server, uri, aws, refused, left, previewed, evaluated };
}

test('a policy is previewed, kept, and really done', async () => {
  const { aws, refused, left, previewed, evaluated, server } = await withImages();
  const none = "for the repository with name 'app' in the registry with id '123456789012'";
  assert.equal(
    await refused('get-lifecycle-policy'),
    `LifecyclePolicyNotFoundException: Lifecycle policy does not exist ${none}`,
  );
  assert.match(await refused('get-lifecycle-policy-preview'), /^LifecyclePolicyPreviewNotFoundException: /);
  assert.equal(
    await refused('put-lifecycle-policy', '--lifecycle-policy-text', NEWEST.replace('"expire"', '"keep"')),
    `InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: instance value ("keep") not found in enum (possible values: ["expire","transition"])'`,
  );

  const started = await aws('start-lifecycle-policy-preview', '--lifecycle-policy-text', NEWEST);
  assert.equal(started.status, 'IN_PROGRESS');
  assert.deepEqual(await previewed(), ['v1 EXPIRE by 1', 'v2 EXPIRE by 1', 'v3 EXPIRE by 1']);
  await server.awsJson(['ecr', 'wait', 'lifecycle-policy-preview-complete', '--repository-name', 'app']);
  assert.deepEqual(await left(), VERSIONS);

  const put = await aws('put-lifecycle-policy', '--lifecycle-policy-text', NEWEST);
  assert.equal(put.lifecyclePolicyText, JSON.stringify(JSON.parse(NEWEST)));
  await evaluated();
  assert.deepEqual(await left(), ['v4']);
  const { failures } = await aws('batch-get-image', '--image-ids', 'imageTag=v1');
  assert.equal(failures[0].failureCode, 'ImageNotFound');
  assert.match(server.log, /lifecycle policy expired an image .*sha256:/);
  const deleted = await aws('delete-lifecycle-policy');
  assert.equal(deleted.lifecyclePolicyText, put.lifecyclePolicyText);
  assert.match(await refused('delete-lifecycle-policy'), /^LifecyclePolicyNotFoundException: /);
});

test('an archived image is there, but cannot be pulled', async () => {
  const { aws, previewed, evaluated, left } = await withImages();
  const selection = { tagStatus: 'tagged', tagPatternList: ['v*'], countType: 'imageCountMoreThan', countNumber: 3 };
  const archive = policy(selection, { type: 'transition', targetStorageClass: 'archive' });
  await aws('put-lifecycle-policy', '--lifecycle-policy-text', archive);
  await evaluated();
  assert.deepEqual(await left(), ['v2', 'v3', 'v4']);
  const found = await aws('batch-get-image', '--image-ids', 'imageTag=v1');
  assert.equal(found.images.length, 0);
  // What is archived, the rule no longer selects.
  await aws('start-lifecycle-policy-preview');
  assert.deepEqual(await previewed(), []);
});

test('what ECS runs, or may run, stays where the server is told so', async () => {
  const spare = ['--lifecycle-spares-images-in-use', 'true', '--lifecycle-interval-seconds', '1'];
  const { aws, previewed, evaluated, left, server, uri } = await withImages(spare);
  const clients = await server.clients();
  const ecs = (...args: readonly string[]) => server.awsJson(['ecs', ...args]);
  const { subnetIds } = await createPlacement(clients, 'lifecycle');
  await ecs('create-cluster', '--cluster-name', 'blue');
  const container = JSON.stringify([{ name: 'web', image: `${uri}:v1` }]);
  const fargate = [
    '--requires-compatibilities',
    'FARGATE',
    '--network-mode',
    'awsvpc',
    '--cpu',
    '256',
    '--memory',
    '512',
  ];
  const role = ['--execution-role-arn', await executionRole(clients)];
  await ecs('register-task-definition', '--family', 'web', '--container-definitions', container, ...fargate, ...role);

  await aws('start-lifecycle-policy-preview', '--lifecycle-policy-text', NEWEST);
  assert.deepEqual(await previewed(), ['v2 EXPIRE by 1', 'v3 EXPIRE by 1']);
  await aws('put-lifecycle-policy', '--lifecycle-policy-text', NEWEST);
  await evaluated();
  assert.deepEqual(await left(), ['v1', 'v4'], 'an active task definition names v1');

  const network = `awsvpcConfiguration={subnets=[${subnetIds.join()}],assignPublicIp=ENABLED}`;
  const web = ['--cluster', 'blue', '--task-definition', 'web', '--launch-type', 'FARGATE'];
  const { tasks } = await ecs('run-task', ...web, '--network-configuration', network);
  const task = ['--cluster', 'blue', '--task', tasks[0].taskArn];
  await ecs('wait', 'tasks-running', '--cluster', 'blue', '--tasks', tasks[0].taskArn);
  await ecs('deregister-task-definition', '--task-definition', 'web:1');
  await evaluated();
  await evaluated();
  assert.deepEqual(await left(), ['v1', 'v4'], 'a task runs v1');
  await ecs('stop-task', ...task);
  await until('the image goes as well', async () => (await left()).join() === 'v4');
});
