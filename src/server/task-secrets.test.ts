import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import type { OperationName } from '../api/clients.ts';
import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import { SecretsError, type SecretsRequest } from '../executor/secrets.ts';
import type { Scope } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import { openParameterStore } from '../services/ssm/testing.ts';
import { taskSecrets } from './task-secrets.ts';

const HOME = { account: '123456789012', region: 'us-east-1' };
const PREFIX = `arn:aws:ssm:us-east-1:${HOME.account}:parameter`;
const SECRET = `arn:aws:secretsmanager:us-east-1:${HOME.account}:secret:db-AbCdEf`;
const role = { arn: `arn:aws:iam::${HOME.account}:role/execution`, sessionName: 'task' };

const PULL =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ';
const SSM = `${PULL}unable to retrieve secrets from ssm: service call has been retried 1 time(s): `;
const ASM = `${PULL}unable to retrieve secret from asm: service call has been retried 1 time(s): `;

let store: ReturnType<typeof openParameterStore>;
let made: { scope: Scope; as: CallAs | undefined; operation: string; input: object }[];
let answers: Record<string, (input: any) => unknown>;

beforeEach(() => {
  store = openParameterStore();
  made = [];
  answers = {};
});
afterEach(() => store.close());

function resolve(request: Partial<SecretsRequest>) {
  const callIn =
    (scope: Scope, as?: CallAs): Call =>
    async (service, operation, input) => {
      made.push({ scope, as, operation, input: input as object });
      // Calls to SSM go to the real one; the type of a call to any service does not tell.
      const answer =
        service === 'ssm'
          ? await store.call(operation as OperationName<'ssm'>, input as never, scope)
          : await answers[operation]?.(input);
      return answer as never;
    };
  return taskSecrets(callIn)({ ...HOME, role, secrets: [], environmentFiles: [], ...request });
}

const put = (Name: string, Value: string, scope: Partial<Scope> = {}) =>
  store.call('PutParameter', { Name, Value, Type: 'SecureString' }, scope);

async function failure(request: Partial<SecretsRequest>): Promise<readonly [kind: string, message: string]> {
  try {
    await resolve(request);
  } catch (error) {
    assert.ok(error instanceof SecretsError, String(error));
    return [error.kind, error.message];
  }
  return assert.fail('It was resolved.');
}

test('parameters by name, ARN, version and region, ten at a time, under the execution role', async () => {
  const many = Array.from({ length: 12 }, (_, i) => `/app/p${i}`);
  for (const name of many) await put(name, `value of ${name}`);
  await put('single', 'one');
  await store.call('PutParameter', { Name: 'single', Value: 'two', Overwrite: true });
  await put('/far', 'away', { region: 'eu-west-1' });
  const { secrets } = await resolve({
    secrets: [
      ...many.map((valueFrom, i) => ({ name: `P${i}`, valueFrom })),
      { name: 'AGAIN', valueFrom: `${PREFIX}/app/p0` },
      { name: 'FIRST', valueFrom: `${PREFIX}/single:1` },
      { name: 'LAST', valueFrom: '/single' },
      { name: 'FAR', valueFrom: `${PREFIX.replace('us-east-1', 'eu-west-1')}/far` },
    ],
  });
  assert.equal(secrets['P11'], 'value of /app/p11');
  assert.deepEqual(
    ['AGAIN', 'FIRST', 'LAST', 'FAR'].map((name) => secrets[name]),
    ['value of /app/p0', 'one', 'two', 'away'],
  );
  assert.deepEqual(
    made.map(({ operation, scope }) => [operation, scope.region]),
    [
      ['GetParameters', 'us-east-1'],
      ['GetParameters', 'us-east-1'],
      ['GetParameters', 'eu-west-1'],
    ],
  );
  const underRole = { role: { ...role, service: 'ecs-tasks.amazonaws.com' } };
  for (const { as } of made) assert.deepEqual(as, underRole);
});

