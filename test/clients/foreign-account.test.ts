import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { DeleteTrailCommand } from '@aws-sdk/client-cloudtrail';
import { ListTagsForResourceCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import {
  CreateClusterCommand,
  DeleteServiceCommand,
  DescribeClustersCommand,
  DescribeTaskDefinitionCommand,
  ListTasksCommand,
  StopTaskCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs';
import { DeleteTargetGroupCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AttachUserPolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { CALLEES } from '../harness/callees.ts';
import { credentialsIn } from '../harness/cli.ts';
import type { Credentials } from '../harness/cli.ts';
import { makeRole, makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing, trusting } from '../harness/roles.ts';

/*
 * Two servers, an account each: the keys and sessions of one are nobody's at the other, and whoever is known here, root
 * too, has no say over what bears the other account's number.
 */

type Clients = Awaited<ReturnType<Longshore['clients']>>;

const HERE = '123456789012';
const THERE = '210987654321';
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

let here: Longshore;
let there: Longshore;
let strangers: Readonly<Record<string, Credentials>>;

before(async () => {
  [here, there] = await Promise.all([Longshore.start(), Longshore.start({ args: ['--account', THERE] })]);
  const { iam } = await there.clients();
  const user = await makeUser(iam, 'admin', { managed: [ADMIN] });
  const { sts } = await there.clients({ credentials: user });
  const RoleArn = await makeRole(iam, 'role', trusting({ AWS: THERE }), { managed: [ADMIN] });
  strangers = {
    root: await there.credentials(),
    user,
    'session of a user': sessionOf(await sts.send(new GetSessionTokenCommand({}))),
    'session of a role': sessionOf(await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'out' }))),
  };
});

after(async () => {
  await Promise.all([here?.remove(), there?.remove()]);
});

function sessionOf({ Credentials: made }: { readonly Credentials?: object | undefined }): Credentials {
  return credentialsIn({ Credentials: made });
}

async function refusal(call: Promise<unknown>): Promise<{ readonly name: string; readonly message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return { name: 'accepted', message: '' };
}

test('they are known at home', async () => {
  for (const credentials of Object.values(strangers)) {
    const { sts } = await there.clients({ credentials });
    assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Account, THERE);
  }
});

