import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreatePullThroughCacheRuleCommand,
  DeletePullThroughCacheRuleCommand,
  DescribeImageReplicationStatusCommand,
  DescribePullThroughCacheRulesCommand,
  PutReplicationConfigurationCommand,
  UpdatePullThroughCacheRuleCommand,
  ValidatePullThroughCacheRuleCommand,
} from '@aws-sdk/client-ecr';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { cliOf } from '../harness/cli.ts';
import type { Cli, Credentials } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { createRepository, forgetImages } from '../harness/registry.ts';
import { must, run } from '../harness/run.ts';
import type { Ran } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { until } from '../harness/until.ts';
import { serveImage } from '../harness/upstream.ts';
import type { OtherRegistry } from '../harness/upstream.ts';

/*
 * Images that come from elsewhere, and go elsewhere: the pull-through cache before a registry that asks for tokens, and
 * replication to other Regions. docker, skopeo and the aws CLI are the witnesses. The tests follow each other.
 */

const REPOSITORIES = 'arn:aws:ecr:us-east-1:123456789012:repository';
const IRELAND = 'eu-west-1';
const image = `ls-cache-test:${process.pid}-${Date.now()}`;

let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let aws: Cli;
let folder: string;
let host: string;
let upstream: OtherRegistry;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-cache-'));
  await buildSiteImage(image, String(Date.now()));
  await must('skopeo', ['copy', '--quiet', `docker-daemon:${image}`, `dir:${folder}/image`]);
  // An engine that has the image would ask for nothing but its manifest.
  await must('docker', ['image', 'rm', image]);
  upstream = await serveImage(join(folder, 'image'), 'library/site', 'v1');
  await upstream.start();
  server = await Longshore.start();
  host = `127.0.0.1:${server.port}`;
  clients = await server.clients();
  aws = cliOf(server);
});

after(async () => {
  await upstream?.stop();
  await forgetImages(host);
  await server?.remove();
  await run('docker', ['image', 'rm', '--force', image]);
  await rm(folder, { recursive: true, force: true });
});

interface Engine {
  readonly password: string;
  readonly docker: (...args: readonly string[]) => Promise<Ran>;
}

