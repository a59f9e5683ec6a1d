import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { RuntimeError, ServiceError } from '../../../kernel/errors.ts';
import { digestOf } from '../../../registry/digest.ts';
import type { ReplicationTargets } from '../replication-targets.ts';
import { replicate } from '../replication.ts';
import { repositoryKey } from '../tables.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

const IRELAND = 'eu-west-1';
const FRANKFURT = 'eu-central-1';
const registryId = TEST_SCOPE.account;

let ecr: TestEcr;

beforeEach(async () => {
  ecr = openTestEcr();
  await ecr.call('CreateRepository', { repositoryName: 'team/web' });
});

afterEach(() => ecr.close());

interface Rule {
  readonly to: readonly string[];
  readonly account?: string;
  readonly prefixes?: readonly string[];
}

function configuration(...rules: readonly Rule[]) {
  return {
    rules: rules.map(({ to, account = registryId, prefixes }) => ({
      destinations: to.map((region) => ({ region, registryId: account })),
      ...(prefixes && {
        repositoryFilters: prefixes.map((filter) => ({ filter, filterType: 'PREFIX_MATCH' as const })),
      }),
    })),
  };
}

function put(...rules: readonly Rule[]) {
  return ecr.call('PutReplicationConfiguration', { replicationConfiguration: configuration(...rules) });
}

/** A push at a time of its own. */
async function push(repositoryName: string, config: string, tag?: string): Promise<string> {
  ecr.clock.advance(1000);
  return digestOf(await ecr.push(repositoryName, config, ['layer'], tag));
}

async function imagesIn(region: string, repositoryName = 'team/web') {
  const { imageIds = [] } = await ecr.call('ListImages', { repositoryName }, { region });
  return imageIds;
}

async function statusOf(imageDigest: string, region: string = TEST_SCOPE.region) {
  const input = { repositoryName: 'team/web', imageId: { imageDigest } };
  return (await ecr.call('DescribeImageReplicationStatus', input, { region })).replicationStatuses;
}

async function setTag(imageDigest: string, imageTag: string): Promise<void> {
  ecr.clock.advance(1000);
  const { images } = await ecr.call('BatchGetImage', { repositoryName: 'team/web', imageIds: [{ imageDigest }] });
  const imageManifest = images?.[0]?.imageManifest;
  await ecr.call('PutImage', { repositoryName: 'team/web', imageManifest, imageTag });
}

test('a configuration is answered and described as it was given', async () => {
  const given = configuration({ to: [IRELAND, FRANKFURT], prefixes: ['team/', 'prod'] }, { to: [IRELAND] });
  const { replicationConfiguration } = await ecr.call('PutReplicationConfiguration', {
    replicationConfiguration: given,
  });
  assert.deepEqual(replicationConfiguration, given);
  assert.deepEqual(await ecr.call('DescribeRegistry', {}), { registryId, replicationConfiguration: given });
  await put();
  assert.deepEqual((await ecr.call('DescribeRegistry', {})).replicationConfiguration, { rules: [] });
});

test('what AWS refuses is refused', async () => {
  const regions = Array.from({ length: 26 }, (_, i) => `eu-west-${i + 1}`);
  const cases: [string, readonly Rule[]][] = [
    ['eleven rules', Array.from({ length: 11 }, () => ({ to: [IRELAND] }))],
    ['26 destinations', [{ to: regions.slice(0, 13) }, { to: regions.slice(13) }]],
    ['one destination 26 times', [{ to: regions.map(() => IRELAND) }]],
    ['itself', [{ to: ['us-east-1'] }]],
    ['no region', [{ to: ['moon'] }]],
    ['no account', [{ to: [IRELAND], account: '12' }]],
    ['no prefix', [{ to: [IRELAND], prefixes: ['A B'] }]],
  ];
  for (const [label, rules] of cases) {
    await assert.rejects(put(...rules), { code: 'InvalidParameterException' }, label);
  }
  await put({ to: regions.slice(0, 25) }, { to: regions.slice(0, 25) });
});