for (const callee of CALLEES) {
  test(`${callee.name}: another account’s keys and sessions are nobody’s`, async () => {
    const [code, , message] = callee.answers.unknownKey;
    for (const [what, credentials] of Object.entries(strangers)) {
      const config = { endpoint: here.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
      const refused = await refusal(callee.sdk(config));
      assert.equal(refused.name, code, `${what}: ${refused.message}`);
      assert.match(refused.message, message, what);
    }
  });
}

/** Calls that name a thing of the other account, by protocol, with the action and the ARN that are refused. */
function foreignCalls(
  clients: Clients,
): Readonly<Record<string, readonly [call: () => Promise<unknown>, on?: string]>> {
  const { ecs, ecr, logs, acm, cloudtrail, elbv2, iam, s3 } = clients;
  const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:${THERE}:${rest}`;
  const cluster = arn('ecs', 'cluster/web');
  const task = arn('ecs', 'task/default/0123456789abcdef0123456789abcdef');
  const service = arn('ecs', 'service/default/web');
  const group = arn('logs', 'log-group:/web');
  const certificate = arn('acm', 'certificate/01234567-89ab-cdef-0123-456789abcdef');
  const trail = arn('cloudtrail', 'trail/all');
  const target = arn('elasticloadbalancing', 'targetgroup/web/0123456789abcdef');
  const policy = `arn:aws:iam::${THERE}:policy/web`;
  const provider = `arn:aws:iam::${THERE}:oidc-provider/token.example.com`;
  const repositoryName = 'web';
  return {
    'ecs:DescribeClusters': [() => ecs.send(new DescribeClustersCommand({ clusters: [cluster] })), cluster],
    'ecs:TagResource': [
      () => ecs.send(new TagResourceCommand({ resourceArn: cluster, tags: [{ key: 'a' }] })),
      cluster,
    ],
    'ecs:StopTask': [() => ecs.send(new StopTaskCommand({ task })), task],
    'ecs:DeleteService': [() => ecs.send(new DeleteServiceCommand({ service })), service],
    'ecr:CreateRepository': [
      () => ecr.send(new CreateRepositoryCommand({ registryId: THERE, repositoryName })),
      arn('ecr', 'repository/web'),
    ],
    'ecr:DescribeRepositories': [
      () => ecr.send(new DescribeRepositoriesCommand({ registryId: THERE, repositoryNames: [repositoryName] })),
      arn('ecr', 'repository/web'),
    ],
    'logs:ListTagsForResource': [() => logs.send(new ListTagsForResourceCommand({ resourceArn: group })), group],
    'acm:DescribeCertificate': [
      () => acm.send(new DescribeCertificateCommand({ CertificateArn: certificate })),
      certificate,
    ],
    'cloudtrail:DeleteTrail': [() => cloudtrail.send(new DeleteTrailCommand({ Name: trail })), trail],
    'elasticloadbalancing:DeleteTargetGroup': [
      () => elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn: target })),
      target,
    ],
    'iam:GetPolicy': [() => iam.send(new GetPolicyCommand({ PolicyArn: policy })), policy],
    'iam:DeletePolicy': [() => iam.send(new DeletePolicyCommand({ PolicyArn: policy })), policy],
    'iam:GetOpenIDConnectProvider': [
      () => iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: provider })),
      provider,
    ],
    's3:ListBucket': [() => s3.send(new ListObjectsV2Command({ Bucket: 'mine', ExpectedBucketOwner: THERE }))],
  };
}

test('root and an administrator here have no say over what is there', async () => {
  const root = await here.clients();
  await root.s3.send(new CreateBucketCommand({ Bucket: 'mine' }));
  await root.ecs.send(new CreateClusterCommand({ clusterName: 'default' }));
  const admin = await here.clients({ credentials: await makeUser(root.iam, 'admin', { managed: [ADMIN] }) });
  for (const [name, clients] of Object.entries({ root, 'user/admin': admin })) {
    const who = `arn:aws:iam::${HERE}:${name}`;
    for (const [action, [call, on]] of Object.entries(foreignCalls(clients))) {
      const { name: code, message } = await refusal(call());
      assert.match(code, /^AccessDenied(?:Exception)?$/, `${action}: ${message}`);
      if (on === undefined) continue;
      const because = `because no resource-based policy allows the ${action} action`;
      assert.equal(message, `User: ${who} is not authorized to perform: ${action} on resource: ${on} ${because}`);
    }
    const { ecs, elbv2, ec2 } = clients;
    const cluster = `arn:aws:ecs:us-east-1:${THERE}:cluster/web`;
    const target = `arn:aws:elasticloadbalancing:us-east-1:${THERE}:targetgroup/web/0123456789abcdef`;
    const definition = `arn:aws:ecs:us-east-1:${THERE}:task-definition/web:1`;
    // Where the action is on no resource, it is not found.
    const absent = await Promise.all([
      refusal(ecs.send(new ListTasksCommand({ cluster }))),
      refusal(ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: definition }))),
      refusal(elbv2.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [target] }))),
    ]);
    assert.deepEqual(
      absent.map((error) => error.name),
      ['ClusterNotFoundException', 'ClientException', 'TargetGroupNotFoundException'],
    );
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'owner-id', Values: [THERE] }] }));
    assert.deepEqual(Vpcs, []);
  }
});

test('a token for the registry there opens neither that one nor the one here', async () => {
  const { ecr } = await here.clients();
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'web' }));
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({ registryIds: [THERE] }));
  const authorization = `Basic ${authorizationData?.[0]?.authorizationToken}`;
  for (const [method, path, action] of [
    ['GET', 'manifests/v1', 'BatchGetImage'],
    ['POST', 'blobs/uploads/', 'InitiateLayerUpload'],
  ] as const) {
    const answer = await fetch(`${here.endpoint}/v2/web/${path}`, { method, headers: { authorization } });
    assert.equal(answer.status, 403);
    const { errors } = (await answer.json()) as { errors: { code: string; message: string }[] };
    assert.equal(errors[0]?.code, 'DENIED');
    const on = `ecr:${action} on resource: arn:aws:ecr:us-east-1:${THERE}:repository/web because no resource-based policy`;
    assert.ok(errors[0]?.message.includes(on), errors[0]?.message);
  }
});

test('a role there is not assumed from here, nor a policy of there attached here', async () => {
  const { iam } = await here.clients();
  const user = await makeUser(iam, 'traveller', { policy: allowing(['sts:AssumeRole']) });
  const { sts } = await here.clients({ credentials: user });
  const RoleArn = `arn:aws:iam::${THERE}:role/role`;
  const assumed = await refusal(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'over' })));
  assert.equal(assumed.name, 'AccessDenied');
  const PolicyArn = `arn:aws:iam::${THERE}:policy/web`;
  const attached = await refusal(iam.send(new AttachUserPolicyCommand({ UserName: 'traveller', PolicyArn })));
  assert.equal(attached.name, 'NoSuchEntityException');
});

test('a role that trusts the other account lets in nobody who is known here', async () => {
  const root = await here.clients();
  const trust = trusting({ AWS: `arn:aws:iam::${THERE}:root` });
  await root.iam.send(new CreateRoleCommand({ RoleName: 'for-there', AssumeRolePolicyDocument: trust }));
  const credentials = await makeUser(root.iam, 'insider', { policy: allowing(['sts:*']) });
  const { sts } = await here.clients({ credentials });
  const RoleArn = `arn:aws:iam::${HERE}:role/for-there`;
  const call = { RoleArn, RoleSessionName: 'in' };
  assert.equal((await refusal(sts.send(new AssumeRoleCommand(call)))).name, 'AccessDenied');
  const outside = await here.clients({ credentials: strangers['user'] ?? credentials });
  assert.equal((await refusal(outside.sts.send(new AssumeRoleCommand(call)))).name, 'InvalidClientTokenId');
});
