import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  ListImagesCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecr';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  ListClustersCommand,
  TagResourceCommand as TagEcsResourceCommand,
  UntagResourceCommand as UntagEcsResourceCommand,
} from '@aws-sdk/client-ecs';
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  ListUsersCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateAccessKeyCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import {
  DecodeAuthorizationMessageCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
} from '@aws-sdk/client-sts';
import type { Credentials } from '../harness/cli.ts';
import { cliOf } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing } from '../harness/roles.ts';
import { given } from '../harness/site-parts.ts';

/*
 * Who may do what: conditions, tags, boundaries, groups and keys, each change of which holds for the very next call.
 * Clusters are in cluster-access.test.ts, docker and the registry in registry-access.test.ts.
 */

type Clients = Awaited<ReturnType<Longshore['clients']>>;

const ACCOUNT = 'arn:aws:iam::123456789012';
const CLUSTER = 'arn:aws:ecs:us-east-1:123456789012:cluster';
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
const LISTS = allowing(['ecs:ListClusters']);

let server: Longshore;
let root: Clients;

before(async () => {
  server = await Longshore.start();
  root = await server.clients();
});

after(() => server?.remove());

async function as(credentials: Credentials): Promise<Clients> {
  return server.clients({ credentials });
}

/** A new user with this inline policy, and the SDK in its name. */
async function user(name: string, holds: Parameters<typeof makeUser>[2] = {}): Promise<Clients> {
  return as(await makeUser(root.iam, name, holds));
}

