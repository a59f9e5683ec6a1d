import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import type { TaskContainer, TaskSpec } from '../executor/executor.ts';
import type { Scope } from '../kernel/arn.ts';
import { pullCredentials } from './pull-credentials.ts';

const HOST = '127.0.0.1:4566';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-AbCdEf';
const TASK = {
  taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/default/t1',
  taskId: 't1',
  executionRoleArn: 'arn:aws:iam::123456789012:role/pull',
} as TaskSpec;

/** Asks with this answer; tells what was asked, where and as whom. */
async function ask(container: Partial<TaskContainer>, answer: object) {
  const asked: unknown[] = [];
  const callIn = (scope: Scope, as?: CallAs) =>
    ((service: string, operation: string, input: object) => {
      asked.push({ region: scope.region, role: as?.role?.arn, call: `${service}:${operation}`, input });
      return Promise.resolve(answer);
    }) as Call;
  const credentials = await pullCredentials(callIn, HOST)(TASK, {
    pullFrom: 'public',
    pullReference: container.image,
    ...container,
  } as TaskContainer);
  return { credentials, asked };
}

test('a public image needs nothing', async () => {
  assert.deepEqual(await ask({ image: 'httpd' }, {}), { credentials: undefined, asked: [] });
});

test('an image of ECR is pulled with a token of the registry that it names, under the execution role', async () => {
  const authorizationToken = Buffer.from('AWS:a:b').toString('base64');
  const image = '210987654321.dkr.ecr.eu-west-1.amazonaws.com/site';
  const { credentials, asked } = await ask(
    { image, pullFrom: 'ecr', pullReference: `${HOST}/site` },
    { authorizationData: [{ authorizationToken }] },
  );
  assert.deepEqual(credentials, { username: 'AWS', password: 'a:b', serverAddress: HOST });
  const role = TASK.executionRoleArn;
  assert.deepEqual(asked, [{ region: 'eu-west-1', role, call: 'ecr:GetAuthorizationToken', input: {} }]);
});

test('an image of a private registry is pulled with what its secret says', async () => {
  const SecretString = JSON.stringify({ username: 'me', password: 'p:w' });
  for (const [image, serverAddress] of [
    ['registry.example.com:5000/site:1', 'registry.example.com:5000'],
    ['me/site', 'https://index.docker.io/v1/'],
  ] as const) {
    const { credentials, asked } = await ask({ image, pullSecret: SECRET }, { SecretString });
    assert.deepEqual(credentials, { username: 'me', password: 'p:w', serverAddress });
    const input = { SecretId: SECRET };
    const role = TASK.executionRoleArn;
    assert.deepEqual(asked, [{ region: 'eu-west-1', role, call: 'secretsmanager:GetSecretValue', input }]);
  }
});

test('a secret that is named is one of the task’s own region', async () => {
  const SecretString = JSON.stringify({ username: 'me', password: 'pw' });
  const { asked } = await ask({ image: 'me/site', pullSecret: 'hub' }, { SecretString });
  const call = 'secretsmanager:GetSecretValue';
  assert.deepEqual(asked, [{ region: 'us-east-1', role: TASK.executionRoleArn, call, input: { SecretId: 'hub' } }]);
});

test('a secret that is no user name and password is refused, without its text', async () => {
  for (const SecretString of ['hunter2', '"hunter2"', '{"username":"hunter2"}']) {
    await assert.rejects(ask({ image: 'me/site', pullSecret: SECRET }, { SecretString }), {
      code: 'InvalidParameterException',
      message: `The secret ${SECRET} has no username and password.`,
    });
  }
});

test('without an execution role no secret is read', async () => {
  const { executionRoleArn: _, ...bare } = TASK;
  const credentials = pullCredentials(() => assert.fail('It called.'), 'registry');
  const container = { image: 'me/site', pullReference: 'me/site', pullSecret: SECRET } as TaskContainer;
  await assert.rejects(credentials(bare, container), { code: 'AccessDeniedException' });
});
