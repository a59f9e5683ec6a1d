import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DescribeImagesCommand } from '@aws-sdk/client-ecr';
import { CreateServiceCommand, DeleteServiceCommand, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { createRepository, forgetImages, pushImage } from '../harness/registry.ts';
import { allowing, serviceRole } from '../harness/roles.ts';
import { must } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { given } from '../harness/site-parts.ts';
import { describeEnd, exitCodes, longshoreOf, TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';
import { serveImage } from '../harness/upstream.ts';
import type { OtherRegistry } from '../harness/upstream.ts';

/* Where a task's images come from, in whose name, and how a task says that one could not be had. */

const IMAGES = ['v1', 'v2'].map((version) => `longshore-test-images-own-${process.pid}:${version}`);
const LOGIN = { username: 'robot', password: 'a-registry-password' };
const SERVE = `trap 'exit 0' TERM; while true; do sleep 0.05; done`;

let lab: TaskLab;
let folder = '';
/** Somebody else's registry, that wants a login. */
let registry: OtherRegistry;
before(async () => {
  lab = await TaskLab.open('images');
  for (const image of IMAGES) await buildSiteImage(image, image);
  folder = await mkdtemp(join(tmpdir(), 'ls-images-'));
  await must('skopeo', ['copy', '--quiet', `docker-daemon:${IMAGES[0]}`, `dir:${folder}`]);
  registry = await serveImage(folder, 'library/app', 'v1', LOGIN);
  await registry.start();
});
after(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true });
  await registry?.stop();
  if (registry) await forgetImages(registry.host);
  await lab?.remove();
  await must('docker', ['image', 'rm', ...IMAGES]);
});

const why = async (task: Pick<Task, 'taskArn'>): Promise<string> =>
  (await longshoreOf(lab, 'why', task.taskArn?.split('/').at(-1) ?? '')).stdout;

/** A role for pulls, with the actions given. */
const roleOf = (name: string, ...actions: string[]) =>
  serviceRole(lab.clients, name, { policy: allowing(['logs:*', ...actions]) });

async function digestOf(repositoryName: string, imageTag: string): Promise<string> {
  const { imageDetails } = await lab.clients.ecr.send(
    new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }),
  );
  return given(imageDetails?.[0]?.imageDigest, 'imageDigest');
}

/** The end of a task that does not start, for the image's or the process's sake. */
async function unstarted(container: object, executionRoleArn = lab.executionRoleArn): Promise<Task> {
  const task = await lab.finished({ executionRoleArn, containers: { main: { run: 'exit 0', ...container } } });
  assert.equal(task.stopCode, 'TaskFailedToStart', describeEnd(task));
  assert.deepEqual(exitCodes(task)['main'] ?? 'none', 'none');
  assert.equal(task.startedAt, undefined);
  return task;
}

const reasons = ({ stoppedReason, containers }: Task) => [stoppedReason ?? '', containers?.[0]?.reason ?? ''];

