import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreateRepositoryCreationTemplateCommand,
  DeleteRepositoryCreationTemplateCommand,
  DeregisterPullTimeUpdateExclusionCommand,
  DescribeRepositoryCreationTemplatesCommand,
  GetAccountSettingCommand,
  ListPullTimeUpdateExclusionsCommand,
  PutAccountSettingCommand,
  PutImageTagMutabilityCommand,
  RegisterPullTimeUpdateExclusionCommand,
  UpdateRepositoryCreationTemplateCommand,
} from '@aws-sdk/client-ecr';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { forgetImages } from '../harness/registry.ts';
import { allowing } from '../harness/roles.ts';
import { must, run } from '../harness/run.ts';
import type { Ran } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';

/*
 * The settings of repositories and of the registry, with Debian's aws CLI, or the SDK for what that CLI is too old for.
 */

const ACCOUNT = '123456789012';
const IAM = `arn:aws:iam::${ACCOUNT}`;
const REPOSITORIES = `arn:aws:ecr:us-east-1:${ACCOUNT}:repository`;
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'];
const PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];

/** An IAM user with docker logged in. */
interface User {
  readonly arn: string;
  readonly aws: Cli;
  readonly password: string;
  docker(...args: readonly string[]): Promise<Ran>;
}

const image = `ls-settings-test:${process.pid}-${Date.now()}`;
let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let folder: string;
let host: string;
let aws: Cli;
let rootPassword: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-settings-'));
  await buildSiteImage(image, String(Date.now()));
  server = await Longshore.start();
  host = `127.0.0.1:${server.port}`;
  clients = await server.clients();
  aws = cliOf(server);
  rootPassword = (await server.aws(['ecr', 'get-login-password'])).stdout.trim();
});

after(async () => {
  await forgetImages(host);
  await server?.remove();
  await run('docker', ['image', 'rm', '--force', image]);
  await rm(folder, { recursive: true, force: true });
});

/** A user who may log in, and do what `actions` says besides. */
async function loggedIn(name: string, actions: readonly string[] = []): Promise<User> {
  const policy = allowing(['ecr:GetAuthorizationToken', ...actions]);
  const key = await makeUser(clients.iam, name, { policy });
  const printed = await server.aws(['ecr', 'get-login-password'], {
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  });
  const password = printed.stdout.trim();
  const env = { DOCKER_CONFIG: join(folder, name) };
  await must('docker', ['login', '--username', 'AWS', '--password-stdin', host], { env, input: password });
  const docker = (...args: readonly string[]) => run('docker', args, { env });
  return { arn: `${IAM}:user/${name}`, aws: cliOf(server, key), password, docker };
}

/** Pushes the test's image with skopeo. */
function push(password: string, reference: string): Promise<Ran> {
  const access = ['--dest-tls-verify=false', '--dest-creds', `AWS:${password}`];
  return run('skopeo', ['copy', '--quiet', ...access, `docker-daemon:${image}`, `docker://${host}/${reference}`]);
}

async function pull(user: User, reference: string): Promise<Ran> {
  await run('docker', ['image', 'rm', `${host}/${reference}`]);
  return user.docker('pull', `${host}/${reference}`);
}

function statementOf(user: User, actions: readonly string[], more: object = {}): object {
  return { Effect: 'Allow', Principal: { AWS: user.arn }, Action: actions, ...more };
}

const policyOf = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

async function pushed(reference: string): Promise<void> {
  const ran = await push(rootPassword, reference);
  assert.equal(ran.code, 0, ran.stderr);
}