/** `allowed`, or the error's code. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'allowed';
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.name;
  }
}

async function messageOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return 'allowed';
}

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function allow(action: string | readonly string[], condition?: object, resource = '*') {
  return { Effect: 'Allow', Action: action, Resource: resource, ...(condition && { Condition: condition }) };
}

const lists = ({ ecs }: Clients) => outcome(ecs.send(new ListClustersCommand({})));
const DENIED = 'AccessDeniedException';
const TAGS = [{ key: 'team', value: 'a' }];

test('aws:RequestTag and aws:TagKeys: what is made must carry the right tags, and no others', async () => {
  const ofTeam = {
    StringEquals: { 'aws:RequestTag/team': 'a' },
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'stage'] },
  };
  const { ecs, ecr, ec2 } = await user('tagger', {
    policy: policy(
      allow(['ecs:CreateCluster', 'ecs:TagResource', 'ecr:CreateRepository', 'ecr:TagResource'], ofTeam),
      allow('ec2:CreateSecurityGroup', undefined, 'arn:aws:ec2:*:*:vpc/*'),
      allow(['ec2:CreateSecurityGroup', 'ec2:CreateTags'], ofTeam, 'arn:aws:ec2:*:*:security-group/*'),
    ),
  });
  const upper = (tags: typeof TAGS) => tags.map(({ key, value }) => ({ Key: key, Value: value }));
  const cases = [
    [TAGS, 'allowed'],
    [[...TAGS, { key: 'stage', value: 'test' }], 'allowed'],
    [[...TAGS, { key: 'owner', value: 'me' }], 'denied'],
    [[{ key: 'team', value: 'b' }], 'denied'],
    [[], 'denied'],
  ] as const;
  for (const [index, [tags, expected]] of cases.entries()) {
    const name = `tagged-${index}`;
    const specification = { ResourceType: 'security-group' as const, Tags: upper([...tags]) };
    const made = await Promise.all([
      outcome(ecs.send(new CreateClusterCommand({ clusterName: name, tags: [...tags] }))),
      outcome(ecr.send(new CreateRepositoryCommand({ repositoryName: name, tags: upper([...tags]) }))),
      outcome(
        ec2.send(
          new CreateSecurityGroupCommand({
            GroupName: name,
            Description: name,
            ...(tags.length > 0 && { TagSpecifications: [specification] }),
          }),
        ),
      ),
    ]);
    const refused = [DENIED, DENIED, 'UnauthorizedOperation'];
    assert.deepEqual(made, expected === 'allowed' ? made.map(() => 'allowed') : refused, JSON.stringify(tags));
  }
});

test('tagging on creation is a permission of its own', async () => {
  const { ecs } = await user('plain-maker', { policy: policy(allow('ecs:CreateCluster')) });
  assert.equal(await outcome(ecs.send(new CreateClusterCommand({ clusterName: 'untagged' }))), 'allowed');
  assert.equal(
    await messageOf(ecs.send(new CreateClusterCommand({ clusterName: 'tagged', tags: TAGS }))),
    `User: ${ACCOUNT}:user/plain-maker is not authorized to perform: ecs:TagResource on resource: ${CLUSTER}/tagged because no identity-based policy allows the ecs:TagResource action`,
  );
});

test('aws:ResourceTag: clusters, repositories and security groups of one’s own team, as the tags are now', async () => {
  const mine = { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } };
  const { ecs, ecr, ec2 } = await user('member', {
    policy: policy(
      allow(
        ['ecs:DescribeClusters', 'ecr:ListImages', 'ec2:AuthorizeSecurityGroupIngress', 'ec2:DeleteSecurityGroup'],
        mine,
      ),
    ),
    tags: { team: 'a' },
  });
  await root.ecs.send(new CreateClusterCommand({ clusterName: 'of-team', tags: TAGS }));
  const { repository } = await root.ecr.send(new CreateRepositoryCommand({ repositoryName: 'of-team' }));
  const group = { GroupName: 'of-team', Description: 'of-team' };
  const { GroupId = '' } = await root.ec2.send(new CreateSecurityGroupCommand(group));
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }];
  const tries = async () => [
    await outcome(ecs.send(new DescribeClustersCommand({ clusters: ['of-team'] }))),
    await outcome(ecr.send(new ListImagesCommand({ repositoryName: 'of-team' }))),
    await outcome(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))),
  ];
  assert.deepEqual(await tries(), ['allowed', DENIED, 'UnauthorizedOperation']);
  const Tags = [{ Key: 'team', Value: 'a' }];
  await root.ecr.send(new TagResourceCommand({ resourceArn: repository?.repositoryArn, tags: Tags }));
  await root.ec2.send(new CreateTagsCommand({ Resources: [GroupId], Tags }));
  await root.ecs.send(new UntagEcsResourceCommand({ resourceArn: `${CLUSTER}/of-team`, tagKeys: ['team'] }));
  assert.deepEqual(await tries(), [DENIED, 'allowed', 'allowed']);
  await root.ecs.send(
    new TagEcsResourceCommand({ resourceArn: `${CLUSTER}/of-team`, tags: [{ key: 'team', value: 'b' }] }),
  );
  assert.equal(await outcome(ecs.send(new DescribeClustersCommand({ clusters: ['of-team'] }))), DENIED);
  assert.equal(await outcome(ecs.send(new DescribeClustersCommand({ clusters: ['absent'] }))), DENIED);
  // Both must be its own, not one of them.
  await root.ecs.send(new CreateClusterCommand({ clusterName: 'mine', tags: TAGS }));
  assert.equal(await outcome(ecs.send(new DescribeClustersCommand({ clusters: ['mine', 'of-team'] }))), DENIED);
  assert.equal(await outcome(ec2.send(new DeleteSecurityGroupCommand({ GroupName: 'of-team' }))), 'allowed', 'by name');
  assert.equal(await outcome(ecr.send(new DeleteRepositoryCommand({ repositoryName: 'of-team' }))), DENIED);
});

test('where a call comes from, when, and to which region', async () => {
  const cases: readonly (readonly [name: string, condition: object, expected: string])[] = [
    ['here', { IpAddress: { 'aws:SourceIp': ['127.0.0.0/8', '::1/128'] } }, 'allowed'],
    ['elsewhere', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, DENIED],
    ['not-here', { NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }, DENIED],
    ['not-yet', { DateGreaterThan: { 'aws:CurrentTime': '2099-01-01T00:00:00Z' } }, DENIED],
    ['since', { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }, 'allowed'],
    ['over', { NumericLessThan: { 'aws:EpochTime': '1600000000' } }, DENIED],
    ['region', { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }, 'allowed'],
    ['other-region', { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-central-1'] } }, DENIED],
    ['encrypted', { Bool: { 'aws:SecureTransport': 'true' } }, DENIED],
    ['client', { StringLike: { 'aws:UserAgent': '*aws-sdk-js/*' } }, 'allowed'],
    ['mfa', { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } }, 'allowed'],
    ['with-mfa', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, DENIED],
  ];
  for (const [name, condition, expected] of cases) {
    const clients = await user(`when-${name}`, { policy: policy(allow('ecs:ListClusters', condition)) });
    assert.equal(await lists(clients), expected, name);
  }
});

test('policy variables: everyone what bears their name', async () => {
  const mine = policy(allow('ecs:*', undefined, `${CLUSTER}/\${aws:username}-*`));
  const [{ ecs: anns }, { ecs: bobs }] = [await user('ann', { policy: mine }), await user('bob', { policy: mine })];
  const create = (ecs: Clients['ecs'], clusterName: string) =>
    outcome(ecs.send(new CreateClusterCommand({ clusterName })));
  assert.equal(await create(anns, 'ann-web'), 'allowed');
  assert.equal(await create(bobs, 'ann-web'), DENIED);
  assert.equal(await create(bobs, 'bob-web'), 'allowed');
  assert.equal(await outcome(bobs.send(new DeleteClusterCommand({ cluster: 'ann-web' }))), DENIED);
});

test('a boundary holds whatever policies allow, and takes nothing from itself', async () => {
  const clients = await user('bounded', { managed: [ADMIN], boundary: 'arn:aws:iam::aws:policy/AmazonECS_FullAccess' });
  assert.equal(await lists(clients), 'allowed');
  const users = clients.iam.send(new ListUsersCommand({}));
  assert.equal(
    await messageOf(users),
    `User: ${ACCOUNT}:user/bounded is not authorized to perform: iam:ListUsers on resource: * because no permissions boundary allows the iam:ListUsers action`,
  );
  const boundaryAlone = await user('boundary-alone', { boundary: ADMIN });
  assert.equal(await lists(boundaryAlone), DENIED, 'a boundary gives nothing');
  await root.iam.send(new PutUserPolicyCommand({ UserName: 'boundary-alone', PolicyName: 'p', PolicyDocument: LISTS }));
  assert.equal(await lists(boundaryAlone), 'allowed');
  const none = { UserName: 'boundary-alone', PermissionsBoundary: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' };
  await root.iam.send(new PutUserPermissionsBoundaryCommand(none));
  assert.equal(await lists(boundaryAlone), DENIED);
});

test('an explicit deny is stronger than AdministratorAccess, wherever it stands', async () => {
  const clients = await user('denied', { managed: [ADMIN] });
  const deny = (condition?: object) => policy({ ...allow('ecs:ListClusters', condition), Effect: 'Deny' });
  const put = (PolicyDocument: string) =>
    root.iam.send(new PutUserPolicyCommand({ UserName: 'denied', PolicyName: 'deny', PolicyDocument }));
  assert.equal(await lists(clients), 'allowed');
  await put(deny());
  assert.equal(
    await messageOf(clients.ecs.send(new ListClustersCommand({}))),
    `User: ${ACCOUNT}:user/denied is not authorized to perform: ecs:ListClusters on resource: * with an explicit deny in an identity-based policy`,
  );
  assert.equal(await outcome(clients.ecs.send(new CreateClusterCommand({ clusterName: 'still' }))), 'allowed');
  await put(deny({ StringNotEquals: { 'aws:RequestedRegion': 'us-east-1' } }));
  assert.equal(await lists(clients), 'allowed', 'the deny is for other regions');
});

test('groups give and take at once', async () => {
  const { iam } = root;
  const clients = await user('joiner');
  await iam.send(new CreateGroupCommand({ GroupName: 'listers' }));
  const inline = { GroupName: 'listers', PolicyName: 'lists', PolicyDocument: LISTS };
  await iam.send(new PutGroupPolicyCommand(inline));
  const member = { GroupName: 'listers', UserName: 'joiner' };
  assert.equal(await lists(clients), DENIED);
  for (let round = 0; round < 3; round++) {
    await iam.send(new AddUserToGroupCommand(member));
    assert.equal(await lists(clients), 'allowed');
    await iam.send(new RemoveUserFromGroupCommand(member));
    assert.equal(await lists(clients), DENIED);
  }
});

test('what is attached, detached, versioned or deleted holds for the very next call', async () => {
  const { iam } = root;
  const clients = await user('changing');
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'changing', PolicyDocument: LISTS }));
  const PolicyArn = given(Policy?.Arn, 'Arn');
  const managed = { UserName: 'changing', PolicyArn };
  const inline = { UserName: 'changing', PolicyName: 'inline' };
  for (let round = 0; round < 3; round++) {
    await iam.send(new AttachUserPolicyCommand(managed));
    assert.equal(await lists(clients), 'allowed');
    await iam.send(new DetachUserPolicyCommand(managed));
    assert.equal(await lists(clients), DENIED);
    await iam.send(new PutUserPolicyCommand({ ...inline, PolicyDocument: LISTS }));
    assert.equal(await lists(clients), 'allowed');
    await iam.send(new DeleteUserPolicyCommand(inline));
    assert.equal(await lists(clients), DENIED);
  }
  await iam.send(new AttachUserPolicyCommand(managed));
  const PolicyDocument = allowing(['ecs:DescribeClusters']);
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument }));
  assert.equal(await lists(clients), 'allowed', 'a version that is not the default changes nothing');
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
  assert.equal(await lists(clients), DENIED);
});

test('keys that are inactive or gone, users that are renamed or deleted', async () => {
  const { iam } = root;
  const key = await makeUser(iam, 'keyed', { policy: LISTS });
  const clients = await as(key);
  const session = await as(sessionOf(await clients.sts.send(new GetSessionTokenCommand({}))));
  const status = (Status: 'Active' | 'Inactive', UserName = 'keyed') =>
    iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: key.accessKeyId, Status }));
  await status('Inactive');
  assert.equal(await lists(clients), 'UnrecognizedClientException');
  assert.equal(await outcome(clients.sts.send(new GetCallerIdentityCommand({}))), 'InvalidClientTokenId');
  assert.equal(await outcome(clients.ec2.send(new DescribeVpcsCommand({}))), 'AuthFailure');
  await status('Active');
  assert.equal(await lists(clients), 'allowed');

  await iam.send(new UpdateUserCommand({ UserName: 'keyed', NewUserName: 'renamed', NewPath: '/new/' }));
  assert.equal((await clients.sts.send(new GetCallerIdentityCommand({}))).Arn, `${ACCOUNT}:user/new/renamed`);
  assert.equal(await lists(clients), 'allowed', 'its policies go with it');
  assert.equal(await lists(session), 'allowed', 'and so do its sessions');

  await iam.send(new DeleteAccessKeyCommand({ UserName: 'renamed', AccessKeyId: key.accessKeyId }));
  assert.equal(await lists(clients), 'UnrecognizedClientException');
  await iam.send(new DeleteUserPolicyCommand({ UserName: 'renamed', PolicyName: 'inline' }));
  await iam.send(new DeleteUserCommand({ UserName: 'renamed' }));
  assert.equal(await lists(session), 'UnrecognizedClientException');
  await makeUser(iam, 'renamed', { policy: LISTS, path: '/new/' });
  assert.equal(await lists(session), 'UnrecognizedClientException', 'a namesake is somebody else');
});

function sessionOf({ Credentials: made }: { readonly Credentials?: object | undefined }): Credentials {
  const { AccessKeyId, SecretAccessKey, SessionToken } = made as Record<string, string>;
  return { accessKeyId: `${AccessKeyId}`, secretAccessKey: `${SecretAccessKey}`, sessionToken: `${SessionToken}` };
}

test('EC2 says why in a message that only who is allowed to can read', async () => {
  const statement = { Sid: 'NoGroups', Effect: 'Deny', Action: 'ec2:CreateSecurityGroup', Resource: '*' };
  const key = await makeUser(root.iam, 'encoded', { policy: policy(allow('ec2:*'), statement) });
  const { ec2, sts } = await as(key);
  const refused = await messageOf(ec2.send(new CreateSecurityGroupCommand({ GroupName: 'g', Description: 'g' })));
  const [, words, encoded = ''] = /^(.*) Encoded authorization failure message: ([\w-]+)$/.exec(refused) ?? [];
  assert.equal(
    words,
    `You are not authorized to perform this operation. User: ${ACCOUNT}:user/encoded is not authorized to perform: ec2:CreateSecurityGroup on resource: arn:aws:ec2:us-east-1:123456789012:security-group/* with an explicit deny in an identity-based policy.`,
  );
  assert.equal(
    await outcome(sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: encoded }))),
    'AccessDenied',
  );
  const answer = await cliOf(server)('sts decode-authorization-message --encoded-message', encoded);
  const decoded = JSON.parse(answer.DecodedMessage);
  assert.deepEqual([decoded.allowed, decoded.explicitDeny], [false, true]);
  assert.equal(decoded.matchedStatements.items[0].statementId, 'NoGroups');
  assert.equal(decoded.context.principal.name, 'encoded');
  assert.equal(decoded.context.action, 'ec2:CreateSecurityGroup');
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  assert.ok(!SecurityGroups.some(({ GroupName }) => GroupName === 'g'));
  const reader = await user('reader');
  assert.equal(
    await messageOf(reader.ec2.send(new DescribeVpcsCommand({}))),
    `You are not authorized to perform this operation. User: ${ACCOUNT}:user/reader is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action`,
  );
});
