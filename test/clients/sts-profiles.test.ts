import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import type { TestProvider } from '../../src/identity/oidc/testing.ts';
import { openTestProvider } from '../../src/identity/oidc/testing.ts';
import { openAwsHosts } from '../harness/aws-hosts.ts';
import type { AwsHosts } from '../harness/aws-hosts.ts';
import { cliOf } from '../harness/cli.ts';
import type { Credentials } from '../harness/cli.ts';
import { makeRole, makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing, trusting } from '../harness/roles.ts';
import { must, run } from '../harness/run.ts';
import type { Ran } from '../harness/run.ts';

/*
 * Roles that clients assume by themselves: by a profile of their configuration, and with the token of an OpenID Connect
 * provider, as a workflow of GitHub Actions does. Debian's aws CLI (2.9) asks AWS's own host for them, and is led here;
 * the SDK reads AWS_ENDPOINT_URL.
 */

const ACCOUNT = 'arn:aws:iam::123456789012';
const SESSIONS = 'arn:aws:sts::123456789012:assumed-role';
const STS_HOST = 'sts.us-east-1.amazonaws.com';
const NO_KEY = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' };
const IDENTITY = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'];
/** Says who it is, or why not, with whatever credentials the SDK finds. */
const SDK = `
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const { Arn } = await new STSClient({ maxAttempts: 1 }).send(new GetCallerIdentityCommand({})).catch(
    (error) => ({ Arn: error.name + ': ' + error.message }));
  console.log(Arn);`;

let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let hosts: AwsHosts;
let provider: TestProvider;
let folder: string;
let base: Credentials;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-profiles-'));
  server = await Longshore.start();
  clients = await server.clients();
  hosts = await openAwsHosts(server.endpoint, [STS_HOST]);
  provider = await openTestProvider();
  await writeFile(join(folder, 'authority.pem'), hosts.authority);
  base = await makeUser(clients.iam, 'base', { policy: allowing(['sts:AssumeRole']) });
});

