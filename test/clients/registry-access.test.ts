import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { GetAuthorizationTokenCommand, DescribeImagesCommand } from '@aws-sdk/client-ecr';
import {
  AttachUserPolicyCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DetachUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { cliOf } from '../harness/cli.ts';
import type { Cli, Credentials } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { createRepository, forgetImages } from '../harness/registry.ts';
import { allowing } from '../harness/roles.ts';
import { must, run } from '../harness/run.ts';
import type { Ran } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';

/*
 * Who may push and pull: docker and skopeo in the name of IAM users. The tests follow each other.
 */

const ACCOUNT = 'arn:aws:iam::123456789012';
const REPOSITORIES = 'arn:aws:ecr:us-east-1:123456789012:repository';
const POWER_USER = 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser';
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly';

/** An IAM user, with docker logged in and the aws CLI in its name. */
interface User {
  readonly arn: string;
  readonly name: string;
  readonly key: Credentials;
  readonly aws: Cli;
  readonly password: string;
  docker(...args: readonly string[]): Promise<Ran>;
}

const image = `ls-access-test:${process.pid}-${Date.now()}`;
let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let folder: string;
let host: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-access-'));
  await buildSiteImage(image, String(Date.now()));
  server = await Longshore.start();
  host = `127.0.0.1:${server.port}`;
  clients = await server.clients();
  for (const name of ['app', 'secret', 'team/a']) await createRepository(clients.ecr, name);
});

after(async () => {
  await forgetImages(host);
  await server?.remove();
  await run('docker', ['image', 'rm', '--force', image]);
  await rm(folder, { recursive: true, force: true });
});

/** Makes the user and logs docker in as people do: with what `aws ecr get-login-password` prints. */
async function loggedIn(name: string, holds: Parameters<typeof makeUser>[2]): Promise<User> {
  const key = await makeUser(clients.iam, name, holds);
  const { ecr } = await server.clients({ credentials: key });
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString();
  const password = token.replace(/^AWS:/, '');
  const env = { DOCKER_CONFIG: join(folder, name) };
  await must('docker', ['login', '--username', 'AWS', '--password-stdin', host], { env, input: password });
  const docker = (...args: readonly string[]) => run('docker', args, { env });
  return { arn: `${ACCOUNT}:user/${name}`, name, key, aws: cliOf(server, key), password, docker };
}

async function push(user: User, reference: string): Promise<Ran> {
  await must('docker', ['tag', image, reference]);
  return user.docker('push', reference);
}

async function pull(user: User, reference: string): Promise<Ran> {
  await run('docker', ['image', 'rm', reference]);
  return user.docker('pull', reference);
}

/** What docker shows of a refusal. */
function denied(user: User, action: string, repository: string): string {
  const on = `${REPOSITORIES}/${repository}`;
  return `denied: User: ${user.arn} is not authorized to perform: ecr:${action} on resource: ${on} because no identity-based policy allows the ecr:${action} action`;
}

function assertDenied(ran: Ran, text: string): void {
  assert.notEqual(ran.code, 0);
  assert.ok(ran.stderr.includes(text), `${ran.stderr}\nis not\n${text}`);
}

let pusher: User;
let puller: User;

test('AmazonEC2ContainerRegistryPowerUser pushes and pulls', async () => {
  pusher = await loggedIn('pusher', { managed: [POWER_USER] });
  const printed = await server.aws(['ecr', 'get-login-password'], {
    AWS_ACCESS_KEY_ID: pusher.key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: pusher.key.secretAccessKey,
  });
  assert.ok(printed.stdout.trim().length > 40, printed.stderr);
  const pushed = await push(pusher, `${host}/app:v1`);
  assert.equal(pushed.code, 0, pushed.stderr);
  assert.equal((await push(pusher, `${host}/app:v2`)).code, 0);
  const pulled = await pull(pusher, `${host}/app:v1`);
  assert.equal(pulled.code, 0, pulled.stderr);
  const { imageDetails } = await pusher.aws('ecr describe-images --repository-name app');
  assert.deepEqual(imageDetails[0].imageTags.toSorted(), ['v1', 'v2']);
});