test('an image that is pushed is copied with its tag, into a repository made for it', async () => {
  await put({ to: [IRELAND, FRANKFURT] });
  const digest = await push('team/web', 'one', 'v1');
  assert.deepEqual(await statusOf(digest), [
    { region: IRELAND, registryId, status: 'IN_PROGRESS' },
    { region: FRANKFURT, registryId, status: 'IN_PROGRESS' },
  ]);
  await ecr.reconcile();
  assert.deepEqual(await statusOf(digest), [
    { region: IRELAND, registryId, status: 'COMPLETE' },
    { region: FRANKFURT, registryId, status: 'COMPLETE' },
  ]);
  assert.deepEqual(await imagesIn(IRELAND), [{ imageDigest: digest, imageTag: 'v1' }]);
  assert.deepEqual(await imagesIn(FRANKFURT), [{ imageDigest: digest, imageTag: 'v1' }]);
  const where = { ...TEST_SCOPE, region: IRELAND };
  assert.ok(await ecr.registry.links.use(where, 'team/web', digestOf('layer')));
});

test('what was there before is not copied, until it is tagged again', async () => {
  const digest = await push('team/web', 'one', 'v1');
  ecr.clock.advance(1000);
  await put({ to: [IRELAND] });
  await ecr.reconcile();
  assert.deepEqual(await statusOf(digest), []);
  await assert.rejects(imagesIn(IRELAND), { code: 'RepositoryNotFoundException' });
  await setTag(digest, 'v2');
  await ecr.reconcile();
  assert.deepEqual(await imagesIn(IRELAND), [{ imageDigest: digest, imageTag: 'v2' }]);
});

test('a rule that stays keeps what it was to do when the configuration is put again', async () => {
  await put({ to: [IRELAND] });
  const digest = await push('team/web', 'one', 'v1');
  ecr.clock.advance(1000);
  await put({ to: [IRELAND] }, { to: [FRANKFURT] });
  await ecr.reconcile();
  assert.deepEqual(await statusOf(digest), [{ region: IRELAND, registryId, status: 'COMPLETE' }]);
});

test('rules that change keep what they were to do, as far as they still say it', async () => {
  const changes: readonly [label: string, before: Rule, after: Rule, isKept: boolean][] = [
    ['one more destination', { to: [IRELAND] }, { to: [FRANKFURT, IRELAND] }, true],
    ['one more prefix', { to: [IRELAND], prefixes: ['team/'] }, { to: [IRELAND], prefixes: ['prod', 'team/'] }, true],
    ['no prefix any more', { to: [IRELAND], prefixes: ['team/'] }, { to: [IRELAND] }, true],
    ['a prefix of all', { to: [IRELAND] }, { to: [IRELAND], prefixes: ['team/'] }, true],
    ['a longer prefix', { to: [IRELAND], prefixes: ['team'] }, { to: [IRELAND], prefixes: ['team/w'] }, true],
    ['another destination', { to: [FRANKFURT] }, { to: [IRELAND] }, false],
    ['another prefix', { to: [IRELAND], prefixes: ['prod'] }, { to: [IRELAND], prefixes: ['team/'] }, false],
  ];
  for (const [label, before, after, isKept] of changes) {
    await put(before);
    const digest = await push('team/web', label, 'v1');
    for (let times = 0; times < 2; times++) {
      ecr.clock.advance(1000);
      await put(after);
    }
    const statuses = isKept ? [{ region: IRELAND, registryId, status: 'IN_PROGRESS' }] : [];
    assert.deepEqual(await statusOf(digest), statuses, label);
    await put();
    await put(after);
    assert.deepEqual(await statusOf(digest), [], `${label}, after there were none`);
  }
});

test('only repositories under a prefix are copied', async () => {
  await ecr.call('CreateRepository', { repositoryName: 'other' });
  await put({ to: [IRELAND], prefixes: ['team/', 'prod'] });
  await push('team/web', 'one', 'v1');
  await push('other', 'one', 'v1');
  await ecr.reconcile();
  assert.equal((await imagesIn(IRELAND)).length, 1);
  await assert.rejects(imagesIn(IRELAND, 'other'), { code: 'RepositoryNotFoundException' });
});

test('a tag that moves, there and back, moves at the destination too; what is deleted stays there', async () => {
  await put({ to: [IRELAND] });
  const one = await push('team/web', 'one', 'latest');
  await ecr.reconcile();
  const two = await push('team/web', 'two', 'latest');
  await ecr.reconcile();
  assert.deepEqual(
    (await imagesIn(IRELAND)).find((image) => image.imageTag === 'latest'),
    { imageDigest: two, imageTag: 'latest' },
  );
  await setTag(one, 'latest');
  await ecr.reconcile();
  assert.deepEqual(
    (await imagesIn(IRELAND)).find((image) => image.imageTag === 'latest'),
    { imageDigest: one, imageTag: 'latest' },
  );
  await ecr.call('BatchDeleteImage', { repositoryName: 'team/web', imageIds: [{ imageDigest: one }] });
  await ecr.reconcile();
  assert.equal((await imagesIn(IRELAND)).length, 2);
});