test('secrets whole, by JSON key, stage and version', async () => {
  answers['GetSecretValue'] = () => ({ SecretString: JSON.stringify({ user: 'u', port: 5432 }) });
  const { secrets } = await resolve({
    secrets: [
      { name: 'ALL', valueFrom: SECRET },
      { name: 'USER', valueFrom: `${SECRET}:user::` },
      { name: 'PORT', valueFrom: `${SECRET}:port:AWSPREVIOUS:` },
      { name: 'OLD', valueFrom: `${SECRET}:::some-version` },
    ],
  });
  assert.deepEqual(secrets, {
    ALL: '{"user":"u","port":5432}',
    USER: 'u',
    PORT: '5432',
    OLD: '{"user":"u","port":5432}',
  });
  assert.deepEqual(
    made.map(({ input }) => input),
    [
      { SecretId: SECRET },
      { SecretId: SECRET },
      { SecretId: SECRET, VersionStage: 'AWSPREVIOUS' },
      { SecretId: SECRET, VersionId: 'some-version' },
    ],
  );
});

test('what is not there or refused stops the task in ECS’s words', async () => {
  const one = (valueFrom: string) => ({ secrets: [{ name: 'X', valueFrom }] });
  const missing = await failure({
    secrets: [
      { name: 'A', valueFrom: '/x' },
      { name: 'B', valueFrom: `${PREFIX}/y` },
    ],
  });
  assert.deepEqual(missing, ['rejected', `${SSM}invalid ssm parameters: /x, /y`]);
  answers['GetSecretValue'] = () => {
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  };
  assert.deepEqual(await failure(one(`${SECRET}:user::`)), [
    'rejected',
    `${ASM}failed to fetch secret ${SECRET} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
  ]);
  for (const SecretString of ['{"other":"hush"}', 'hush', 'null', '["hush"]']) {
    answers['GetSecretValue'] = () => ({ SecretString });
    const message = `${ASM}retrieved secret from Secrets Manager did not contain json key user`;
    assert.deepEqual(await failure(one(`${SECRET}:user::`)), ['rejected', message]);
  }
  answers['GetSecretValue'] = () => ({ SecretBinary: Buffer.from('x') });
  assert.match((await failure(one(SECRET)))[1], /cannot pass on binary secrets$/);
  answers['GetSecretValue'] = () => {
    throw new ServiceError('InternalServiceError', 'later', { httpStatus: 500 });
  };
  assert.equal((await failure(one(SECRET)))[0], 'temporary');
});

test('without an execution role nothing is fetched', async () => {
  const bare = { ...HOME, secrets: [], environmentFiles: [] };
  const resolveBare = taskSecrets(() => assert.fail('It called.'));
  assert.deepEqual(await resolveBare(bare), { secrets: {}, environmentFiles: [] });
  const message = `${PULL}the task has no execution role`;
  await assert.rejects(resolveBare({ ...bare, secrets: [{ name: 'A', valueFrom: '/x' }] }), {
    kind: 'rejected',
    message,
  });
  await assert.rejects(resolveBare({ ...bare, environmentFiles: ['arn:aws:s3:::b/x.env'] }), { message });
});

test('environment files from S3', async () => {
  const files: Record<string, string> = { 'team/app.env': '# app\nA=1\nB="two"\n', 'b.env': 'A=3' };
  answers['GetObject'] = ({ Bucket, Key }: { Bucket: string; Key: string }) => {
    const text = files[Key];
    if (Bucket !== 'settings' || text === undefined) {
      throw new ServiceError('NoSuchKey', 'The specified key does not exist.', { httpStatus: 404 });
    }
    return { Body: { transformToString: async () => text } };
  };
  const { environmentFiles } = await resolve({
    environmentFiles: ['arn:aws:s3:::settings/team/app.env', 'arn:aws:s3:::settings/b.env'],
  });
  assert.deepEqual(environmentFiles, [{ A: '1', B: '"two"' }, { A: '3' }]);
  assert.deepEqual(await failure({ environmentFiles: ['arn:aws:s3:::settings/team/none.env'] }), [
    'rejected',
    'ResourceInitializationError: failed to download env files: file download command: non empty error stream: failed to download file none.env: NoSuchKey: The specified key does not exist.',
  ]);
});

test('an environment file that would fill the memory is not read', async () => {
  let isDestroyed = false;
  answers['GetObject'] = () => {
    const Body = new Readable({
      read: () => assert.fail('It was read.'),
      destroy: () => void (isDestroyed = true),
    });
    return { Body, ContentLength: 5_000_000_000 };
  };
  const [kind, message] = await failure({ environmentFiles: ['arn:aws:s3:::settings/big.env'] });
  assert.equal(kind, 'rejected');
  assert.match(message, /failed to download file big.env: it has more than 1048576 bytes$/);
  assert.equal(isDestroyed, true);
});