test('and nothing else: no repository made or deleted, no image deleted, no other service', async () => {
  const { aws, arn } = pusher;
  const no = (action: string, on: string) =>
    `User: ${arn} is not authorized to perform: ${action} on resource: ${on} because no identity-based policy allows the ${action} action`;
  const app = `${REPOSITORIES}/app`;
  const said = await Promise.all([
    aws.refused('ecr create-repository --repository-name new'),
    aws.refused('ecr delete-repository --force --repository-name app'),
    aws.refused('ecr batch-delete-image --repository-name app --image-ids imageTag=v2'),
    aws.refused('ecr put-image-tag-mutability --repository-name app --image-tag-mutability IMMUTABLE'),
    aws.refused(`ecr tag-resource --resource-arn ${app} --tags Key=a,Value=b`),
    aws.refused('ecs list-clusters'),
    aws.refused('iam list-users'),
    aws.refused(`iam attach-user-policy --user-name pusher --policy-arn arn:aws:iam::aws:policy/AdministratorAccess`),
    aws.refused('sts assume-role --role-session-name in --role-arn', `${ACCOUNT}:role/any`),
    aws.refused('logs describe-log-groups'),
    aws.code('ec2 describe-vpcs'),
  ]);
  assert.deepEqual(said, [
    `AccessDeniedException: ${no('ecr:CreateRepository', `${REPOSITORIES}/new`)}`,
    `AccessDeniedException: ${no('ecr:DeleteRepository', app)}`,
    `AccessDeniedException: ${no('ecr:BatchDeleteImage', app)}`,
    `AccessDeniedException: ${no('ecr:PutImageTagMutability', app)}`,
    `AccessDeniedException: ${no('ecr:TagResource', app)}`,
    `AccessDeniedException: ${no('ecs:ListClusters', '*')}`,
    `AccessDenied: ${no('iam:ListUsers', '*')}`,
    `AccessDenied: ${no('iam:AttachUserPolicy', arn)}`,
    `AccessDenied: ${no('sts:AssumeRole', `${ACCOUNT}:role/any`).replace('identity-based', 'role trust')}`,
    `AccessDeniedException: ${no('logs:DescribeLogGroups', '*')}`,
    'UnauthorizedOperation',
  ]);
  const { imageDetails } = await clients.ecr.send(new DescribeImagesCommand({ repositoryName: 'app' }));
  assert.equal(imageDetails?.[0]?.imageTags?.length, 2, 'nothing was deleted');
});

test('an image is not deleted over the registry’s own protocol either', async () => {
  const access = ['--tls-verify=false', '--creds', `AWS:${pusher.password}`];
  const deleted = await run('skopeo', ['delete', ...access, `docker://${host}/app:v2`]);
  assert.notEqual(deleted.code, 0);
  assert.match(deleted.stderr, /denied|not authorized|unsupported/i);
  const left = await clients.ecr.send(new DescribeImagesCommand({ repositoryName: 'app' }));
  assert.deepEqual(left.imageDetails?.[0]?.imageTags?.toSorted(), ['v1', 'v2']);
});

