import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ServiceError } from '../../../kernel/errors.ts';
import { startUpstream } from '../../../registry/pull-through/testing.ts';
import { digestOf } from '../../../registry/digest.ts';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

let ecr: TestEcr;

beforeEach(() => {
  ecr = openTestEcr();
});

afterEach(() => ecr.close());

const create = (ecrRepositoryPrefix: string, upstreamRegistryUrl: string, more: object = {}) =>
  ecr.call('CreatePullThroughCacheRule', { ecrRepositoryPrefix, upstreamRegistryUrl, ...more });

test('a rule is made, described, updated and deleted', async () => {
  const createdAt = new Date(ecr.clock.now());
  const rule = {
    ecrRepositoryPrefix: 'quay',
    upstreamRegistryUrl: 'quay.io',
    upstreamRepositoryPrefix: 'ROOT',
    createdAt,
    registryId: TEST_SCOPE.account,
  };
  assert.deepEqual(await create('quay', 'quay.io'), { ...rule, upstreamRegistry: 'quay' });
  ecr.clock.advance(1000);
  const updatedAt = new Date(ecr.clock.now());
  assert.deepEqual(await ecr.call('UpdatePullThroughCacheRule', { ecrRepositoryPrefix: 'quay' }), {
    ecrRepositoryPrefix: 'quay',
    registryId: TEST_SCOPE.account,
    upstreamRepositoryPrefix: 'ROOT',
    updatedAt,
  });
  assert.deepEqual(await ecr.call('DescribePullThroughCacheRules', { ecrRepositoryPrefixes: ['quay'] }), {
    pullThroughCacheRules: [{ ...rule, upstreamRegistry: 'quay', updatedAt }],
  });
  assert.deepEqual(await ecr.call('DeletePullThroughCacheRule', { ecrRepositoryPrefix: 'quay' }), rule);
  for (const operation of [
    'DeletePullThroughCacheRule',
    'UpdatePullThroughCacheRule',
    'ValidatePullThroughCacheRule',
  ] as const) {
    await assert.rejects(ecr.call(operation, { ecrRepositoryPrefix: 'quay' }), {
      code: 'PullThroughCacheRuleNotFoundException',
      message: `The pull through cache rule with prefix 'quay' does not exist in the registry with id '${TEST_SCOPE.account}'`,
    });
  }
});

test('rules are described in pages, and each region has its own', async () => {
  for (const prefix of ['b', 'a', 'ROOT'].map((one) => (one === 'ROOT' ? one : `team/${one}`))) {
    await create(prefix, 'ghcr.io');
  }
  const first = await ecr.call('DescribePullThroughCacheRules', { maxResults: 2 });
  const second = await ecr.call('DescribePullThroughCacheRules', { maxResults: 2, nextToken: first.nextToken });
  const prefixes = [...(first.pullThroughCacheRules ?? []), ...(second.pullThroughCacheRules ?? [])];
  assert.deepEqual(
    prefixes.map((rule) => rule.ecrRepositoryPrefix),
    ['ROOT', 'team/a', 'team/b'],
  );
  const elsewhere = await ecr.call('DescribePullThroughCacheRules', {}, { region: 'eu-west-1' });
  assert.deepEqual(elsewhere.pullThroughCacheRules, []);
});

test('what AWS refuses is refused', async () => {
  await create('quay', 'quay.io');
  const cases: [string, string, object, string][] = [
    ['quay/', 'quay.io', {}, 'PullThroughCacheRuleAlreadyExistsException'],
    ['Q', 'quay.io', {}, 'InvalidParameterException'],
    ['x'.repeat(31), 'quay.io', {}, 'InvalidParameterException'],
    ['hub', 'registry-1.docker.io/library', {}, 'UnsupportedUpstreamRegistryException'],
    ['hub', 'quay.io', { upstreamRegistry: 'docker-hub' }, 'UnsupportedUpstreamRegistryException'],
    ['hub', 'quay.io', { upstreamRegistry: 'harbor' }, 'InvalidParameterException'],
    ['ROOT', 'quay.io', { upstreamRepositoryPrefix: 'team' }, 'InvalidParameterException'],
    ['other', '111122223333.dkr.ecr.us-east-1.amazonaws.com', {}, 'InvalidParameterException'],
    ['hub', 'quay.io', { customRoleArn: 'arn:aws:iam::123456789012:role/r' }, 'InvalidParameterException'],
  ];
  for (const [prefix, url, more, code] of cases) await assert.rejects(create(prefix, url, more), { code }, url);
  await assert.rejects(create('hub', 'harbor.example.com/x'), {
    message:
      'The upstream registry URL harbor.example.com/x is invalid. Specify a valid upstream registry URL and try again',
  });
});

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/mine-a1b2c3';

