import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { createRepository, pushImage } from '../harness/registry.ts';
import { allowing } from '../harness/roles.ts';
import { must } from '../harness/run.ts';
import { SAMPLE_ACCOUNT, SAMPLE_TASKS } from '../harness/sample-tasks.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/*
 * Task definitions as AWS's own samples have them, as describe-task-definition exports them. Of the export the read-only
 * members go, as AWS says one must; the account id and the images' names are replaced; the aws CLI does the rest.
 */

const IMAGE = `longshore-test-samples-own-${process.pid}:v1`;
const READ_ONLY =
  'taskDefinitionArn revision status requiresAttributes compatibilities registeredAt registeredBy deregisteredAt';
/** The programs that the samples' images have. */
const PROGRAMS = {
  'httpd-foreground': 'exec httpd -f -p 80 -h /usr/local/apache2/htdocs',
  apache2: 'exec httpd -f -p 80 -h /var/www',
  curl: 'wget -qO- http://localhost/',
};

let lab: TaskLab;
let aws: Cli;
let image = '';
let folder = '';
before(async () => {
  lab = await TaskLab.open('samples');
  aws = cliOf(lab.server);
  folder = await mkdtemp(join(tmpdir(), 'ls-samples-'));
  for (const [name, line] of Object.entries(PROGRAMS)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }
  const lines = [
    `FROM ${lab.image}`,
    'COPY httpd-foreground curl /bin/',
    'COPY apache2 /usr/sbin/apache2',
    'RUN mkdir -p /usr/local/apache2/htdocs /var/www',
    'ENTRYPOINT []',
  ];
  await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
  await must('docker', ['build', '-q', '--network', 'none', '-t', IMAGE, folder], { env: { DOCKER_BUILDKIT: '0' } });
  image = await pushImage(lab.clients.ecr, IMAGE, await createRepository(lab.clients.ecr, 'site'), 'latest');
  await aws('logs create-log-group --log-group-name /ecs/fargate-task-definition');
  await aws('secretsmanager create-secret --name app/db --secret-string', JSON.stringify({ username: 'user-1' }));
  await aws('ssm put-parameter --name /app/token --type SecureString --value token-1');
  const PolicyDocument = allowing(['logs:CreateLogGroup', 'secretsmanager:GetSecretValue', 'ssm:GetParameters']);
  await lab.clients.iam.send(
    new PutRolePolicyCommand({ RoleName: 'ecsTaskExecutionRole', PolicyName: 'samples', PolicyDocument }),
  );
});
after(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true });
  await lab?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

