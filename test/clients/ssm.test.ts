import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  ParameterNotFound,
  ParameterVersionNotFound,
  PutParameterCommand,
  paginateDescribeParameters,
  paginateGetParametersByPath,
} from '@aws-sdk/client-ssm';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { keptFiles } from '../harness/kept-files.ts';
import { Longshore } from '../harness/longshore.ts';

/*
 * Parameter Store as its users have it, with Debian's aws CLI and the SDK.
 */

const ACCOUNT = '123456789012';
const PREFIX = `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter`;
const SECRET = `hush-${randomBytes(8).toString('hex')}`;

let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let aws: Cli;

before(async () => {
  server = await Longshore.start();
  clients = await server.clients();
  aws = cliOf(server);
});

after(() => server?.remove());

const policyOf = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** The CLI of a user who may do just this. */
async function userWith(name: string, ...statements: readonly object[]): Promise<Cli> {
  return cliOf(server, await makeUser(clients.iam, name, { policy: policyOf(...statements) }));
}

/** Every byte that the server keeps, and what it has printed. */
async function everyByte(): Promise<string> {
  const files = await keptFiles(server.home);
  return [server.log, ...files.map(({ bytes }) => bytes.toString('latin1'))].join('\n');
}

test('parameters of every type, through the CLI', async () => {
  const put = 'ssm put-parameter --name';
  assert.deepEqual(await aws(`${put} /app/url --type String --value http://x --tags Key=team,Value=web`), {
    Version: 1,
    Tier: 'Standard',
  });
  await aws(`${put} /app/hosts --type StringList --value a,b`);
  await aws(`${put} /app/password --type SecureString --value ${SECRET}`);
  assert.match(
    await aws.refused(`${put} /app/url --type String --value y`),
    /^ParameterAlreadyExists: The parameter alr/,
  );
  assert.equal((await aws(`${put} /app/url --value http://y --overwrite`)).Version, 2);
  assert.equal(
    (await aws(`${put} /app/large --type String --tier Intelligent-Tiering --value ${'x'.repeat(5000)}`)).Tier,
    'Advanced',
  );

  const { Parameter } = await aws('ssm get-parameter --name /app/url');
  assert.deepEqual([Parameter.Value, Parameter.Version, Parameter.ARN], ['http://y', 2, `${PREFIX}/app/url`]);
  assert.equal((await aws('ssm get-parameter --name /app/url:1')).Parameter.Value, 'http://x');
  const sealed = await aws('ssm get-parameter --name /app/password');
  assert.ok(!JSON.stringify(sealed).includes(SECRET));
  const opened = await aws('ssm get-parameter --with-decryption --name /app/password');
  assert.equal(opened.Parameter.Value, SECRET);
  const several = await aws('ssm get-parameters --with-decryption --names /app/password /app/hosts /none');
  assert.deepEqual(
    several.Parameters.map(({ Value }: { Value: string }) => Value),
    [SECRET, 'a,b'],
  );
  assert.deepEqual(several.InvalidParameters, ['/none']);
  assert.equal(await aws.refused('ssm get-parameter --name /none'), 'ParameterNotFound: ');
  const { Parameters } = await aws('ssm get-parameters-by-path --path /app --recursive --max-items 2');
  assert.equal(Parameters.length, 2);
  const { Parameters: secure } = await aws('ssm describe-parameters --parameter-filters Key=Type,Values=SecureString');
  assert.deepEqual([secure.length, secure[0].KeyId], [1, 'alias/aws/ssm']);
});

test('labels, history and tags, through the CLI', async () => {
  await aws('ssm label-parameter-version --name /app/url --parameter-version 1 --labels blue');
  const { InvalidLabels } = await aws('ssm label-parameter-version --name /app/url --labels green 9');
  assert.deepEqual(InvalidLabels, ['9']);
  assert.equal((await aws('ssm get-parameter --name /app/url:blue')).Parameter.Selector, ':blue');
  const { Parameters } = await aws('ssm get-parameter-history --name /app/url');
  assert.deepEqual(
    Parameters.map(({ Version, Labels }: { Version: number; Labels: string[] }) => [Version, Labels]),
    [
      [1, ['blue']],
      [2, ['green']],
    ],
  );
  const unlabel = 'ssm unlabel-parameter-version --name /app/url --parameter-version 1 --labels blue';
  assert.deepEqual((await aws(unlabel)).RemovedLabels, ['blue']);
  assert.equal(await aws.code('ssm get-parameter --name /app/url:blue'), 'ParameterVersionNotFound');

  const of = '--resource-type Parameter --resource-id /app/url';
  await aws(`ssm add-tags-to-resource ${of} --tags Key=tier,Value=front`);
  await aws(`ssm remove-tags-from-resource ${of} --tag-keys team`);
  const { TagList } = await aws(`ssm list-tags-for-resource ${of}`);
  assert.deepEqual(TagList, [{ Key: 'tier', Value: 'front' }]);
});

