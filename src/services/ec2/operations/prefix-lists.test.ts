import type { CreateManagedPrefixListRequest } from '@aws-sdk/client-ec2';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, must, openTestEc2, type TestEc2 } from '../testing.ts';

const OFFICES = { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 3 };

async function createList(ec2: TestEc2, ...cidrs: string[]): Promise<string> {
  const Entries = cidrs.map((Cidr) => ({ Cidr }));
  return must((await ec2.call('CreateManagedPrefixList', { ...OFFICES, Entries })).PrefixList?.PrefixListId);
}

test('a prefix list has versions; the last is in force', async () => {
  const ec2 = openTestEc2();
  const request: CreateManagedPrefixListRequest = {
    ...OFFICES,
    Entries: [{ Cidr: '10.1.2.3/16', Description: 'old' }],
    TagSpecifications: [{ ResourceType: 'prefix-list', Tags: [{ Key: 'team', Value: 'web' }] }],
    ClientToken: 'once',
  };
  const { PrefixList } = await ec2.call('CreateManagedPrefixList', request);
  const PrefixListId = must(PrefixList?.PrefixListId);
  assert.deepEqual(PrefixList, {
    PrefixListId,
    PrefixListArn: `arn:aws:ec2:us-east-1:123456789012:prefix-list/${PrefixListId}`,
    PrefixListName: 'offices',
    AddressFamily: 'IPv4',
    State: 'create-complete',
    MaxEntries: 3,
    Version: 1,
    OwnerId: '123456789012',
    Tags: [{ Key: 'team', Value: 'web' }],
  });
  const again = await ec2.call('CreateManagedPrefixList', request);
  assert.equal(again.PrefixList?.PrefixListId, PrefixListId);
  const other = ec2.call('CreateManagedPrefixList', { ...request, MaxEntries: 4 });
  await assert.rejects(other, failure('IdempotentParameterMismatch', 'once'));

  const changed = await ec2.call('ModifyManagedPrefixList', {
    PrefixListId,
    CurrentVersion: 1,
    AddEntries: [{ Cidr: '192.0.2.0/24' }],
    RemoveEntries: [{ Cidr: '10.1.0.0/16' }],
  });
  assert.equal(changed.PrefixList?.Version, 2);
  const entries = async (TargetVersion?: number) =>
    (await ec2.call('GetManagedPrefixListEntries', { PrefixListId, ...(TargetVersion ? { TargetVersion } : {}) }))
      .Entries;
  assert.deepEqual(await entries(), [{ Cidr: '192.0.2.0/24' }]);
  assert.deepEqual(await entries(1), [{ Cidr: '10.1.0.0/16', Description: 'old' }]);
  const filters = [{ Name: 'prefix-list-name', Values: ['off*'] }];
  const { PrefixLists } = await ec2.call('DescribeManagedPrefixLists', { Filters: filters });
  assert.deepEqual(
    PrefixLists?.map((one) => [one.PrefixListId, one.State, one.Version]),
    [[PrefixListId, 'modify-complete', 2]],
  );
  await ec2.call('DeleteManagedPrefixList', { PrefixListId });
  await assert.rejects(entries(), failure('InvalidPrefixListID.NotFound'));
  await ec2.close();
});

test('what a prefix list cannot be is refused', async () => {
  const ec2 = openTestEc2();
  const PrefixListId = await createList(ec2, '10.0.0.0/8');
  const modify = (more: object) => ec2.call('ModifyManagedPrefixList', { PrefixListId, CurrentVersion: 1, ...more });
  const cidrs = (...all: string[]) => all.map((Cidr) => ({ Cidr }));
  await assert.rejects(
    modify({ CurrentVersion: 7, AddEntries: cidrs('10.0.0.0/9') }),
    failure('PrefixListVersionMismatch'),
  );
  await assert.rejects(
    modify({ AddEntries: cidrs('1.0.0.0/8', '2.0.0.0/8', '3.0.0.0/8') }),
    failure('PrefixListMaxEntriesExceeded'),
  );
  await assert.rejects(modify({ RemoveEntries: cidrs('1.0.0.0/8') }), failure('InvalidParameterValue', '1.0.0.0/8'));
  await assert.rejects(modify({ AddEntries: cidrs('1.0.0.0') }), failure('InvalidParameterValue', 'malformed'));
  await assert.rejects(
    modify({ AddEntries: cidrs('1.0.0.0/8'), MaxEntries: 9 }),
    failure('InvalidParameterCombination'),
  );
  await assert.rejects(
    ec2.call('CreateManagedPrefixList', { ...OFFICES, PrefixListName: 'com.amazonaws.mine' }),
    failure('InvalidParameterValue', 'com.amazonaws'),
  );
  await assert.rejects(
    ec2.call('CreateManagedPrefixList', { ...OFFICES, AddressFamily: 'IPv6' }),
    failure('InvalidParameterValue', 'IPv6'),
  );
  await ec2.close();
});

