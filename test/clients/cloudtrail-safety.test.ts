import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ImportCertificateCommand } from '@aws-sdk/client-acm';
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import { cliOf, credentialsIn } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { keptFiles } from '../harness/kept-files.ts';
import { Longshore } from '../harness/longshore.ts';
import { executionRole, trusting } from '../harness/roles.ts';
import { createPlacement, given } from '../harness/site-parts.ts';
import { lookUp, recorded } from '../harness/trail.ts';
import { until } from '../harness/until.ts';

/*
 * What must not be in the audit trail: secrets, looked for in the files themselves. What must: what services do in the
 * user's name, and every call that was answered, though the server was killed the moment after.
 */

const ACCOUNT = '123456789012';

let server: Longshore;
let aws: Cli;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
});

after(() => server?.remove());

/** Every byte that the trail has on disk: its store, the store's log and the journal. */
async function trailBytes(): Promise<Buffer> {
  const files = await keptFiles(server.home);
  const own = files.filter(({ path }) => /^trail[./]/.test(path));
  assert.ok(own.some(({ path }) => path === 'trail.db'));
  return Buffer.concat(own.map(({ bytes }) => bytes));
}

test('secrets are nowhere in the trail', async () => {
  const secrets = new Map<string, string>();
  secrets.set('root', (await server.credentials()).secretAccessKey);
  await aws('iam create-user --user-name keeper');
  const { AccessKey } = await aws('iam create-access-key --user-name keeper');
  secrets.set('CreateAccessKey', AccessKey.SecretAccessKey);
  const passwords = ['first', 'second', 'third'].map((word) => `${word}-Password-${randomBytes(4).toString('hex')}`);
  const [first = '', second = '', third = ''] = passwords;
  await aws('iam create-login-profile --user-name keeper --password', first);
  await aws('iam update-login-profile --user-name keeper --password', second);
  secrets.set('CreateLoginProfile', first).set('UpdateLoginProfile', second);
  await cliOf(server, { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey }).refused(
    `iam change-password --old-password ${second} --new-password`,
    third,
  );
  secrets.set('ChangePassword', third);
  await aws('iam create-role --role-name kept --assume-role-policy-document', trusting({ AWS: ACCOUNT }));
  const role = `sts assume-role --role-arn arn:aws:iam::${ACCOUNT}:role/kept --role-session-name kept`;
  for (const line of [role, 'sts get-session-token', 'sts get-federation-token --name guest']) {
    // Root may take on no role.
    const ran = await server.aws(line.split(' '));
    if (ran.code !== 0) continue;
    const { secretAccessKey, sessionToken = '' } = credentialsIn(JSON.parse(ran.stdout));
    secrets.set(`${line}: key`, secretAccessKey).set(`${line}: token`, sessionToken);
  }
  const { authorizationData } = await aws('ecr get-authorization-token');
  const token: string = authorizationData[0].authorizationToken;
  secrets.set('GetAuthorizationToken', token);
  secrets.set('GetAuthorizationToken, decoded', Buffer.from(token, 'base64').toString().replace('AWS:', ''));
  const { acm, sts } = await server.clients();
  const webToken = `header.${randomBytes(30).toString('hex')}.signature`;
  await assert.rejects(
    sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/kept`,
        RoleSessionName: 'web',
        WebIdentityToken: webToken,
      }),
    ),
  );
  secrets.set('WebIdentityToken', webToken);
  const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  await acm
    .send(new ImportCertificateCommand({ Certificate: Buffer.from('none'), PrivateKey: Buffer.from(privateKey) }))
    .catch(() => {});
  secrets.set('PrivateKey', String(privateKey).split('\n')[1] ?? '');
  secrets.set('PrivateKey, in base64', Buffer.from(privateKey).toString('base64').slice(0, 60));

  const names = [
    'CreateAccessKey',
    'CreateLoginProfile',
    'GetAuthorizationToken',
    'ImportCertificate',
    'ChangePassword',
  ];
  for (const name of names) await recorded(aws, `EventName=${name}`);
  assert.deepEqual((await recorded(aws, 'EventName=CreateLoginProfile')).event.requestParameters, {
    userName: 'keeper',
  });
  assert.equal((await recorded(aws, 'EventName=GetAuthorizationToken')).event.responseElements, null);
  const check = async () => {
    const bytes = await trailBytes();
    assert.ok(bytes.includes('CreateLoginProfile'), 'the trail is read');
    for (const [what, secret] of secrets) {
      assert.ok(secret.length >= 16, `${what}: ${secret}`);
      assert.ok(!bytes.includes(secret), `${what} is in the trail`);
      assert.ok(!server.log.includes(secret), `${what} is in the log`);
    }
  };
  await check();
  await server.stop();
  await check();
  await server.up();
  assert.ok(secrets.size >= 12, [...secrets.keys()].join());
});

test('what ECS does for a task is there, under its service-linked role', async () => {
  const clients = await server.clients();
  const { ecs } = clients;
  const placement = await createPlacement(clients, 'seen');
  await ecs.send(new CreateClusterCommand({ clusterName: 'seen' }));
  // The network interface comes before the image, so there need not be one.
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'seen',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: await executionRole(clients),
      containerDefinitions: [{ name: 'none', image: `127.0.0.1:${server.port}/none:v1` }],
    }),
  );
  const { tasks } = await ecs.send(
    new RunTaskCommand({
      cluster: 'seen',
      taskDefinition: given(taskDefinition?.taskDefinitionArn, 'ARN'),
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...placement.subnetIds] } },
    }),
  );
  const { event } = await recorded(aws, 'EventName=CreateNetworkInterface');
  const { Role } = await aws('iam get-role --role-name AWSServiceRoleForECS');
  const { sessionContext, principalId, arn } = event.userIdentity;
  const session = principalId.slice(`${Role.RoleId}:`.length);
  assert.deepEqual(event.userIdentity, {
    type: 'AssumedRole',
    principalId: `${Role.RoleId}:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSServiceRoleForECS/${session}`,
    accountId: ACCOUNT,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: Role.RoleId,
        arn: Role.Arn,
        accountId: ACCOUNT,
        userName: 'AWSServiceRoleForECS',
      },
      attributes: { creationDate: sessionContext.attributes.creationDate, mfaAuthenticated: 'false' },
    },
    invokedBy: 'ecs.amazonaws.com',
  });
  assert.deepEqual([event.sourceIPAddress, event.userAgent], ['ecs.amazonaws.com', 'ecs.amazonaws.com']);
  const id = event.responseElements.networkInterface.networkInterfaceId;
  assert.ok(placement.subnetIds.includes(event.requestParameters.subnetId));
  await until('the task has stopped', async () => {
    const seen = await ecs.send(new DescribeTasksCommand({ cluster: 'seen', tasks: [tasks?.[0]?.taskArn ?? ''] }));
    return seen.tasks?.[0]?.lastStatus === 'STOPPED';
  });
  const gone = await recorded(aws, `ResourceName=${id}`, (one) => one.eventName === 'DeleteNetworkInterface');
  assert.equal(gone.event.userIdentity.arn, arn);
  const run = await recorded(aws, 'EventName=RunTask');
  assert.equal(run.event.userIdentity.type, 'Root');
  assert.equal(run.event.responseElements.tasks[0].taskArn, tasks?.[0]?.taskArn);
});

test('a server that is killed the moment after an answer has its event, once', async () => {
  for (const round of [1, 2, 3]) {
    const { ecs } = await server.clients();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ecs.send(new CreateClusterCommand({ clusterName: `killed-${round}-${i}` }))),
    );
    await server.kill9();
    await server.up();
    const wanted = new Set(answers.map(({ $metadata }) => $metadata.requestId));
    const events = await until('every call is recorded', async () => {
      const all = await lookUp(aws, 'EventName=CreateCluster');
      const own = all.filter(({ event }) => event.requestParameters.clusterName.startsWith(`killed-${round}-`));
      return own.length >= wanted.size && own;
    });
    assert.deepEqual(new Set(events.map(({ event }) => event.requestID)), wanted);
    assert.equal(events.length, wanted.size, 'each once');
  }
  assert.doesNotMatch(server.log, /audit journal|audit trail/);
});