test('a tag that moves on while its image is on its way is not taken back', async () => {
  await put({ to: [FRANKFURT] });
  const one = await push('team/web', 'one', 'latest');
  const destination = { account: registryId, region: FRANKFURT };
  const due = { destination, tags: { latest: ecr.clock.now() }, newTags: ['latest'] };
  const two = await push('team/web', 'two', 'latest');
  await ecr.reconcile();
  const key = `${repositoryKey(TEST_SCOPE, 'team/web')}@${one}`;
  await ecr.store.write((tx) => replicate(tx, ecr.registry, key, { due, now: ecr.clock.now() }));
  assert.deepEqual(
    (await imagesIn(FRANKFURT)).find((image) => image.imageTag === 'latest'),
    { imageDigest: two, imageTag: 'latest' },
  );
  await setTag(one, 'latest');
  await ecr.reconcile();
  assert.deepEqual(
    (await imagesIn(FRANKFURT)).find((image) => image.imageTag === 'latest'),
    { imageDigest: one, imageTag: 'latest' },
  );
});

test('a replica goes no further, not even home', async () => {
  await put({ to: [IRELAND] });
  await ecr.call(
    'PutReplicationConfiguration',
    { replicationConfiguration: configuration({ to: [FRANKFURT, 'us-east-1'] }) },
    { region: IRELAND },
  );
  const digest = await push('team/web', 'one', 'v1');
  await ecr.reconcile();
  await ecr.reconcile();
  assert.equal((await imagesIn(IRELAND)).length, 1);
  assert.deepEqual(await statusOf(digest, IRELAND), []);
  await assert.rejects(imagesIn(FRANKFURT), { code: 'RepositoryNotFoundException' });
});

test('an account that is not here is a failure that says so', async () => {
  await put({ to: [IRELAND], account: '999988887777' });
  const digest = await push('team/web', 'one', 'v1');
  await ecr.reconcile();
  assert.deepEqual(await statusOf(digest), [
    { region: IRELAND, registryId: '999988887777', status: 'FAILED', failureCode: 'RegistryNotFound' },
  ]);
});

test('a destination that holds another image under an immutable tag keeps it', async () => {
  const there = { region: IRELAND };
  await ecr.call('CreateRepository', { repositoryName: 'team/web', imageTagMutability: 'IMMUTABLE' }, there);
  await put({ to: [IRELAND] });
  const one = await push('team/web', 'one', 'v1');
  await ecr.reconcile();
  const two = await push('team/web', 'two', 'v1');
  await ecr.reconcile();
  assert.deepEqual(
    (await imagesIn(IRELAND)).find((image) => image.imageTag === 'v1'),
    { imageDigest: one, imageTag: 'v1' },
  );
  assert.deepEqual(await statusOf(two), [
    { region: IRELAND, registryId, status: 'FAILED', failureCode: 'ImageTagAlreadyExists' },
  ]);
});

test('the repository is made as the template for replication says', async () => {
  const template = { prefix: 'team', appliedFor: ['REPLICATION' as const], imageTagMutability: 'IMMUTABLE' as const };
  await ecr.call('CreateRepositoryCreationTemplate', template, { region: IRELAND });
  await put({ to: [IRELAND] });
  await push('team/web', 'one', 'v1');
  await ecr.reconcile();
  const { repositories } = await ecr.call('DescribeRepositories', {}, { region: IRELAND });
  assert.equal(repositories?.[0]?.imageTagMutability, 'IMMUTABLE');
});

test('an image that is not there has no status', async () => {
  await assert.rejects(statusOf(digestOf('nothing')), { code: 'ImageNotFoundException' });
  const missing = { repositoryName: 'nothing', imageId: { imageTag: 'v1' } };
  await assert.rejects(ecr.call('DescribeImageReplicationStatus', missing), { code: 'RepositoryNotFoundException' });
  await assert.rejects(ecr.call('DescribeImageReplicationStatus', { repositoryName: 'team/web', imageId: {} }), {
    code: 'InvalidParameterException',
  });
});