/** ECR beside a Secrets Manager that answers so. */
async function reopen(getSecretValue: (input: { SecretId?: string }) => object): Promise<void> {
  await ecr.close();
  ecr = openTestEcr({ calls: { 'secretsmanager:GetSecretValue': getSecretValue } });
}

const validate = () => ecr.call('ValidatePullThroughCacheRule', { ecrRepositoryPrefix: 'mine' });

test('an upstream that asks for credentials gets what the secret holds now', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  const digest = upstream.add('app', 'v1', { config: 'config', layers: [] });
  upstream.intercept = (req, res) => {
    if (req.headers.authorization === `Basic ${btoa('me:right')}`) return false;
    res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    return true;
  };
  let SecretString = JSON.stringify({ username: 'me', accessToken: 'wrong' });
  const asked: unknown[] = [];
  await reopen(({ SecretId }) => {
    asked.push(SecretId);
    return { SecretString };
  });
  const made = await create('mine', upstream.host, { credentialArn: SECRET });
  assert.equal(made.credentialArn, SECRET);
  assert.match((await validate()).failure ?? '', /401 .*credentials/);
  SecretString = JSON.stringify({ username: 'me' });
  const malformed = await validate();
  assert.equal(malformed.isValid, false);
  assert.match(malformed.failure ?? '', /'username' and 'accessToken'/);
  SecretString = JSON.stringify({ username: 'me', accessToken: 'right' });
  assert.deepEqual(await validate(), {
    ecrRepositoryPrefix: 'mine',
    registryId: TEST_SCOPE.account,
    upstreamRegistryUrl: upstream.host,
    upstreamRepositoryPrefix: 'ROOT',
    credentialArn: SECRET,
    isValid: true,
  });
  const pull = { ...TEST_SCOPE, name: 'mine/app', refusal: async () => undefined };
  assert.equal((await ecr.pullThrough.manifest(pull, 'v1'))?.digest, digest);
  assert.deepEqual(new Set(asked), new Set([SECRET]));
  await ecr.call('DeletePullThroughCacheRule', { ecrRepositoryPrefix: 'mine' });
});

test('a rule gets its credentials later, and shows where they are', async () => {
  await reopen(() => ({ SecretString: '{}' }));
  await create('mine', 'quay.io');
  const updated = await ecr.call('UpdatePullThroughCacheRule', { ecrRepositoryPrefix: 'mine', credentialArn: SECRET });
  assert.equal(updated.credentialArn, SECRET);
  const { pullThroughCacheRules } = await ecr.call('DescribePullThroughCacheRules', {});
  assert.equal(pullThroughCacheRules?.[0]?.credentialArn, SECRET);
});

const setCredentials = () =>
  ecr.call('UpdatePullThroughCacheRule', { ecrRepositoryPrefix: 'mine', credentialArn: SECRET });

async function credentialsOfRule(): Promise<string | undefined> {
  const { pullThroughCacheRules } = await ecr.call('DescribePullThroughCacheRules', {});
  return pullThroughCacheRules?.[0]?.credentialArn;
}

// The rule may have come in the place of another since the call was authorized.
test('a secret goes to a registry that AWS does not know only for a caller who may read it', async () => {
  let asked = 0;
  await reopen(() => {
    asked += 1;
    if (asked === 2) throw new ServiceError('AccessDeniedException', 'the caller may not');
    return { SecretString: '{}' };
  });
  await create('mine', 'registry.example.com');
  await assert.rejects(setCredentials(), { code: 'AccessDeniedException', message: 'the caller may not' });
  assert.equal(await credentialsOfRule(), undefined);
  await setCredentials();
  assert.equal(await credentialsOfRule(), SECRET);
});

test('a rule of another registry that comes in the place of the one that was asked about gets no credentials', async () => {
  await reopen(async () => {
    await ecr.call('DeletePullThroughCacheRule', { ecrRepositoryPrefix: 'mine' });
    await create('mine', 'registry.example.com');
    return { SecretString: '{}' };
  });
  await create('mine', 'quay.io');
  await assert.rejects(setCredentials(), { code: 'PullThroughCacheRuleNotFoundException' });
  assert.equal(await credentialsOfRule(), undefined);
});

