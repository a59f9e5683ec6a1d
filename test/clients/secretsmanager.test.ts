import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { keptFiles } from '../harness/kept-files.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing } from '../harness/roles.ts';
import { lookUp, recorded } from '../harness/trail.ts';

/*
 * Secrets with Debian's aws CLI, or the SDK for what that CLI is too old for: what is read and by whom, that no value is
 * in the clear on the disk, in the log or in the audit trail, and that a crash takes nothing away.
 */

const ACCOUNT = '123456789012';
const SECRETS = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret`;
const NOT_FOUND = "ResourceNotFoundException: Secrets Manager can't find the specified secret.";
const MARKED =
  "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.";
/** Parts of values that must be nowhere. */
const HUSH = ['Tr0ub4dor-and-3', 'Xyzzy-plugh-99', 'Correct-horse-77', 'Battery-staple-42'] as const;

let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let folder: string;
let aws: Cli;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-secrets-'));
  server = await Longshore.start();
  clients = await server.clients();
  aws = cliOf(server);
});

after(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const create = (name: string, value: string, ...more: readonly string[]) =>
  aws(`secretsmanager create-secret --name ${name} --secret-string`, value, ...more);

const read = async (id: string, ...more: readonly string[]) =>
  (await aws(`secretsmanager get-secret-value --secret-id ${id}`, ...more)).SecretString;

/** The versions that have a label, by label. */
async function stages(id: string): Promise<Record<string, string>> {
  const { VersionIdsToStages } = await aws(`secretsmanager describe-secret --secret-id ${id}`);
  const pairs = Object.entries(VersionIdsToStages as Record<string, string[]>);
  return Object.fromEntries(pairs.flatMap(([version, labels]) => labels.map((label) => [label, version])));
}

describe('secrets', { concurrency: 4 }, () => {
  test('a secret is made, described, listed and read by name and ARN', async () => {
    const tags = '[{"Key":"team","Value":"web"}]';
    const made = await create('app/db', HUSH[0], '--description', 'The database', '--tags', tags);
    assert.match(made.ARN, /^arn:aws:secretsmanager:us-east-1:123456789012:secret:app\/db-[A-Za-z0-9]{6}$/);
    for (const id of ['app/db', made.ARN, made.ARN.slice(0, -7)]) assert.equal(await read(id), HUSH[0]);
    const described = await aws('secretsmanager describe-secret --secret-id app/db');
    assert.deepEqual(
      [described.Description, described.Tags, described.VersionIdsToStages],
      ['The database', JSON.parse(tags), { [made.VersionId]: ['AWSCURRENT'] }],
    );
    assert.match(described.LastAccessedDate, /T00:00:00/);
    const listed = await aws('secretsmanager list-secrets --filters Key=name,Values=app/ Key=tag-key,Values=team');
    assert.deepEqual(
      listed.SecretList.map(({ ARN }: { ARN: string }) => ARN),
      [made.ARN],
    );
    assert.equal(
      await aws.refused('secretsmanager create-secret --name app/db --secret-string x'),
      'ResourceExistsException: The operation failed because the secret app/db already exists.',
    );
    assert.equal(await aws.refused('secretsmanager get-secret-value --secret-id app'), NOT_FOUND);
    assert.equal(await aws.code('secretsmanager get-secret-value --secret-id a*b'), 'ValidationException');
  });

  test('bytes are read back as they were written', async () => {
    const bytes = Buffer.concat([Buffer.from(HUSH[1]), Buffer.from([0, 255, 128])]);
    await writeFile(join(folder, 'key'), bytes);
    await aws('secretsmanager create-secret --name app/key --secret-binary', `fileb://${join(folder, 'key')}`);
    const { SecretBinary } = await aws('secretsmanager get-secret-value --secret-id app/key');
    assert.deepEqual(Buffer.from(SecretBinary, 'base64'), bytes);
  });

  test('a rotation by hand: pending, current, and back', async () => {
    const { VersionId: first } = await create('rotated', 'one');
    const put = 'secretsmanager put-secret-value --secret-id rotated';
    const { VersionId: second } = await aws(`${put} --secret-string two --version-stages AWSPENDING`);
    assert.deepEqual(await stages('rotated'), { AWSCURRENT: first, AWSPENDING: second });
    assert.equal(await read('rotated', '--version-stage', 'AWSPENDING'), 'two');
    const move = 'secretsmanager update-secret-version-stage --secret-id rotated --version-stage AWSCURRENT';
    assert.match(
      await aws.refused(`${move} --move-to-version-id ${second}`),
      /^InvalidParameterException: The parameter RemoveFromVersionId can't be empty\./,
    );
    await aws(`${move} --move-to-version-id ${second} --remove-from-version-id ${first}`);
    assert.equal(await read('rotated'), 'two');
    assert.equal(await read('rotated', '--version-id', first), 'one');
    assert.equal(await read('rotated', '--version-stage', 'AWSPREVIOUS'), 'one');
    await aws(`${move} --move-to-version-id ${first} --remove-from-version-id ${second}`);
    assert.equal(await read('rotated'), 'one');
    await aws('secretsmanager update-secret --secret-id rotated --description new --secret-string three');
    assert.equal(await read('rotated'), 'three');
    await aws(`${put} --secret-string four`);
    const { Versions } = await aws('secretsmanager list-secret-version-ids --secret-id rotated --include-deprecated');
    assert.equal(Versions.length, 4);
  });

  test('a secret is deleted, restored, and deleted for good', async () => {
    const { ARN } = await create('short-lived', 'x');
    const { DeletionDate } = await aws(
      'secretsmanager delete-secret --secret-id short-lived --recovery-window-in-days 7',
    );
    assert.ok(Date.parse(DeletionDate) > Date.now() + 6.9 * 86_400_000);
    assert.equal(await aws.refused('secretsmanager get-secret-value --secret-id short-lived'), MARKED);
    assert.deepEqual((await aws('secretsmanager list-secrets --filters Key=name,Values=short')).SecretList, []);
    const { SecretList } = await aws('secretsmanager list-secrets --include-planned-deletion');
    assert.ok(SecretList.some((entry: { ARN: string }) => entry.ARN === ARN));
    await aws('secretsmanager restore-secret --secret-id short-lived');
    assert.equal(await read('short-lived'), 'x');
    await aws('secretsmanager delete-secret --secret-id short-lived --force-delete-without-recovery');
    assert.equal(await aws.refused('secretsmanager describe-secret --secret-id short-lived'), NOT_FOUND);
    assert.notEqual((await create('short-lived', 'y')).ARN, ARN);
  });

  test('policies with -?????? confine a user to a secret, tags and stages', async () => {
    await create('team/a', 'a', '--tags', '[{"Key":"team","Value":"web"}]');
    await create('team/b', 'b');
    await aws('secretsmanager put-secret-value --secret-id team/a --secret-string a2');
    const user = async (name: string, policy: string) => cliOf(server, await makeUser(clients.iam, name, { policy }));
    const one = await user('one', allowing(['secretsmanager:GetSecretValue'], [`${SECRETS}:team/a-??????`]));
    const get = 'secretsmanager get-secret-value --secret-id';
    assert.equal((await one(`${get} team/a`)).SecretString, 'a2');
    assert.match(
      await one.refused(`${get} team/b`),
      /^AccessDeniedException: User: \S+\/one is not authorized to perform: secretsmanager:GetSecretValue on resource: \S+:team\/b-\w{6} because no identity-based policy/,
    );
    assert.match(await one.refused(`${get} team/none`), /on resource: \S+:team\/none-\?{6} because/);
    const all = allowing(['secretsmanager:GetSecretValue'], ['*'], {
      StringEquals: { 'secretsmanager:ResourceTag/team': 'web', 'secretsmanager:VersionStage': 'AWSCURRENT' },
    });
    const tagged = await user('tagged', all);
    assert.equal((await tagged(`${get} team/a`)).SecretString, 'a2');
    assert.equal(await tagged.code(`${get} team/b`), 'AccessDeniedException');
    assert.equal(await tagged.code(`${get} team/a --version-stage AWSPREVIOUS`), 'AccessDeniedException');
    const maker = await user('maker', allowing(['secretsmanager:CreateSecret'], [`${SECRETS}:mine/*`]));
    await maker('secretsmanager create-secret --name mine/x');
    assert.equal(await maker.code('secretsmanager create-secret --name yours/x'), 'AccessDeniedException');
    const withTags = 'secretsmanager create-secret --name mine/y --tags Key=a,Value=b';
    assert.match(await maker.refused(withTags), /secretsmanager:TagResource/);
  });

  test('a resource policy lets a user in, and its Deny keeps root out', async () => {
    const guest = cliOf(server, await makeUser(clients.iam, 'guest'));
    await create('shared', 'for guests');
    const get = 'secretsmanager get-secret-value --secret-id shared';
    assert.equal(await guest.code(get), 'AccessDeniedException');
    const policyOf = (Effect: string, user: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect,
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:${user}` },
            Action: 'secretsmanager:GetSecretValue',
            Resource: '*',
          },
        ],
      });
    const put = 'secretsmanager put-resource-policy --secret-id shared --resource-policy';
    await aws(put, policyOf('Allow', 'user/guest'), '--block-public-policy');
    assert.equal((await guest(get)).SecretString, 'for guests');
    assert.equal(
      (await aws('secretsmanager get-resource-policy --secret-id shared')).ResourcePolicy,
      policyOf('Allow', 'user/guest'),
    );
    await aws(put, policyOf('Deny', 'root'));
    assert.match(await aws.refused(get), /explicit deny in a resource-based policy/);
    await aws('secretsmanager delete-resource-policy --secret-id shared');
    assert.equal(await read('shared'), 'for guests');
    assert.match(
      await aws.refused(put, policyOf('Allow', 'user/nobody')),
      /^MalformedPolicyDocumentException: .*principal/,
    );
    const validate = 'secretsmanager validate-resource-policy --resource-policy';
    assert.equal((await aws(validate, policyOf('Allow', 'user/guest'))).PolicyValidationPassed, true);
  });

  test('tags, random passwords and batches', async () => {
    await create('tagged', 't');
    await aws('secretsmanager tag-resource --secret-id tagged --tags Key=a,Value=1 Key=b,Value=2');
    await aws('secretsmanager untag-resource --secret-id tagged --tag-keys a');
    const { Tags } = await aws('secretsmanager describe-secret --secret-id tagged');
    assert.deepEqual(Tags, [{ Key: 'b', Value: '2' }]);
    const { RandomPassword } = await aws(
      'secretsmanager get-random-password --password-length 40 --exclude-punctuation',
    );
    assert.match(RandomPassword, /^[A-Za-z0-9]{40}$/);
    const batch = new BatchGetSecretValueCommand({ SecretIdList: ['tagged', 'none'] });
    const { SecretValues, Errors } = await clients.secretsmanager.send(batch);
    assert.deepEqual([SecretValues?.[0]?.SecretString, Errors?.[0]?.ErrorCode], ['t', 'ResourceNotFoundException']);
    const policy = allowing(['secretsmanager:BatchGetSecretValue']);
    const { secretsmanager } = await server.clients({
      credentials: await makeUser(clients.iam, 'batcher', { policy }),
    });
    const denied = await secretsmanager.send(batch);
    assert.deepEqual(denied.SecretValues, []);
    assert.match(
      denied.Errors?.[0]?.Message ?? '',
      /batcher is not authorized to perform: secretsmanager:GetSecretValue/,
    );
    const byFilter = new BatchGetSecretValueCommand({ Filters: [{ Key: 'name', Values: ['tagged'] }] });
    await assert.rejects(secretsmanager.send(byFilter), /not authorized to perform: secretsmanager:ListSecrets/);
    assert.equal((await clients.secretsmanager.send(byFilter)).SecretValues?.length, 1);
  });

  test('a call without what it must have is refused in the words of Secrets Manager', async () => {
    const { secretsmanager } = clients;
    await assert.rejects(secretsmanager.send(new GetSecretValueCommand({ SecretId: undefined })), {
      name: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
    });
    await assert.rejects(
      secretsmanager.send(new CreateSecretCommand({ Name: 'r', AddReplicaRegions: [{ Region: 'x' }] })),
      {
        name: 'InvalidParameterException',
      },
    );
    const rotate = await server.aws(['secretsmanager', 'rotate-secret', '--secret-id', 'app/db']);
    assert.match(rotate.stderr, /\(NotSupported\).*does not support secretsmanager:RotateSecret yet/s);
  });
});

test('no value is in the clear on the disk, in the log or in the audit trail', async () => {
  await aws('secretsmanager put-secret-value --secret-id app/db --secret-string', HUSH[2]);
  await aws('secretsmanager update-secret --secret-id app/db --secret-string', HUSH[3]);
  const { RandomPassword } = await aws('secretsmanager get-random-password --exclude-punctuation');
  await recorded(aws, 'EventName=GetRandomPassword');
  await recorded(aws, 'EventName=UpdateSecret');
  const needles = [...HUSH, RandomPassword as string].flatMap((text) => [text, Buffer.from(text).toString('base64')]);
  const trail = JSON.stringify(await lookUp(aws, 'EventSource=secretsmanager.amazonaws.com'));
  for (const needle of needles) {
    assert.ok(!trail.includes(needle.slice(0, 12)), 'in the trail');
    assert.ok(!server.log.includes(needle), 'in the log');
  }
  // Else files would come and go.
  await server.stop();
  const files = await keptFiles(server.home);
  assert.ok(files.some(({ path }) => path.startsWith('store.db')));
  for (const { path, bytes } of files) {
    for (const needle of needles) assert.ok(!bytes.includes(needle), `in ${path}`);
  }
  await server.up();
});

test('what was answered outlives kill -9, and the current version always has its value', async () => {
  const { secretsmanager } = clients;
  await create('crash', '0');
  let last = 0;
  const putting = (async () => {
    for (let n = 1; ; n++) {
      await secretsmanager.send(new PutSecretValueCommand({ SecretId: 'crash', SecretString: String(n) }));
      last = n;
      if (n === 20) void server.kill9();
    }
  })();
  await assert.rejects(putting);
  await server.kill9();
  await server.up();
  const current = Number(await read('crash'));
  assert.ok(current === last || current === last + 1, `${current} after ${last}`);
  assert.equal(Number(await read('crash', '--version-stage', 'AWSPREVIOUS')), current - 1);
  assert.equal(await read('app/db'), HUSH[3]);
});