/** Registers an export as its reader does, and runs it; answers the task once it runs, or is healthy. */
async function runSample(name: keyof typeof SAMPLE_TASKS, secretArn = ''): Promise<any> {
  const { taskDefinition }: any = structuredClone(SAMPLE_TASKS[name]);
  for (const member of READ_ONLY.split(' ')) delete taskDefinition[member];
  // This registry's own images keep their names.
  const ours = `${SAMPLE_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/`;
  for (const container of taskDefinition.containerDefinitions) {
    if (!container.image.startsWith(ours)) container.image = image;
  }
  const text = JSON.stringify(taskDefinition, undefined, 2)
    .replaceAll(SAMPLE_ACCOUNT, '123456789012')
    .replace(/arn:aws:secretsmanager:[^"]*?secret:app\/db/, secretArn);
  const file = join(folder, `${name}.json`);
  await writeFile(file, text);
  const registered = await aws('ecs register-task-definition --cli-input-json', `file://${file}`);
  const { family, revision } = registered.taskDefinition;
  const network = { subnets: lab.placement.subnetIds, assignPublicIp: 'ENABLED' };
  const { tasks, failures } = await aws(
    `ecs run-task --cluster ${lab.name} --launch-type FARGATE --task-definition ${family}:${revision}`,
    '--network-configuration',
    JSON.stringify({ awsvpcConfiguration: network }),
  );
  assert.deepEqual(failures, []);
  await lab.untilRunning(tasks[0]);
  return describeTask(tasks[0].taskArn);
}

const describeTask = async (arn: string): Promise<any> =>
  (await aws(`ecs describe-tasks --cluster ${lab.name} --tasks`, arn)).tasks[0];

async function stop({ taskArn }: { taskArn: string }): Promise<any> {
  await aws(`ecs stop-task --cluster ${lab.name} --task`, taskArn);
  await lab.untilStopped({ taskArn });
  return describeTask(taskArn);
}

const lines = async (group: string, container: string, { taskArn }: { taskArn: string }): Promise<string[]> => {
  const stream = `ecs/${container}/${taskArn.split('/').at(-1)}`;
  const { events } = await aws(`logs get-log-events --log-group-name ${group} --log-stream-name ${stream}`);
  return events.map(({ message }: { message: string }) => message);
};

/** What a program prints in a container, asked of the engine: nobody else is let in. */
const within = (task: any, name: string, ...program: string[]): Promise<string> =>
  must('docker', ['exec', task.containers.find((one: any) => one.name === name).runtimeId, ...program]);

describe('a sample', { concurrency: true }, () => {
  test('the developer guide’s web server serves its page', async () => {
    const task = await runSample('webServer');
    assert.match(await within(task, 'sample-fargate-app', 'curl'), /<title>Amazon ECS Sample App<\/title>/);
  });

  test('the guide’s application starts after its proxy is healthy, as the proxy’s own user', async () => {
    const task = await runSample('dependency');
    assert.equal(task.healthStatus, 'HEALTHY');
    assert.deepEqual(await lines('/ecs/dependency', 'app', task), ['app']);
    const [envoy] = await lines('/ecs/dependency', 'envoy', task);
    assert.equal(envoy, 'envoy mesh/meshName/virtualNode/virtualNodeName as 1337');
    assert.equal(task.containers.length, 3);
  });

  test('the demo application serves what the container beside it writes', async () => {
    const task = await runSample('phpSimpleApp');
    const page = await until('the date is served', async () => {
      const program = ['wget', '-qO-', 'http://localhost/my-vol/date'];
      return within(task, 'simple-app', ...program).catch(() => undefined);
    });
    assert.match(page, / UTC 20\d\d\n$/);
  });

  test('an application gets its secrets, and is healthy', async () => {
    const { ARN } = await aws('secretsmanager describe-secret --secret-id app/db');
    const task = await runSample('withSecrets', ARN);
    assert.deepEqual(task.ephemeralStorage, { sizeInGiB: 21 });
    await until('it is healthy', async () => (await describeTask(task.taskArn)).healthStatus === 'HEALTHY');
    assert.deepEqual(await lines('/ecs/with-secrets', 'nginx', task), ['prod user-1 token-1']);
    const ended = await stop(task);
    assert.deepEqual([ended.stopCode, ended.containers[0].exitCode], ['UserInitiated', 143]);
  });

  test('exported from here registers again, and is the same', async () => {
    const exportOf = async (name: string) => {
      const { taskDefinition } = await aws('ecs describe-task-definition --task-definition', name);
      for (const member of READ_ONLY.split(' ')) delete taskDefinition[member];
      return taskDefinition;
    };
    const samples: readonly any[] = Object.values(SAMPLE_TASKS);
    for (const { taskDefinition } of samples) {
      const family = `again-${taskDefinition.family}`;
      const input = { ...taskDefinition, family };
      for (const member of READ_ONLY.split(' ')) delete input[member];
      const register = (definition: object) =>
        aws(
          'ecs register-task-definition --cli-input-json',
          JSON.stringify(definition).replaceAll(SAMPLE_ACCOUNT, '123456789012'),
        );
      await register(input);
      const first = await exportOf(`${family}:1`);
      await register(first);
      assert.deepEqual(await exportOf(`${family}:2`), first);
    }
  });
});