test('a repository policy lets a user pull who has no permission, and takes it away again', async () => {
  await aws('ecr create-repository --repository-name app');
  await pushed('app:v1');
  const user = await loggedIn('guest');
  const refused = await pull(user, 'app:v1');
  assert.match(
    refused.stderr,
    /guest is not authorized to perform: ecr:BatchGetImage on resource: \S+\/app because no/,
  );
  assert.match(await aws.refused('ecr get-repository-policy --repository-name app'), /^RepositoryPolicyNotFoundExc/);

  const text = policyOf(statementOf(user, PULL));
  const set = await aws('ecr set-repository-policy --repository-name app --policy-text', text);
  assert.deepEqual(set, { registryId: ACCOUNT, repositoryName: 'app', policyText: text });
  assert.deepEqual(await aws('ecr get-repository-policy --repository-name app'), set);
  const pulled = await pull(user, 'app:v1');
  assert.equal(pulled.code, 0, pulled.stderr);
  const got = await user.aws('ecr batch-get-image --repository-name app --image-ids imageTag=v1');
  assert.equal(got.images[0].imageId.imageTag, 'v1');
  const noPush = await push(user.password, 'app:v2');
  assert.match(noPush.stderr, /ecr:InitiateLayerUpload|denied/);
  assert.equal(await user.aws.code('ecr describe-images --repository-name app'), 'AccessDeniedException');

  await aws(
    'ecr set-repository-policy --repository-name app --policy-text',
    policyOf(statementOf(user, [...PULL, ...PUSH])),
  );
  const now = await push(user.password, 'app:v2');
  assert.equal(now.code, 0, now.stderr);
  await aws('ecr delete-repository-policy --repository-name app');
  assert.notEqual((await pull(user, 'app:v1')).code, 0);
});

test('its Deny keeps out who may do all, skopeo and docker alike', async () => {
  const admin = await loggedIn('admin', ['ecr:*']);
  assert.equal((await pull(admin, 'app:v1')).code, 0);
  const deny = statementOf(admin, ['ecr:BatchGetImage', 'ecr:PutImage'], { Effect: 'Deny' });
  await aws('ecr set-repository-policy --repository-name app --policy-text', policyOf(deny));
  const words = /ecr:BatchGetImage on resource: \S+\/app with an explicit deny in a resource-based policy/;
  assert.match((await pull(admin, 'app:v1')).stderr, words);
  const inspected = await run('skopeo', [
    'inspect',
    '--tls-verify=false',
    '--creds',
    `AWS:${admin.password}`,
    `docker://${host}/app:v1`,
  ]);
  assert.notEqual(inspected.code, 0);
  assert.match(await admin.aws.refused('ecr batch-get-image --repository-name app --image-ids imageTag=v1'), words);
  assert.match((await push(admin.password, 'app:v3')).stderr, /ecr:PutImage .* explicit deny/);
  const lockout = policyOf(statementOf(admin, ['ecr:*'], { Effect: 'Deny' }));
  const set = 'ecr set-repository-policy --repository-name app --policy-text';
  assert.match(await admin.aws.refused(set, lockout), /^InvalidParameterException: .*use force/);
  await admin.aws(`ecr set-repository-policy --repository-name app --force --policy-text`, lockout);
  assert.match(await admin.aws.refused('ecr delete-repository-policy --repository-name app'), /explicit deny/);
  await aws('ecr delete-repository-policy --repository-name app');
});

test('what is no repository policy is refused in ECR’s words', async () => {
  const set = 'ecr set-repository-policy --repository-name app --policy-text';
  const invalid =
    "InvalidParameterException: Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'";
  for (const text of ['{}', policyOf({ Effect: 'Allow', Principal: '*', Action: 'ecr:*', Resource: '*' })]) {
    assert.equal(await aws.refused(set, text), invalid);
  }
  const stranger = policyOf({ Effect: 'Allow', Principal: { AWS: `${IAM}:user/nobody` }, Action: 'ecr:BatchGetImage' });
  assert.equal(
    await aws.refused(set, stranger),
    invalid.replace('Invalid repository policy provided', 'Principal not found'),
  );
});

test('a registry policy lets a user into every repository that it names', async () => {
  await aws('ecr create-repository --repository-name team/a');
  await pushed('team/a:v1');
  const user = await loggedIn('member');
  assert.match(await aws.refused('ecr get-registry-policy'), /^RegistryPolicyNotFoundException: Registry policy does/);
  const text = policyOf(statementOf(user, PULL, { Resource: `${REPOSITORIES}/team/*` }));
  assert.deepEqual(await aws('ecr put-registry-policy --policy-text', text), { registryId: ACCOUNT, policyText: text });
  assert.equal((await aws('ecr get-registry-policy')).policyText, text);
  const pulled = await pull(user, 'team/a:v1');
  assert.equal(pulled.code, 0, pulled.stderr);
  assert.notEqual((await pull(user, 'app:v1')).code, 0);
  await aws('ecr delete-registry-policy');
  assert.notEqual((await pull(user, 'team/a:v1')).code, 0);
});