test('a secret that cannot be had is refused in ECR’s words', async () => {
  const cases = [
    ['ResourceNotFoundException', 'SecretNotFoundException'],
    ['DecryptionFailure', 'UnableToDecryptSecretValueException'],
    ['AccessDeniedException', 'UnableToAccessSecretException'],
    ['InvalidRequestException', 'UnableToAccessSecretException'],
  ] as const;
  for (const [said, code] of cases) {
    await reopen(() => {
      throw new ServiceError(said, 'no');
    });
    await assert.rejects(create('mine', 'quay.io', { credentialArn: SECRET }), { code }, said);
  }
  const elsewhere = SECRET.replace('us-east-1', 'eu-west-1');
  await assert.rejects(create('mine', 'quay.io', { credentialArn: elsewhere }), {
    code: 'UnableToAccessSecretException',
  });
  const other = SECRET.replace('ecr-pullthroughcache/', 'database/of-ours-');
  await assert.rejects(create('mine', 'quay.io', { credentialArn: other }), { code: 'InvalidParameterException' });
});

test('an image whose upstream’s secret is lost is served as long as it is here', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  upstream.add('app', 'v1', { config: 'config', layers: [] });
  let isThere = true;
  await reopen(() => {
    if (isThere) return { SecretString: JSON.stringify({ username: 'me', accessToken: 'right' }) };
    throw new ServiceError('ResourceNotFoundException', 'no');
  });
  await create('mine', upstream.host, { credentialArn: SECRET });
  const pull = { ...TEST_SCOPE, name: 'mine/app', refusal: async () => undefined };
  await ecr.pullThrough.manifest(pull, 'v1');
  isThere = false;
  ecr.clock.advance(25 * 60 * 60 * 1000);
  assert.ok(await ecr.pullThrough.manifest(pull, 'v1'));
  await assert.rejects(ecr.pullThrough.manifest(pull, 'v2'), {
    code: 'UnableToGetUpstreamImageException',
    message: /The ARN of the secret specified .* was not found/,
  });
});

test('a registry takes fifty rules', async () => {
  for (let i = 0; i < 50; i++) await create(`p${i}x`, 'quay.io');
  await assert.rejects(create('more', 'quay.io'), { code: 'LimitExceededException' });
});

test('any OCI registry can be an upstream, and is asked whether it lets us in', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  await create('mine', upstream.host);
  const valid = { ecrRepositoryPrefix: 'mine', registryId: TEST_SCOPE.account, upstreamRegistryUrl: upstream.host };
  assert.deepEqual(await ecr.call('ValidatePullThroughCacheRule', { ecrRepositoryPrefix: 'mine' }), {
    ...valid,
    upstreamRepositoryPrefix: 'ROOT',
    isValid: true,
  });
  upstream.intercept = (_req, res) => {
    res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    return true;
  };
  const refused = await ecr.call('ValidatePullThroughCacheRule', { ecrRepositoryPrefix: 'mine' });
  assert.equal(refused.isValid, false);
  assert.match(refused.failure ?? '', /401 .*credentials/);
});

test('a pull makes the repository as its template says, of the upstream that the longest prefix says', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  const digest = upstream.add('deep/app', 'v1', { config: 'config', layers: [] });
  await create('ROOT', '127.0.0.1:1');
  await create('mine', upstream.host, { upstreamRepositoryPrefix: 'deep' });
  await ecr.call('CreateRepositoryCreationTemplate', {
    prefix: 'mine',
    appliedFor: ['PULL_THROUGH_CACHE'],
    imageTagMutability: 'IMMUTABLE',
  });
  const pull = { ...TEST_SCOPE, name: 'mine/app', refusal: async () => undefined };
  assert.equal((await ecr.pullThrough.manifest(pull, 'v1'))?.digest, digest);
  const { repositories } = await ecr.call('DescribeRepositories', {});
  assert.deepEqual(
    repositories?.map((one) => [one.repositoryName, one.imageTagMutability]),
    [['mine/app', 'IMMUTABLE']],
  );
  // The client never comes for the config: the server does.
  await ecr.reconcile();
  assert.deepEqual((await ecr.call('ListImages', { repositoryName: 'mine/app' })).imageIds, []);
  ecr.clock.advance(5_000);
  await ecr.reconcile();
  assert.deepEqual((await ecr.call('ListImages', { repositoryName: 'mine/app' })).imageIds, [
    { imageDigest: digest, imageTag: 'v1' },
  ]);
});

test('what does not come for a day is given up', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  upstream.add('app', 'v1', { config: 'config', layers: [] });
  upstream.blobs.delete(digestOf('config'));
  await create('mine', upstream.host);
  await ecr.pullThrough.manifest({ ...TEST_SCOPE, name: 'mine/app', refusal: async () => undefined }, 'v1');
  const imports = () => ecr.store.read((tx) => ecr.pullThrough.imports(tx));
  ecr.clock.advance(60_000);
  await ecr.reconcile();
  assert.equal((await imports()).length, 1);
  ecr.clock.advance(24 * 60 * 60 * 1000);
  await ecr.reconcile();
  assert.deepEqual(await imports(), []);
});