test('the SDK pages, and knows the errors by class', async () => {
  const { ssm } = clients;
  for (let i = 0; i < 60; i++) {
    const Name = `/many/p${String(i).padStart(2, '0')}`;
    await ssm.send(new PutParameterCommand({ Name, Value: 'x', Type: 'String' }));
  }
  const names: (string | undefined)[] = [];
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: '/many' })) {
    names.push(...(page.Parameters ?? []).map(({ Name }) => Name));
  }
  assert.deepEqual([names.length, new Set(names).size], [60, 60]);
  const ParameterFilters = [{ Key: 'Path', Values: ['/many'] }];
  let described = 0;
  for await (const page of paginateDescribeParameters({ client: ssm }, { ParameterFilters })) {
    described += page.Parameters?.length ?? 0;
  }
  assert.equal(described, 60);
  const get = (Name: string) => ssm.send(new GetParameterCommand({ Name }));
  await assert.rejects(get('/none'), ParameterNotFound);
  await assert.rejects(get('/many/p00:7'), ParameterVersionNotFound);
  assert.ok((await get('/many/p00')).Parameter?.LastModifiedDate instanceof Date);
  const unnamed = new GetParametersByPathCommand({ Path: undefined });
  await assert.rejects(ssm.send(unnamed), {
    name: 'ValidationException',
    message: "1 validation error detected: Value null at 'path' failed to satisfy constraint: Member must not be null",
  });
});

test('policies hold: by name, by tag, and on overwriting', async () => {
  await aws('ssm put-parameter --name /other/x --type String --value x');
  const read = { Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: `${PREFIX}/app/*` };
  const reader = await userWith('reader', read);
  assert.equal((await reader('ssm get-parameter --name /app/url')).Parameter.Value, 'http://y');
  const refused = new RegExp(`not authorized to perform: ssm:GetParameters on resource: ${PREFIX}/other/x because no`);
  assert.match(await reader.refused('ssm get-parameters --names /app/url /other/x'), refused);
  assert.equal(await reader.code('ssm put-parameter --name /app/url --value z --overwrite'), 'AccessDeniedException');

  const tagged = { StringEquals: { 'aws:ResourceTag/tier': 'front' } };
  const byTag = await userWith('by-tag', {
    Effect: 'Allow',
    Action: 'ssm:GetParameter',
    Resource: '*',
    Condition: tagged,
  });
  assert.equal((await byTag('ssm get-parameter --name /app/url')).Parameter.Version, 2);
  assert.equal(await byTag.code('ssm get-parameter --name /other/x'), 'AccessDeniedException');

  const overwriting = { StringEquals: { 'ssm:Overwrite': 'true' } };
  const creator = await userWith(
    'creator',
    { Effect: 'Allow', Action: 'ssm:PutParameter', Resource: '*' },
    { Effect: 'Deny', Action: 'ssm:PutParameter', Resource: '*', Condition: overwriting },
  );
  await creator('ssm put-parameter --name /new --type String --value x');
  assert.match(await creator.refused('ssm put-parameter --name /new --value y --overwrite'), /with an explicit deny/);
});

test('a secret of Secrets Manager by reference, for who may read both', async () => {
  const { ARN } = await aws('secretsmanager create-secret --name team/db --secret-string', SECRET);
  const name = '/aws/reference/secretsmanager/team/db';
  const get = `ssm get-parameter --with-decryption --name ${name}`;
  const { Parameter } = await aws(get);
  assert.deepEqual([Parameter.Value, Parameter.ARN, Parameter.Version], [SECRET, ARN, 0]);
  assert.equal(JSON.parse(Parameter.SourceResult).SecretString, SECRET);
  assert.match(await aws.refused(`${get}x`), /^ParameterNotFound: .*Secret \S+dbx not found\.$/);
  assert.match(
    await aws.refused(`ssm get-parameter --name ${name}`),
    /^ValidationException: WithDecryption flag must be/,
  );

  const parameter = { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: `${PREFIX}${name}` };
  const half = await userWith('half', parameter);
  assert.match(await half.refused(get), /user\/half is not authorized to perform: secretsmanager:GetSecretValue on/);
  const secret = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ARN };
  const whole = await userWith('whole', parameter, secret);
  assert.equal((await whole(get)).Parameter.Value, SECRET);
});

test('SecureStrings are in no file and no log, and outlive a kill', async () => {
  assert.ok((await everyByte()).includes('http://y'));
  assert.ok(!(await everyByte()).includes(SECRET));
  await aws('ssm put-parameter --name /app/last --type SecureString --value', `${SECRET} last`);
  await server.kill9();
  assert.ok(!(await everyByte()).includes(SECRET));
  await server.up();
  const { Parameter } = await aws('ssm get-parameter --with-decryption --name /app/last');
  assert.equal(Parameter.Value, `${SECRET} last`);
  assert.equal((await aws('ssm get-parameter --name /app/url:green')).Parameter.Value, 'http://y');
});

test('deleted parameters are gone, their versions with them', async () => {
  await aws('ssm delete-parameter --name /app/url');
  assert.equal(await aws.code('ssm delete-parameter --name /app/url'), 'ParameterNotFound');
  assert.deepEqual(await aws('ssm delete-parameters --names /app/hosts /app/url'), {
    DeletedParameters: ['/app/hosts'],
    InvalidParameters: ['/app/url'],
  });
  assert.equal(await aws.code('ssm get-parameter-history --name /app/url'), 'ParameterNotFound');
});
