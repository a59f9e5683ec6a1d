import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Secret } from '@aws-sdk/client-ecs';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { allowing, serviceRole } from '../harness/roles.ts';
import { given } from '../harness/site-parts.ts';
import { describeEnd, exitCodes, longshoreOf, TaskLab } from '../harness/task-lab.ts';

/*
 * Environment from Secrets Manager, Parameter Store and S3, read in the name of the execution role. What a container has
 * in its environment, `docker inspect` on the host shows too: this cannot be otherwise. Nothing else shows it.
 */

const OLD = 'the-first-hidden-value';
const NEW = 'the-second-hidden-value';
const HIDDEN = [OLD, NEW, 'hidden-in-json', 'hidden-parameter', 'hidden-secure-string', 'hidden-in-file'];
const FAILED =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ';

let lab: TaskLab;
let secretArn = '';
let jsonArn = '';
let firstVersion = '';
/** May read what this file makes; pulls and logs as any execution role. */
let executionRoleArn = '';
before(async () => {
  lab = await TaskLab.open('secrets');
  const { secretsmanager, ssm, s3 } = lab.clients;
  const plain = await secretsmanager.send(new CreateSecretCommand({ Name: 'prod/key', SecretString: OLD }));
  secretArn = given(plain.ARN, 'ARN');
  firstVersion = given(plain.VersionId, 'VersionId');
  await secretsmanager.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: NEW }));
  const json = JSON.stringify({ username: 'hidden-in-json', port: 5432 });
  jsonArn = given(
    (await secretsmanager.send(new CreateSecretCommand({ Name: 'prod/db', SecretString: json }))).ARN,
    'ARN',
  );
  await ssm.send(new PutParameterCommand({ Name: '/app/plain', Type: 'String', Value: 'hidden-parameter' }));
  await ssm.send(new PutParameterCommand({ Name: 'secure', Type: 'SecureString', Value: 'hidden-secure-string' }));
  await s3.send(new CreateBucketCommand({ Bucket: 'env-files' }));
  const files = {
    'one.env': '# of one\nFIRST=one\nBOTH=one\nALL=hidden-in-file\n',
    'two.env': 'SECOND=two\nBOTH=two\n',
  };
  for (const [Key, Body] of Object.entries(files)) {
    await s3.send(new PutObjectCommand({ Bucket: 'env-files', Key, Body }));
  }
  executionRoleArn = await serviceRole(lab.clients, 'reader', {
    policy: allowing([
      'ecr:*',
      'logs:*',
      'secretsmanager:GetSecretValue',
      'ssm:GetParameters',
      's3:Get*',
      'kms:Decrypt',
    ]),
  });
});
after(() => lab?.remove());

const parameterArn = (name: string) => `arn:aws:ssm:us-east-1:123456789012:parameter${name}`;
const fileOf = (key: string) => ({ value: `arn:aws:s3:::env-files/${key}`, type: 's3' as const });
const secretsOf = (named: Readonly<Record<string, string>>): Secret[] =>
  Object.entries(named).map(([name, valueFrom]) => ({ name, valueFrom }));
/** Prints lengths and digests, never the values: the lines are logged. */
const PRINT = `for v in $WANTED; do eval "echo $v=\\$$v" | md5sum | cut -c1-8 | sed "s/^/$v /"; done`;

/** What `echo NAME=VALUE | md5sum` begins with, by name. */
function digests(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => {
    return `${name} ${createHash('md5').update(`${name}=${value}\n`).digest('hex').slice(0, 8)}`;
  });
}

/** A task that prints what it got: `secrets` and the rest of a container definition. */
async function got(more: object, wanted: Readonly<Record<string, string>>): Promise<void> {
  const environment = [{ name: 'WANTED', value: Object.keys(wanted).join(' ') }];
  const run = PRINT;
  const task = await lab.finished({ executionRoleArn, containers: { main: { run, environment, ...more } } });
  assert.deepEqual(exitCodes(task), { main: 0 }, describeEnd(task));
  assert.deepEqual(await lab.lines(task, 'main'), digests(wanted));
  await assertHidden(task.taskArn);
}

/** Nothing of it is in a log, a description or the task's story. */
async function assertHidden(taskArn: string | undefined): Promise<void> {
  const { stdout } = await longshoreOf(lab, 'why', taskArn?.split('/').at(-1) ?? '');
  assert.notEqual(stdout, '');
  const described = JSON.stringify(await lab.describe({ taskArn }));
  for (const text of [lab.server.log, stdout, described]) {
    for (const hidden of HIDDEN) assert.ok(!text.includes(hidden), hidden);
  }
}