after(async () => {
  await provider?.close();
  await hosts?.close();
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** The CLI at home in the test's folder, where it keeps its configuration and its cache. */
function aws(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return server.aws(args, {
    HOME: folder,
    HTTPS_PROXY: hosts.proxy,
    AWS_CA_BUNDLE: join(folder, 'authority.pem'),
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    ...env,
  });
}

async function sdk(env: Readonly<Record<string, string>>): Promise<string> {
  const printed = await must(process.execPath, ['--input-type=module', '--eval', SDK], {
    cwd: import.meta.dirname,
    env: {
      ...NO_KEY,
      HOME: folder,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      ...env,
    },
  });
  return printed.trim();
}

test('a profile with role_arn, source_profile, external_id and role_session_name', async () => {
  const trust = trusting({ AWS: `${ACCOUNT}:user/base` }, { StringEquals: { 'sts:ExternalId': 'agreed' } });
  const policy = allowing(['sts:AssumeRole', 'ecs:ListClusters']);
  const app = await makeRole(clients.iam, 'app', trust, { path: '/service/', policy });
  const next = await makeRole(clients.iam, 'next', trusting({ AWS: app }));
  const profile = (name: string, lines: readonly string[]) => [`[profile ${name}]`, ...lines, ''];
  const config = [
    ...profile('app', [
      `role_arn = ${app}`,
      'source_profile = base',
      'external_id = agreed',
      'role_session_name = from-config',
      'duration_seconds = 900',
    ]),
    ...profile('stranger', [`role_arn = ${app}`, 'source_profile = base', 'external_id = guessed']),
    ...profile('chain', [`role_arn = ${next}`, 'source_profile = app', 'role_session_name = second']),
  ];
  const { accessKeyId, secretAccessKey } = base;
  await writeFile(join(folder, 'config'), config.join('\n'));
  await writeFile(
    join(folder, 'credentials'),
    `[base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  const identity = await aws([...IDENTITY, '--profile', 'app']);
  assert.equal(identity.stdout.trim(), `${SESSIONS}/app/from-config`, identity.stderr);
  assert.deepEqual([...new Set(hosts.asked)], [`${STS_HOST}:443`]);
  // One after the other: each writes the sessions that it got into the CLI's cache, where another would read half of one.
  const listed = await aws(['ecs', 'list-clusters', '--profile', 'app']);
  const created = await aws(['ecs', 'create-cluster', '--profile', 'app']);
  const chained = await aws([...IDENTITY, '--profile', 'chain']);
  const stranger = await aws([...IDENTITY, '--profile', 'stranger']);
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(
    created.stderr,
    /AccessDeniedException.*app\/from-config is not authorized to perform: ecs:CreateCluster/,
  );
  assert.equal(chained.stdout.trim(), `${SESSIONS}/next/second`, chained.stderr);
  assert.match(
    stranger.stderr,
    /\(AccessDenied\) when calling the AssumeRole operation: User: arn:aws:iam::123456789012:user\/base is not authorized to perform: sts:AssumeRole/,
  );
  assert.equal(await sdk({ AWS_PROFILE: 'app' }), `${SESSIONS}/app/from-config`);
  assert.equal(await sdk({ AWS_PROFILE: 'chain' }), `${SESSIONS}/next/second`);
  assert.match(await sdk({ AWS_PROFILE: 'stranger' }), /^AccessDenied: User: /);
});

test('a workflow of GitHub Actions gets its role for its token, and no other branch does', async () => {
  const { iam } = clients;
  const root = cliOf(server);
  const url = `https://${provider.url}`;
  const create = `iam create-open-id-connect-provider --url ${url} --client-id-list sts.amazonaws.com`;
  const { OpenIDConnectProviderArn: Federated } = await root(`${create} --thumbprint-list ${provider.thumbprint}`);
  assert.equal(Federated, `${ACCOUNT}:oidc-provider/${provider.url}`);
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Federated },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${provider.url}:aud`]: 'sts.amazonaws.com' },
        StringLike: { [`${provider.url}:sub`]: 'repo:org/name:ref:refs/heads/main' },
      },
    },
  });
  const role = await makeRole(iam, 'deploy', trust, { policy: allowing(['ecs:ListClusters']) });
  const claims = (changes: object = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const sub = 'repo:org/name:ref:refs/heads/main';
    return { sub, aud: 'sts.amazonaws.com', iat: now, nbf: now - 5, exp: now + 300, ...changes };
  };
  const withToken = async (token: string, session: string) => {
    const file = join(folder, `${session}.token`);
    await writeFile(file, token);
    return {
      ...NO_KEY,
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: role,
      AWS_ROLE_SESSION_NAME: session,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
  };
  const env = await withToken(await provider.sign(claims()), 'GitHubActions');
  const identity = await aws(IDENTITY, env);
  assert.equal(identity.stdout.trim(), `${SESSIONS}/deploy/GitHubActions`, identity.stderr);
  assert.equal((await aws(['ecs', 'list-clusters'], env)).code, 0);
  assert.match((await aws(['ecs', 'create-cluster'], env)).stderr, /AccessDeniedException/);
  assert.equal(await sdk(env), `${SESSIONS}/deploy/GitHubActions`);

  const now = Math.floor(Date.now() / 1000);
  const notAllowed = 'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity';
  const cases: readonly (readonly [token: string, refused: string | RegExp])[] = [
    [await provider.sign(claims({ sub: 'repo:org/name:ref:refs/heads/other' })), notAllowed],
    [await provider.sign(claims({ sub: 'repo:other/name:ref:refs/heads/main' })), notAllowed],
    [await provider.sign(claims({ aud: 'elsewhere' })), /^InvalidIdentityToken: /],
    [
      await provider.sign(claims({ iss: 'https://localhost:1' })),
      /^InvalidIdentityToken: No OpenIDConnect provider found/,
    ],
    [await provider.sign(claims({ iat: now - 7200, exp: now - 3600 })), /^ExpiredTokenException: /],
    [await provider.sign(claims(), { stranger: true }), /^InvalidIdentityToken: /],
    ['not.a.token', /^InvalidIdentityToken: /],
  ];
  for (const [index, [token, refused]] of cases.entries()) {
    const call = await withToken(token, `case-${index}`);
    const said = (await aws(IDENTITY, call)).stderr;
    const [, code, message] = /\((.*?)\) when calling the AssumeRoleWithWebIdentity operation: (.*)/.exec(said) ?? [];
    const text = `${code}: ${message}`;
    if (typeof refused === 'string') assert.equal(text, refused, String(index));
    else assert.match(text, refused, `${index}: ${said}`);
  }

  // What the token proves is in the session: the role's trust and policies may ask for it.
  const assumed = await root(
    `sts assume-role-with-web-identity --role-arn ${role} --role-session-name by-hand --web-identity-token`,
    await provider.sign(claims()),
  );
  assert.equal(assumed.SubjectFromWebIdentityToken, 'repo:org/name:ref:refs/heads/main');
  assert.deepEqual([assumed.Audience, assumed.Provider], ['sts.amazonaws.com', Federated]);
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'deploy',
      PolicyName: 'inline',
      PolicyDocument: allowing(['ecs:ListClusters'], ['*'], {
        StringEquals: {
          'aws:FederatedProvider': Federated,
          [`${provider.url}:sub`]: assumed.SubjectFromWebIdentityToken,
        },
      }),
    }),
  );
  assert.equal((await aws(['ecs', 'list-clusters'], env)).code, 0);

  await iam.send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: 'deploy',
      PolicyDocument: trusting({ AWS: '123456789012' }),
    }),
  );
  // Another session: the CLI keeps the credentials of the first.
  const late = await withToken(await provider.sign(claims()), 'late');
  assert.match((await aws(IDENTITY, late)).stderr, /Not authorized to perform sts:AssumeRoleWithWebIdentity/);
});

test('the token of a web identity stands in no log', async () => {
  const token = await provider.sign({ sub: 'secret-subject', aud: 'sts.amazonaws.com' });
  const call = `Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=${ACCOUNT}:role/deploy&RoleSessionName=log`;
  const body = `${call}&WebIdentityToken=${token}`;
  const answer = await run('curl', ['--silent', '--max-time', '20', '--data', body, server.endpoint]);
  assert.match(answer.stdout, /<Code>\w+<\/Code>/);
  assert.ok(!answer.stdout.includes(token) && !server.log.includes(token));
});