/** docker, logged in with what `aws ecr get-login-password` prints. */
async function loggedIn(name: string, region: string, key?: Credentials): Promise<Engine> {
  const { accessKeyId, secretAccessKey } = key ?? (await server.credentials());
  const printed = await server.aws(['ecr', 'get-login-password', '--region', region], {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  const password = printed.stdout.trim();
  const env = { DOCKER_CONFIG: join(folder, name) };
  await must('docker', ['login', '--username', 'AWS', '--password-stdin', host], { env, input: password });
  return { password, docker: (...args) => run('docker', args, { env }) };
}

async function pull({ docker }: Engine, reference: string): Promise<Ran> {
  await run('docker', ['image', 'rm', reference]);
  return docker('pull', reference);
}

/** A user who may do this besides what pulls always need. */
function puller(name: string, ...actions: readonly string[]): Promise<Credentials> {
  const pulls = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:GetAuthorizationToken'];
  const statement = { Effect: 'Allow', Action: [...pulls, ...actions], Resource: '*' };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  return makeUser(clients.iam, name, { policy });
}

test('a rule for any OCI registry is made with the aws CLI, and holds', async () => {
  const made = await aws(
    `ecr create-pull-through-cache-rule --ecr-repository-prefix hub --upstream-registry-url ${upstream.host}`,
  );
  assert.equal(made.ecrRepositoryPrefix, 'hub');
  assert.equal(made.upstreamRegistryUrl, upstream.host);
  const { pullThroughCacheRules } = await aws('ecr describe-pull-through-cache-rules');
  assert.deepEqual(
    pullThroughCacheRules.map((rule: { ecrRepositoryPrefix: string }) => rule.ecrRepositoryPrefix),
    ['hub'],
  );
  const validate = new ValidatePullThroughCacheRuleCommand({ ecrRepositoryPrefix: 'hub' });
  const { isValid, failure } = await clients.ecr.send(validate);
  assert.equal(isValid, true, failure);
  assert.equal(
    await aws.code('ecr delete-pull-through-cache-rule --ecr-repository-prefix none'),
    'PullThroughCacheRuleNotFoundException',
  );
});

test('without permission to import, or to make the repository, docker shows which is missing', async () => {
  const reference = `${host}/hub/library/site:v1`;
  const refused = async (name: string, missing: string, ...actions: string[]) => {
    const ran = await pull(await loggedIn(name, 'us-east-1', await puller(name, ...actions)), reference);
    assert.notEqual(ran.code, 0);
    assert.ok(ran.stderr.includes(`${missing} on resource: ${REPOSITORIES}/hub/library/site`), ran.stderr);
  };
  await refused('reader', 'ecr:BatchImportUpstreamImage');
  await refused('importer', 'ecr:CreateRepository', 'ecr:BatchImportUpstreamImage');
  assert.deepEqual((await aws('ecr describe-repositories')).repositories, []);
});

test('docker pulls through the cache, and the image is there', async () => {
  const key = await puller('cacher', 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository');
  const engine = await loggedIn('cacher', 'us-east-1', key);
  const pulled = await pull(engine, `${host}/hub/library/site:v1`);
  assert.equal(pulled.code, 0, pulled.stderr);
  await until('the image is whole', async () => {
    const { imageDetails } = await aws('ecr describe-images --repository-name hub/library/site');
    return imageDetails[0]?.imageTags[0] === 'v1';
  });
  const blobs = upstream.requests.filter((request) => request.includes('/blobs/'));
  assert.equal(blobs.length, new Set(blobs).size, 'each blob was fetched once');
  assert.ok(blobs.length >= 3, blobs.join());
});

test('with the upstream stopped, docker and skopeo pull what is cached, and are told of what is not', async () => {
  await upstream.stop();
  const engine = await loggedIn('root', 'us-east-1');
  const pulled = await pull(engine, `${host}/hub/library/site:v1`);
  assert.equal(pulled.code, 0, pulled.stderr);
  const access = ['--src-tls-verify=false', '--src-creds', `AWS:${engine.password}`];
  await must('skopeo', ['copy', '--quiet', ...access, `docker://${host}/hub/library/site:v1`, `dir:${folder}/again`]);
  const missing = await engine.docker('pull', `${host}/hub/library/site:v2`);
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /does not answer|503|unavailable/i);
  await upstream.start();
});

test('an import that a kill -9 cut off goes on, though nobody asks again', async () => {
  await aws(
    `ecr create-pull-through-cache-rule --ecr-repository-prefix again --upstream-registry-url ${upstream.host}`,
  );
  const { password } = await loggedIn('root', 'us-east-1');
  const asked = await fetch(`${server.endpoint}/v2/again/library/site/manifests/v1`, {
    headers: { authorization: `Basic ${btoa(`AWS:${password}`)}` },
  });
  assert.equal(asked.status, 200);
  await server.kill9();
  await server.up();
  await until('the image is whole', async () => {
    const { imageIds } = await aws('ecr list-images --repository-name again/library/site');
    return imageIds[0]?.imageTag === 'v1';
  });
});

test('an image that is pushed is in the other Region, and docker pulls it there with a token of that Region', async () => {
  await createRepository(clients.ecr, 'team/site');
  const rules = [
    {
      destinations: [
        { region: IRELAND, registryId: '123456789012' },
        { region: IRELAND, registryId: '999988887777' },
      ],
      repositoryFilters: [{ filter: 'team/', filterType: 'PREFIX_MATCH' }],
    },
  ];
  const configuration = JSON.stringify({ rules });
  await aws('ecr put-replication-configuration --replication-configuration', configuration);
  assert.deepEqual((await aws('ecr describe-registry')).replicationConfiguration, { rules });
  const here = await loggedIn('root', 'us-east-1');
  await must('docker', ['tag', `${host}/hub/library/site:v1`, `${host}/team/site:v1`]);
  const pushed = await here.docker('push', `${host}/team/site:v1`);
  assert.equal(pushed.code, 0, pushed.stderr);
  const statuses = await until('both destinations are done', async () => {
    const status = 'ecr describe-image-replication-status --repository-name team/site --image-id imageTag=v1';
    const { replicationStatuses } = await aws(status);
    const isDone = replicationStatuses.every((one: { status: string }) => one.status !== 'IN_PROGRESS');
    return isDone && replicationStatuses;
  });
  assert.deepEqual(statuses, [
    { region: IRELAND, registryId: '123456789012', status: 'COMPLETE' },
    { region: IRELAND, registryId: '999988887777', status: 'FAILED', failureCode: 'RegistryNotFound' },
  ]);
  const describe = 'ecr describe-images --repository-name team/site';
  const [mine, theirs] = [await aws(describe), await aws(`${describe} --region ${IRELAND}`)];
  assert.deepEqual(theirs.imageDetails[0].imageTags, ['v1']);
  assert.equal(theirs.imageDetails[0].imageDigest, mine.imageDetails[0].imageDigest);
  const there = await loggedIn('ireland', IRELAND);
  await aws('ecr delete-repository --force --repository-name team/site');
  assert.notEqual((await pull(here, `${host}/team/site:v1`)).code, 0);
  const pulled = await pull(there, `${host}/team/site:v1`);
  assert.equal(pulled.code, 0, pulled.stderr);
});

test('an upstream with a login is pulled from with what a secret holds, which an operator changes at any time', async (t) => {
  const login = { username: 'robot', password: 'right-token' };
  const closed = await serveImage(join(folder, 'image'), 'library/site', 'v1', login);
  await closed.start();
  t.after(() => closed.stop());
  const SecretString = JSON.stringify({ username: 'robot', accessToken: 'old-token' });
  const { secretsmanager } = clients;
  const Name = 'ecr-pullthroughcache/closed';
  const { ARN: arn = '' } = await secretsmanager.send(new CreateSecretCommand({ Name, SecretString }));
  const ecrRepositoryPrefix = 'closed';
  const made = await clients.ecr.send(
    new CreatePullThroughCacheRuleCommand({
      ecrRepositoryPrefix,
      upstreamRegistryUrl: closed.host,
      credentialArn: arn,
    }),
  );
  assert.equal(made.credentialArn, arn);
  const validate = new ValidatePullThroughCacheRuleCommand({ ecrRepositoryPrefix });
  const refused = await clients.ecr.send(validate);
  assert.equal(refused.isValid, false);
  assert.match(refused.failure ?? '', /401/);
  const engine = await loggedIn('root', 'us-east-1');
  const reference = `${host}/closed/library/site:v1`;
  assert.notEqual((await pull(engine, reference)).code, 0);
  const right = JSON.stringify({ username: 'robot', accessToken: 'right-token' });
  await secretsmanager.send(new PutSecretValueCommand({ SecretId: Name, SecretString: right }));
  assert.equal((await clients.ecr.send(validate)).isValid, true);
  const pulled = await pull(engine, reference);
  assert.equal(pulled.code, 0, pulled.stderr);
  for (const secret of ['old-token', 'right-token']) assert.ok(!server.log.includes(secret), 'no secret is logged');
  const { Role } = await aws('iam get-role --role-name AWSServiceRoleForECRPullThroughCache');
  assert.equal(Role.Path, '/aws-service-role/pullthroughcache.ecr.amazonaws.com/');
  await clients.ecr.send(new DeletePullThroughCacheRuleCommand({ ecrRepositoryPrefix }));
});

test('the SDK makes, changes and deletes rules', async () => {
  const { ecr } = clients;
  const ecrRepositoryPrefix = 'quay';
  const credentialArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/quay-a1b2c3';
  const rule = { ecrRepositoryPrefix, upstreamRegistryUrl: 'quay.io' };
  await assert.rejects(ecr.send(new CreatePullThroughCacheRuleCommand({ ...rule, credentialArn })), {
    name: 'SecretNotFoundException',
  });
  const made = await ecr.send(new CreatePullThroughCacheRuleCommand(rule));
  assert.equal(made.upstreamRegistry, 'quay');
  await assert.rejects(ecr.send(new CreatePullThroughCacheRuleCommand(rule)), {
    name: 'PullThroughCacheRuleAlreadyExistsException',
  });
  const updated = await ecr.send(new UpdatePullThroughCacheRuleCommand({ ecrRepositoryPrefix }));
  const described = await ecr.send(
    new DescribePullThroughCacheRulesCommand({ ecrRepositoryPrefixes: [ecrRepositoryPrefix] }),
  );
  assert.deepEqual(described.pullThroughCacheRules?.[0]?.updatedAt, updated.updatedAt);
  await ecr.send(new DeletePullThroughCacheRuleCommand({ ecrRepositoryPrefix }));
  await assert.rejects(ecr.send(new DeletePullThroughCacheRuleCommand({ ecrRepositoryPrefix })), {
    name: 'PullThroughCacheRuleNotFoundException',
  });
  await ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration: { rules: [] } }));
  const status = { repositoryName: 'hub/library/site', imageId: { imageTag: 'v1' } };
  const { replicationStatuses } = await ecr.send(new DescribeImageReplicationStatusCommand(status));
  assert.deepEqual(replicationStatuses, []);
});