/** ECR with another registry in Ireland, which does with images what `push` says. */
async function reopen(push: ReplicationTargets['push']): Promise<void> {
  await ecr.close();
  ecr = openTestEcr({ replicationTargets: { has: ({ region }) => region === IRELAND, push } });
  await ecr.call('CreateRepository', { repositoryName: 'team/web' });
  await put({ to: [IRELAND, FRANKFURT], account: registryId });
}

test('a destination that is another registry is pushed to, with new tags only', async () => {
  const pushed: unknown[] = [];
  await reopen(async (to, { from, digest, tags }) => void pushed.push([to.region, from.name, digest, tags]));
  const digest = await push('team/web', 'one', 'v1');
  await ecr.reconcile();
  await setTag(digest, 'v2');
  await ecr.reconcile();
  assert.deepEqual(pushed, [
    [IRELAND, 'team/web', digest, ['v1']],
    [IRELAND, 'team/web', digest, ['v2']],
  ]);
  assert.deepEqual(
    new Set((await statusOf(digest))?.map(({ region, status }) => `${region} ${status}`)),
    new Set([`${IRELAND} COMPLETE`, `${FRANKFURT} COMPLETE`]),
  );
  await assert.rejects(imagesIn(IRELAND), { code: 'RepositoryNotFoundException' });
});

test('another registry that takes its time keeps nothing from a Region of this one', async () => {
  const released = Promise.withResolvers<void>();
  await reopen(() => released.promise);
  const digest = await push('team/web', 'one', 'v1');
  const reconciled = ecr.reconcile();
  const tagsInFrankfurt = async (count: number) => {
    let tags: (string | undefined)[] = [];
    for (let turn = 0; turn < 1000 && tags.length < count; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      tags = (await imagesIn(FRANKFURT).catch(() => [])).map(({ imageTag }) => imageTag);
    }
    return tags;
  };
  assert.deepEqual(await tagsInFrankfurt(1), ['v1']);
  await setTag(digest, 'v2');
  assert.deepEqual(await tagsInFrankfurt(2), ['v1', 'v2']);
  assert.deepEqual(
    (await statusOf(digest))?.find(({ region }) => region === IRELAND),
    { region: IRELAND, registryId, status: 'IN_PROGRESS' },
  );
  released.resolve();
  await reconciled;
});

test('another registry that does not answer is tried again; one that refuses is a failure, which a backfill makes good', async () => {
  let answer: Error | undefined = new RuntimeError('temporary', 'it does not answer');
  let tries = 0;
  await reopen(async () => {
    tries += 1;
    if (answer) throw answer;
  });
  const ireland = async (digest: string) => (await statusOf(digest))?.find(({ region }) => region === IRELAND);
  const digest = await push('team/web', 'one', 'v1');
  await ecr.reconcile();
  assert.equal((await ireland(digest))?.status, 'IN_PROGRESS');
  assert.deepEqual(await imagesIn(FRANKFURT), [{ imageDigest: digest, imageTag: 'v1' }]);
  answer = Object.assign(new RuntimeError('rejected', 'no'), { status: 401 });
  ecr.clock.advance(60_000);
  await ecr.reconcile();
  const failed = { region: IRELAND, registryId, status: 'FAILED', failureCode: 'AccessDenied' };
  assert.deepEqual(await ireland(digest), failed);
  const before = tries;
  await ecr.reconcile();
  assert.equal(tries, before);
  answer = undefined;
  await ecr.call('StartReplicationBackfill', { destination: { region: IRELAND, registryId } });
  await ecr.reconcile();
  assert.deepEqual(await ireland(digest), { region: IRELAND, registryId, status: 'COMPLETE' });
});

test('what another registry says no with is a failure code', async () => {
  const cases = [
    [Object.assign(new RuntimeError('rejected', 'no'), { status: 404 }), 'RepositoryNotFound'],
    [new RuntimeError('rejected', 'no'), 'ImageRejected'],
    [new ServiceError('UnableToAccessSecretException', 'no'), 'UnableToAccessSecret'],
  ] as const;
  for (const [error, failureCode] of cases) {
    await reopen(() => Promise.reject(error));
    const digest = await push('team/web', 'one', 'v1');
    await ecr.reconcile();
    const status = (await statusOf(digest))?.find(({ region }) => region === IRELAND);
    assert.deepEqual(status, { region: IRELAND, registryId, status: 'FAILED', failureCode });
  }
});