test('rules refer to prefix lists: shown by id, in the data plane entry by entry, and kept from deletion', async () => {
  const ec2 = openTestEc2();
  const { vpcId, subnetId } = await ec2.defaults();
  const GroupId = await ec2.createGroup('web');
  const PrefixListId = await createList(ec2, '10.1.0.0/16', '10.2.0.0/16');
  const ports = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 };
  const { SecurityGroupRules: rules } = await ec2.call('AuthorizeSecurityGroupIngress', {
    GroupId,
    IpPermissions: [{ ...ports, PrefixListIds: [{ PrefixListId, Description: 'offices' }] }],
  });
  assert.deepEqual([rules?.[0]?.PrefixListId, rules?.[0]?.Description], [PrefixListId, 'offices']);
  const filters = [{ Name: 'ip-permission.prefix-list-id', Values: [PrefixListId] }];
  const { SecurityGroups: groups } = await ec2.call('DescribeSecurityGroups', { Filters: filters });
  assert.deepEqual(groups?.[0]?.IpPermissions?.[0]?.PrefixListIds, [{ PrefixListId, Description: 'offices' }]);
  await ec2.call('CreateNetworkInterface', { SubnetId: subnetId, Groups: [GroupId] });

  const ingress = async () => {
    await ec2.reconcile();
    return must(ec2.network.vpcs.get(vpcId)).securityGroups[0]?.ingress.map((rule) => rule.peer);
  };
  assert.deepEqual(await ingress(), [{ cidr: '10.1.0.0/16' }, { cidr: '10.2.0.0/16' }]);
  const change = { CurrentVersion: 1, RemoveEntries: [{ Cidr: '10.1.0.0/16' }] };
  await ec2.call('ModifyManagedPrefixList', { PrefixListId, ...change });
  assert.deepEqual(await ingress(), [{ cidr: '10.2.0.0/16' }]);

  // A rule for a list counts as all the entries that the list can have.
  await ec2.call('ModifyManagedPrefixList', { PrefixListId, MaxEntries: 1000 });
  await assert.rejects(
    ec2.call('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ ...ports, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    }),
    failure('RulesPerSecurityGroupLimitExceeded'),
  );
  await assert.rejects(ec2.call('DeleteManagedPrefixList', { PrefixListId }), failure('IncorrectState'));
  const associations = await ec2.call('GetManagedPrefixListAssociations', { PrefixListId });
  assert.deepEqual(associations.PrefixListAssociations, [
    { ResourceId: `arn:aws:ec2:us-east-1:123456789012:security-group/${GroupId}`, ResourceOwner: '123456789012' },
  ]);
  await ec2.call('ModifySecurityGroupRules', {
    GroupId,
    SecurityGroupRules: [
      {
        SecurityGroupRuleId: must(rules?.[0]?.SecurityGroupRuleId),
        SecurityGroupRule: { ...ports, CidrIpv4: '0.0.0.0/0' },
      },
    ],
  });
  await ec2.call('DeleteManagedPrefixList', { PrefixListId });
  await ec2.close();
});

test('groups of a VPC are listed; no group is of a peered VPC', async () => {
  const ec2 = openTestEc2();
  const { vpcId, groupId } = await ec2.defaults();
  const web = await ec2.createGroup('web');
  const { SecurityGroupForVpcs: found } = await ec2.call('GetSecurityGroupsForVpc', { VpcId: vpcId });
  assert.deepEqual(found?.map((one) => one.GroupId).toSorted(), [groupId, web].toSorted());
  const references = await ec2.call('DescribeSecurityGroupReferences', { GroupId: [web] });
  assert.deepEqual(references.SecurityGroupReferenceSet, []);
  assert.deepEqual((await ec2.call('DescribeStaleSecurityGroups', { VpcId: vpcId })).StaleSecurityGroupSet, []);
  await assert.rejects(
    ec2.call('DescribeSecurityGroupReferences', { GroupId: ['sg-0'] }),
    failure('InvalidGroup.NotFound'),
  );
  await ec2.close();
});