describe('an image', { concurrency: true }, () => {
  test('is this registry’s under its name in AWS, pulled under the execution role, and its digest is shown', async () => {
    const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/images:v1';
    const task = await lab.finished({ containers: { main: { image, run: 'echo here' } } });
    const [container] = task.containers ?? [];
    assert.deepEqual(await lab.lines(task, 'main'), ['here']);
    assert.deepEqual([container?.image, container?.imageDigest], [image, await digestOf('images', 'v1')]);
    assert.match(await why(task), /main: pulled \S+images:v1 in [\d.]+ s \([\d.]+ [kM]?B\)/);
  });

  test('is not pulled in the name of a role that may not', async () => {
    const [silent, partial] = await Promise.all([
      roleOf('no-token').then((role) => unstarted({}, role)),
      roleOf('no-layers', 'ecr:GetAuthorizationToken').then((role) => unstarted({}, role)),
    ]);
    assert.match(
      reasons(silent)[0] ?? '',
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*AccessDenied.*assumed-role\/no-token\/\w+ is not authorized to perform: ecr:GetAuthorizationToken/,
    );
    for (const reason of reasons(partial)) assert.match(reason, /^CannotPullContainerError: .*(denied|403|Forbidden)/i);
  });

  test('that is not there cannot be pulled', async () => {
    const [tag, repository] = await Promise.all([
      unstarted({ image: lab.image.replace(/:v1$/, ':v9') }),
      unstarted({ image: lab.image.replace(/\/images:v1$/, '/gone:v1') }),
    ]);
    for (const reason of reasons(tag)) assert.match(reason, /^CannotPullContainerError: .*images:v9.*not found/);
    for (const reason of reasons(repository)) assert.match(reason, /^CannotPullContainerError: .*gone/);
  });

  test('whose program is not there, or whose user, cannot be started', async () => {
    const [program, user, folderOf] = await Promise.all([
      unstarted({ entryPoint: ['/bin/none'] }),
      unstarted({ user: 'nobody-here' }),
      unstarted({ entryPoint: ['/tmp'] }),
    ]);
    for (const reason of reasons(program))
      assert.match(reason, /^CannotStartContainerError: .*\/bin\/none.*no such file/);
    for (const reason of reasons(user)) assert.match(reason, /^CannotStartContainerError: .*nobody-here/);
    for (const reason of reasons(folderOf)) assert.match(reason, /^CannotStartContainerError: .*permission denied/);
  });

  test('of another registry is pulled with the credentials of a secret, which the execution role must read', async () => {
    const secret = async (Name: string, login: object) => {
      const SecretString = JSON.stringify(login);
      const { ARN } = await lab.clients.secretsmanager.send(new CreateSecretCommand({ Name, SecretString }));
      return { repositoryCredentials: { credentialsParameter: given(ARN, 'ARN') } };
    };
    const image = `${registry.host}/library/app:v1`;
    const reader = await roleOf('pull-secret', 'secretsmanager:GetSecretValue');
    const right = await secret('registry/right', LOGIN);
    const wrong = await secret('registry/wrong', { ...LOGIN, password: 'a-wrong-password' });
    const container = { image, run: 'echo pulled', ...right };
    const [denied, mistaken, anonymous, pulled] = await Promise.all([
      unstarted({ image, ...right }),
      unstarted({ image, ...wrong }, reader),
      unstarted({ image }),
      lab.finished({ executionRoleArn: reader, containers: { main: container } }),
    ]);
    assert.deepEqual(await lab.lines(pulled, 'main'), ['pulled'], describeEnd(pulled));
    assert.match(denied.stoppedReason ?? '', /^ResourceInitializationError: .*secretsmanager:GetSecretValue/);
    for (const reason of [...reasons(mistaken), ...reasons(anonymous)]) {
      assert.match(reason, /^CannotPullContainerError: /);
    }
    for (const password of [LOGIN.password, 'a-wrong-password']) {
      assert.ok(![lab.server.log, await why(mistaken), await why(pulled)].join('\n').includes(password));
    }
  });

  test('of a digest that is there is not pulled again', async () => {
    const image = lab.image.replace(/:v1$/, `@${await digestOf('images', 'v1')}`);
    const taskDefinition = await lab.register({ containers: { main: { image, run: 'exit 0' } } }, 'by-digest');
    const first = await lab.finished(taskDefinition);
    const second = await lab.finished(taskDefinition);
    assert.match(await why(first), /main: pulled /);
    assert.match(await why(second), /main: \S+ was there/);
    assert.doesNotMatch(await why(second), /main: pulled/);
  });

  test('of a service stays the one that it was deployed with, though its tag has moved', async () => {
    const { ecr, ecs } = lab.clients;
    const repository = await createRepository(ecr, 'pinned');
    const image = await pushImage(ecr, IMAGES[0] ?? '', repository, 'latest');
    const deployed = await digestOf('pinned', 'latest');
    const cluster = lab.name;
    await ecs.send(
      new CreateServiceCommand({
        cluster,
        serviceName: 'pinned',
        taskDefinition: await lab.register({ containers: { main: { image, run: SERVE } } }, 'pinned'),
        desiredCount: 1,
        launchType: 'FARGATE',
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [...lab.placement.subnetIds], assignPublicIp: 'ENABLED' },
        },
      }),
    );
    const taskOtherThan = (before?: string) =>
      until('a task of the service runs', async () => {
        const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, serviceName: 'pinned' }));
        const taskArn = taskArns.find((arn) => arn !== before);
        if (taskArn === undefined) return undefined;
        const seen = await lab.describe({ taskArn });
        return seen.lastStatus === 'RUNNING' && seen;
      });
    const first = await taskOtherThan();
    await pushImage(ecr, IMAGES[1] ?? '', repository, 'latest');
    assert.notEqual(await digestOf('pinned', 'latest'), deployed);
    await ecs.send(new StopTaskCommand({ cluster, task: given(first.taskArn, 'ARN') }));
    const second = await taskOtherThan(first.taskArn);
    assert.deepEqual(
      [first, second].map(({ containers }) => [containers?.[0]?.image, containers?.[0]?.imageDigest]),
      [
        [image, deployed],
        [image, deployed],
      ],
    );
    assert.match(await why(second), /main: \S+ was there/);
    await ecs.send(new DeleteServiceCommand({ cluster, service: 'pinned', force: true }));
    await lab.untilStopped(second);
  });
});