test('the first push makes the repository that a template is for', async () => {
  const { ecr } = clients;
  const user = await loggedIn('pusher', PUSH);
  const absent = await push(user.password, 'fresh/web:v1');
  assert.match(absent.stderr, /fresh\/web' does not exist|name unknown/);
  const template = {
    prefix: 'fresh',
    appliedFor: ['CREATE_ON_PUSH' as const],
    imageTagMutability: 'IMMUTABLE' as const,
  };
  await ecr.send(new CreateRepositoryCreationTemplateCommand(template));
  const refused = await push(user.password, 'fresh/web:v1');
  assert.match(refused.stderr, /not authorized to perform: ecr:CreateRepository on resource: \S+\/fresh\/web/);
  const maker = await loggedIn('maker', [...PUSH, 'ecr:CreateRepository']);
  await must('docker', ['tag', image, `${host}/fresh/web:v1`]);
  const first = await maker.docker('push', `${host}/fresh/web:v1`);
  assert.equal(first.code, 0, first.stderr);
  const { repositories } = await aws('ecr describe-repositories --repository-names fresh/web');
  assert.equal(repositories[0].imageTagMutability, 'IMMUTABLE');
  const { imageDetails } = await aws('ecr describe-images --repository-name fresh/web');
  assert.deepEqual(imageDetails[0].imageTags, ['v1']);

  const { repositoryCreationTemplate: changed } = await ecr.send(
    new UpdateRepositoryCreationTemplateCommand({ prefix: 'fresh', description: 'what is pushed' }),
  );
  assert.equal(changed?.description, 'what is pushed');
  const described = await ecr.send(new DescribeRepositoryCreationTemplatesCommand({ prefixes: ['fresh'] }));
  assert.deepEqual(described.repositoryCreationTemplates, [changed]);
  await ecr.send(new DeleteRepositoryCreationTemplateCommand({ prefix: 'fresh' }));
  assert.notEqual((await push(maker.password, 'fresh/api:v1')).code, 0);
});

test('encryption, mutability and scanning are set and shown', async () => {
  const kms = 'encryptionType=KMS,kmsKey=alias/images';
  const { repository } = await aws(`ecr create-repository --repository-name kept --encryption-configuration ${kms}`);
  assert.deepEqual(repository.encryptionConfiguration, { encryptionType: 'KMS', kmsKey: 'alias/images' });
  await clients.ecr.send(
    new PutImageTagMutabilityCommand({
      repositoryName: 'kept',
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest' }],
    }),
  );
  for (const tag of ['v1', 'latest']) await pushed(`kept:${tag}`);
  await buildSiteImage(image, `${Date.now()} again`);
  await pushed('kept:latest');
  assert.match((await push(rootPassword, 'kept:v1')).stderr, /'v1' already exists in the 'kept' repository and cannot/);

  await aws(
    'ecr put-image-scanning-configuration --repository-name kept --image-scanning-configuration scanOnPush=true',
  );
  const of = 'ecr batch-get-repository-scanning-configuration --repository-names kept gone';
  const { scanningConfigurations, failures } = await aws(of);
  assert.equal(scanningConfigurations[0].scanFrequency, 'SCAN_ON_PUSH');
  assert.equal(failures[0].failureCode, 'REPOSITORY_NOT_FOUND');
  const rules = [{ scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: [{ filter: '*', filterType: 'WILDCARD' }] }];
  await aws('ecr put-registry-scanning-configuration --scan-type BASIC --rules', JSON.stringify(rules));
  const { scanningConfiguration } = await aws('ecr get-registry-scanning-configuration');
  assert.deepEqual(scanningConfiguration, { scanType: 'BASIC', rules });
  const { replicationConfiguration } = await aws('ecr describe-registry');
  assert.deepEqual(replicationConfiguration, { rules: [] });
});

test('account settings and pull-time exclusions', async () => {
  const { ecr } = clients;
  const setting = { name: 'BLOB_MOUNTING', value: 'DISABLED' };
  await ecr.send(new PutAccountSettingCommand(setting));
  const { name, value } = await ecr.send(new GetAccountSettingCommand({ name: 'BLOB_MOUNTING' }));
  assert.deepEqual({ name, value }, setting);
  const principalArn = `${IAM}:user/guest`;
  await ecr.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn }));
  const { pullTimeUpdateExclusions } = await ecr.send(new ListPullTimeUpdateExclusionsCommand({}));
  assert.deepEqual(pullTimeUpdateExclusions, [principalArn]);
  await ecr.send(new DeregisterPullTimeUpdateExclusionCommand({ principalArn }));
});