test('AmazonEC2ContainerRegistryReadOnly pulls, and docker shows why it cannot push', async () => {
  puller = await loggedIn('puller', { managed: [READ_ONLY] });
  const pulled = await pull(puller, `${host}/app:v1`);
  assert.equal(pulled.code, 0, pulled.stderr);
  assertDenied(await push(puller, `${host}/app:v3`), denied(puller, 'PutImage', 'app'));
  assertDenied(await push(puller, `${host}/secret:v1`), denied(puller, 'InitiateLayerUpload', 'secret'));
  const skopeo = await run('skopeo', [
    'copy',
    '--quiet',
    '--src-tls-verify=false',
    '--dest-tls-verify=false',
    '--src-creds',
    `AWS:${puller.password}`,
    '--dest-creds',
    `AWS:${puller.password}`,
    `docker://${host}/app:v1`,
    `docker://${host}/secret:copied`,
  ]);
  assert.notEqual(skopeo.code, 0);
  assert.match(skopeo.stderr, /ecr:InitiateLayerUpload/);
  assert.equal(
    await puller.aws.code('ecr put-image --repository-name app --image-manifest {}'),
    'AccessDeniedException',
  );
});

test('without ecr:GetAuthorizationToken there is no login', async () => {
  const key = await makeUser(clients.iam, 'stranger', { policy: allowing(['ecr:BatchGetImage']) });
  assert.equal(
    await cliOf(server, key).refused('ecr get-authorization-token'),
    `AccessDeniedException: User: ${ACCOUNT}:user/stranger is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action`,
  );
});

test('one who is confined to some repositories does not get at others’ layers', async () => {
  const statements = [
    { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    { Effect: 'Allow', Action: 'ecr:*', Resource: `${REPOSITORIES}/team/*` },
  ];
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const member = await loggedIn('member', { policy });
  assert.equal((await push(member, `${host}/team/a:v1`)).code, 0);
  assert.equal((await pull(member, `${host}/team/a:v1`)).code, 0);
  assertDenied(await pull(member, `${host}/app:v1`), `ecr:BatchGetImage on resource: ${REPOSITORIES}/app`);
  assertDenied(await push(member, `${host}/app:v4`), denied(member, 'InitiateLayerUpload', 'app'));

  // A layer of a repository that it may not read is not mounted into its own.
  await must('skopeo', [
    'copy',
    '--quiet',
    '--dest-tls-verify=false',
    '--dest-creds',
    `AWS:${pusher.password}`,
    `docker-daemon:${image}`,
    `docker://${host}/secret:v1`,
  ]);
  const inspect = ['inspect', '--raw', '--tls-verify=false', '--creds', `AWS:${pusher.password}`];
  const manifest = JSON.parse(await must('skopeo', [...inspect, `docker://${host}/secret:v1`]));
  const digest: string = manifest.config.digest;
  const mount = (from: string, user: User) =>
    fetch(`${server.endpoint}/v2/team/a/blobs/uploads/?mount=${digest}&from=${from}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`AWS:${user.password}`)}` },
    });
  assert.equal((await mount('secret', member)).status, 202, 'an upload is begun instead');
  assert.equal((await mount('secret', pusher)).status, 201, 'one who may read both mounts it');
});

test('what is taken away is gone for logins that stand', async () => {
  const { iam } = clients;
  const { name: UserName, key } = puller;
  assert.equal((await pull(puller, `${host}/app:v1`)).code, 0);
  await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: READ_ONLY }));
  assertDenied(await pull(puller, `${host}/app:v1`), `ecr:BatchGetImage on resource: ${REPOSITORIES}/app`);
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: POWER_USER }));
  assert.equal((await push(puller, `${host}/app:v5`)).code, 0, 'and what is given is there');
  await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: POWER_USER }));
  await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: key.accessKeyId }));
  await iam.send(new DeleteUserCommand({ UserName }));
  const gone = await pull(puller, `${host}/app:v1`);
  assert.notEqual(gone.code, 0);
  // A namesake is somebody else.
  await makeUser(iam, UserName, { managed: [POWER_USER] });
  assert.notEqual((await pull(puller, `${host}/app:v1`)).code, 0);
  const login = await run('docker', ['login', '--username', 'AWS', '--password-stdin', host], {
    env: { DOCKER_CONFIG: join(folder, 'gone') },
    input: puller.password,
  });
  assert.notEqual(login.code, 0, 'nor can it log in again');
});