async function refused(more: object, why: RegExp, role = executionRoleArn): Promise<void> {
  const task = await lab.finished({ executionRoleArn: role, containers: { main: { run: 'exit 0', ...more } } });
  assert.equal(task.stopCode, 'TaskFailedToStart');
  assert.match(task.stoppedReason ?? '', why);
  assert.deepEqual(exitCodes(task), { main: undefined });
  assert.equal(task.startedAt, undefined);
  await assertHidden(task.taskArn);
}

describe('a container', { concurrency: true }, () => {
  test('gets secrets: whole, by JSON key, by stage and by version', () =>
    got(
      {
        secrets: secretsOf({
          WHOLE: secretArn,
          USERNAME: `${jsonArn}:username::`,
          PORT: `${jsonArn}:port::`,
          PREVIOUS: `${secretArn}::AWSPREVIOUS:`,
          CURRENT: `${secretArn}::AWSCURRENT:`,
          BY_VERSION: `${secretArn}:::${firstVersion}`,
        }),
      },
      { WHOLE: NEW, USERNAME: 'hidden-in-json', PORT: '5432', PREVIOUS: OLD, CURRENT: NEW, BY_VERSION: OLD },
    ));

  test('gets parameters, by name and by ARN', () =>
    got(
      {
        secrets: secretsOf({
          PLAIN: '/app/plain',
          PLAIN_ARN: parameterArn('/app/plain'),
          SECURE: 'secure',
          SECURE_ARN: parameterArn('/secure'),
        }),
      },
      {
        PLAIN: 'hidden-parameter',
        PLAIN_ARN: 'hidden-parameter',
        SECURE: 'hidden-secure-string',
        SECURE_ARN: 'hidden-secure-string',
      },
    ));

  test('gets files’ variables below its own, and the first file’s above the second’s', () =>
    got(
      {
        environmentFiles: [fileOf('one.env'), fileOf('two.env')],
        environment: [
          { name: 'WANTED', value: 'FIRST SECOND BOTH ALL' },
          { name: 'ALL', value: 'definition' },
        ],
      },
      { FIRST: 'one', SECOND: 'two', BOTH: 'one', ALL: 'definition' },
    ));

  test('gets the files of an override in place of the definition’s', async () => {
    const definition = {
      executionRoleArn,
      containers: { main: { run: 'echo "$FIRST|$SECOND|$BOTH"', environmentFiles: [fileOf('one.env')] } },
    };
    const task = await lab.finished(definition, {
      overrides: { containerOverrides: [{ name: 'main', environmentFiles: [fileOf('two.env')] }] },
    });
    assert.deepEqual(await lab.lines(task, 'main'), ['|two|two']);
  });

  test('does not start without a secret that is there', async () => {
    const gone = secretArn.replace(/key-\w{6}$/, 'gone-abcdef');
    await Promise.all([
      refused(
        { secrets: secretsOf({ A: gone }) },
        new RegExp(
          `^${FAILED}unable to retrieve secret from asm: .*ResourceNotFoundException: Secrets Manager can't find`,
        ),
      ),
      refused(
        { secrets: secretsOf({ A: `${jsonArn}:absent::` }) },
        new RegExp(`^${FAILED}.*retrieved secret from Secrets Manager did not contain json key absent$`),
      ),
      refused(
        { secrets: secretsOf({ A: '/app/gone' }) },
        new RegExp(`^${FAILED}unable to retrieve secrets from ssm: .*invalid ssm parameters: /app/gone$`),
      ),
      refused(
        { environmentFiles: [fileOf('gone.env')] },
        /^ResourceInitializationError: failed to download env files: .*gone\.env.*NoSuchKey/,
      ),
    ]);
  });

  test('does not start where the execution role may not read it', async () => {
    const denied = (action: string) =>
      new RegExp(`AccessDenied.*assumed-role/ecsTaskExecutionRole/.* not authorized to perform: ${action} `);
    const role = lab.executionRoleArn;
    await Promise.all([
      refused({ secrets: secretsOf({ A: secretArn }) }, denied('secretsmanager:GetSecretValue'), role),
      refused({ secrets: secretsOf({ A: 'secure' }) }, denied('ssm:GetParameters'), role),
      refused({ environmentFiles: [fileOf('one.env')] }, /failed to download env files: .*AccessDenied/, role),
    ]);
  });
});
