import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { lastUses } from '../tables.ts';
import { openTestIam, userPrincipal } from '../testing.ts';

const ACCOUNT = '123456789012';
const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
const BOB = `arn:aws:iam::${ACCOUNT}:user/bob`;
const TEAM = `arn:aws:iam::${ACCOUNT}:group/team`;
const REGISTRY = 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly';
const DAY_MS = 86_400_000;

/** Alice and Bob are in a team that may pull images; Alice alone may use ECS. */
async function openWithTeam(t: TestContext) {
  const iam = openTestIam();
  t.after(() => iam.close());
  await iam.call('CreateGroup', { GroupName: 'team' });
  const ids = new Map<string, string>();
  for (const UserName of ['alice', 'bob']) {
    const { User } = await iam.call('CreateUser', { UserName });
    ids.set(UserName, User?.UserId ?? '');
    await iam.call('AddUserToGroup', { UserName, GroupName: 'team' });
  }
  await iam.call('AttachGroupPolicy', { GroupName: 'team', PolicyArn: REGISTRY });
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'ecs:*', Resource: '*' }],
  });
  await iam.call('PutUserPolicy', { UserName: 'alice', PolicyName: 'own', PolicyDocument });
  const used = async (name: string, service: string, agoMs: number) => {
    const row = { account: ACCOUNT, atMs: iam.clock.now() - agoMs, region: 'eu-west-1', service };
    await iam.store.write((tx) => tx.put(lastUses, { id: `${ids.get(name) ?? ''}/${service}`, ...row }));
  };
  return { iam, used };
}

test('a report on a user lists what it may use, and when it last did', async (t) => {
  const { iam, used } = await openWithTeam(t);
  await used('alice', 'ecs', 1000);
  await used('alice', 'ecr', 500 * DAY_MS);
  await used('alice', 's3', 1000);
  const { JobId = '' } = await iam.call('GenerateServiceLastAccessedDetails', { Arn: ALICE });
  const report = await iam.call('GetServiceLastAccessedDetails', { JobId });
  assert.equal(report.JobStatus, 'COMPLETED');
  assert.equal(report.JobType, 'SERVICE_LEVEL');
  assert.deepEqual(report.ServicesLastAccessed, [
    {
      ServiceName: 'Amazon Elastic Container Registry',
      ServiceNamespace: 'ecr',
      TotalAuthenticatedEntities: 0,
    },
    {
      ServiceName: 'Amazon Elastic Container Service',
      ServiceNamespace: 'ecs',
      LastAuthenticated: new Date(iam.clock.now() - 1000),
      LastAuthenticatedEntity: ALICE,
      LastAuthenticatedRegion: 'eu-west-1',
      TotalAuthenticatedEntities: 1,
    },
  ]);
  const page = await iam.call('GetServiceLastAccessedDetails', { JobId, MaxItems: 1 });
  const rest = await iam.call('GetServiceLastAccessedDetails', { JobId, Marker: page.Marker });
  assert.deepEqual([page.IsTruncated, rest.IsTruncated], [true, false]);
  assert.equal(rest.ServicesLastAccessed?.[0]?.ServiceNamespace, 'ecs');
});

test('reports on a group and on a policy tell who did', async (t) => {
  const { iam, used } = await openWithTeam(t);
  await used('bob', 'ecr', 1000);
  for (const Arn of [TEAM, REGISTRY]) {
    const { JobId = '' } = await iam.call('GenerateServiceLastAccessedDetails', { Arn });
    const { ServicesLastAccessed = [] } = await iam.call('GetServiceLastAccessedDetails', { JobId });
    assert.deepEqual(
      ServicesLastAccessed.map((one) => [one.ServiceNamespace, one.LastAuthenticatedEntity]),
      [['ecr', BOB]],
    );
    const details = await iam.call('GetServiceLastAccessedDetailsWithEntities', { JobId, ServiceNamespace: 'ecr' });
    assert.deepEqual(
      details.EntityDetailsList?.map((one) => [one.EntityInfo?.Arn, one.LastAuthenticated?.getTime()]),
      [
        [BOB, iam.clock.now() - 1000],
        [ALICE, undefined],
      ],
    );
    const other = await iam.call('GetServiceLastAccessedDetailsWithEntities', { JobId, ServiceNamespace: 'ecs' });
    assert.deepEqual(other.EntityDetailsList, []);
  }
});

test('a report is for who asked for it, and is gone after a time', async (t) => {
  const { iam } = await openWithTeam(t);
  const { JobId = '' } = await iam.call('GenerateServiceLastAccessedDetails', { Arn: ALICE });
  const gone = { code: 'NoSuchEntityException' };
  const bob = userPrincipal('bob', 'AIDABOB');
  await assert.rejects(iam.call('GetServiceLastAccessedDetails', { JobId }, { principal: bob }), gone);
  iam.clock.advance(8 * DAY_MS);
  await iam.call('GenerateServiceLastAccessedDetails', { Arn: ALICE });
  await assert.rejects(iam.call('GetServiceLastAccessedDetails', { JobId }), gone);
});

test('what is not there or not tracked is refused', async (t) => {
  const { iam } = await openWithTeam(t);
  const generate = (Arn: string) => iam.call('GenerateServiceLastAccessedDetails', { Arn });
  await assert.rejects(generate(`${ALICE}-2`), { code: 'NoSuchEntityException' });
  await assert.rejects(generate(`arn:aws:iam::${ACCOUNT}:policy/none`), { code: 'NoSuchEntityException' });
  await assert.rejects(generate('alice'), { code: 'InvalidInputException' });
  await assert.rejects(iam.call('GenerateServiceLastAccessedDetails', { Arn: ALICE, Granularity: 'ACTION_LEVEL' }), {
    code: 'InvalidInputException',
    message: 'Granularity ACTION_LEVEL is not supported.',
  });
});

test('ListPoliciesGrantingServiceAccess tells which policy lets a user into a service', async (t) => {
  const { iam } = await openWithTeam(t);
  const { PoliciesGrantingServiceAccess: entries, IsTruncated } = await iam.call('ListPoliciesGrantingServiceAccess', {
    Arn: ALICE,
    ServiceNamespaces: ['ecr', 'ecs', 's3'],
  });
  assert.equal(IsTruncated, false);
  assert.deepEqual(entries, [
    {
      ServiceNamespace: 'ecr',
      Policies: [{ PolicyName: 'AmazonEC2ContainerRegistryReadOnly', PolicyType: 'MANAGED', PolicyArn: REGISTRY }],
    },
    {
      ServiceNamespace: 'ecs',
      Policies: [{ PolicyName: 'own', PolicyType: 'INLINE', EntityType: 'USER', EntityName: 'alice' }],
    },
    { ServiceNamespace: 's3', Policies: [] },
  ]);
  await assert.rejects(iam.call('ListPoliciesGrantingServiceAccess', { Arn: ALICE, ServiceNamespaces: ['nothing'] }), {
    code: 'InvalidInputException',
  });
});
