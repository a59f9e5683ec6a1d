import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, must, openTestEc2 } from '../testing.ts';

const WEB = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 };

test('a new group lets everything out and nothing in', async () => {
  const ec2 = openTestEc2();
  const { vpcId } = await ec2.defaults();
  const made = await ec2.call('CreateSecurityGroup', {
    GroupName: 'web',
    Description: 'web servers',
    VpcId: vpcId,
    TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'Name', Value: 'web' }] }],
  });
  assert.deepEqual(made.Tags, [{ Key: 'Name', Value: 'web' }]);
  const { SecurityGroups: groups } = await ec2.call('DescribeSecurityGroups', {
    Filters: [{ Name: 'tag:Name', Values: ['we?'] }],
  });
  const group = must(groups?.[0]);
  assert.equal(group.GroupId, made.GroupId);
  assert.deepEqual(group.IpPermissions, []);
  assert.deepEqual(group.IpPermissionsEgress, [
    { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], UserIdGroupPairs: [], Ipv6Ranges: [], PrefixListIds: [] },
  ]);
  await ec2.close();
});

test('names are told apart in a VPC', async () => {
  const ec2 = openTestEc2();
  await ec2.createGroup('web');
  await assert.rejects(
    ec2.createGroup('web'),
    failure('InvalidGroup.Duplicate', "The security group 'web' already exists"),
  );
  await assert.rejects(
    ec2.call('DescribeSecurityGroups', { GroupNames: ['api'] }),
    failure('InvalidGroup.NotFound', "The security group 'api' does not exist in default VPC"),
  );
  await assert.rejects(
    ec2.call('DescribeSecurityGroups', { GroupIds: ['web'] }),
    failure('InvalidGroupId.Malformed', 'Invalid id: "web" (expecting "sg-...")'),
  );
  await ec2.close();
});

test('rules have ids, descriptions and tags, and are grouped by their ports', async () => {
  const ec2 = openTestEc2();
  const [web, elb] = [await ec2.createGroup('web'), await ec2.createGroup('elb')];
  const { SecurityGroupRules: rules } = await ec2.call('AuthorizeSecurityGroupIngress', {
    GroupId: web,
    IpPermissions: [
      {
        ...WEB,
        IpRanges: [{ CidrIp: '10.0.0.9/8', Description: 'inside' }],
        UserIdGroupPairs: [{ GroupId: elb }],
      },
    ],
    TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'team', Value: 'a' }] }],
  });
  assert.deepEqual(
    rules?.map((rule) => [rule.CidrIpv4, rule.ReferencedGroupInfo?.GroupId, rule.Description, rule.IsEgress]),
    [
      ['10.0.0.0/8', undefined, 'inside', false],
      [undefined, elb, undefined, false],
    ],
  );
  const { SecurityGroups: groups } = await ec2.call('DescribeSecurityGroups', {
    Filters: [{ Name: 'ip-permission.group-name', Values: ['elb'] }],
  });
  assert.equal(groups?.[0]?.GroupId, web);
  assert.equal(groups?.[0]?.IpPermissions?.length, 1);
  const found = await ec2.call('DescribeSecurityGroupRules', { Filters: [{ Name: 'tag:team', Values: ['a'] }] });
  assert.equal(found.SecurityGroupRules?.length, 2);
  const byId = await ec2.call('DescribeSecurityGroupRules', {
    SecurityGroupRuleIds: [must(rules?.[0]?.SecurityGroupRuleId)],
  });
  assert.deepEqual(byId.SecurityGroupRules?.[0]?.Tags, [{ Key: 'team', Value: 'a' }]);
  await ec2.close();
});

test('the old flat members mean the same', async () => {
  const ec2 = openTestEc2();
  await ec2.createGroup('web');
  await ec2.call('AuthorizeSecurityGroupIngress', { GroupName: 'web', ...WEB, CidrIp: '0.0.0.0/0' });
  const byGroup = await ec2.call('AuthorizeSecurityGroupIngress', { GroupName: 'web', SourceSecurityGroupName: 'web' });
  assert.deepEqual(
    byGroup.SecurityGroupRules?.map((rule) => rule.IpProtocol),
    ['tcp', 'udp', 'icmp'],
  );
  await assert.rejects(
    ec2.call('AuthorizeSecurityGroupIngress', { GroupName: 'web', IpPermissions: [WEB], CidrIp: '0.0.0.0/0' }),
    failure('InvalidParameterCombination', 'cidrIp'),
  );
  await assert.rejects(
    ec2.call('AuthorizeSecurityGroupEgress', { GroupId: 'sg-1', CidrIp: '0.0.0.0/0' }),
    failure('InvalidParameterValue', 'CidrIp is not supported'),
  );
  await ec2.close();
});

test('what cannot be added is refused by name', async () => {
  const ec2 = openTestEc2();
  const GroupId = await ec2.createGroup('web');
  const authorize = (permission: object) =>
    ec2.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [{ ...WEB, ...permission }] });
  await authorize({ IpRanges: [{ CidrIp: '0.0.0.0/0' }] });
  await assert.rejects(authorize({ IpRanges: [{ CidrIp: '0.0.0.0/0' }] }), failure('InvalidPermission.Duplicate'));
  await assert.rejects(
    authorize({ Ipv6Ranges: [{ CidrIpv6: '::/x' }] }),
    failure('InvalidParameterValue', 'CIDR block ::/x is malformed'),
  );
  await assert.rejects(authorize({ PrefixListIds: [{}] }), failure('MissingParameter', 'prefixListId'));
  await assert.rejects(authorize({}), failure('InvalidParameterValue', 'at least one IP range'));
  await assert.rejects(
    authorize({ UserIdGroupPairs: [{ GroupId: 'sg-0' }] }),
    failure('InvalidGroup.NotFound', "The security group 'sg-0' does not exist"),
  );
  await ec2.close();
});

test('rules are revoked by what they say or by id; in a default VPC an unknown one is only reported', async () => {
  const ec2 = openTestEc2();
  const GroupId = await ec2.createGroup('web');
  const permission = { ...WEB, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  const added = await ec2.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [permission] });
  const revoked = await ec2.call('RevokeSecurityGroupIngress', { GroupId, IpPermissions: [permission] });
  assert.equal(
    revoked.RevokedSecurityGroupRules?.[0]?.SecurityGroupRuleId,
    added.SecurityGroupRules?.[0]?.SecurityGroupRuleId,
  );
  const again = await ec2.call('RevokeSecurityGroupIngress', { GroupId, IpPermissions: [permission] });
  assert.equal(again.UnknownIpPermissions?.[0]?.FromPort, 80);
  const { SecurityGroupRules: rules } = await ec2.call('DescribeSecurityGroupRules', {
    Filters: [{ Name: 'group-id', Values: [GroupId] }],
  });
  const SecurityGroupRuleIds = [must(rules?.[0]?.SecurityGroupRuleId)];
  await assert.rejects(
    ec2.call('RevokeSecurityGroupIngress', { GroupId, SecurityGroupRuleIds }),
    failure('InvalidSecurityGroupRuleId.NotFound'),
  );
  await ec2.call('RevokeSecurityGroupEgress', { GroupId, SecurityGroupRuleIds });
  const { SecurityGroups: groups } = await ec2.call('DescribeSecurityGroups', { GroupIds: [GroupId] });
  assert.deepEqual(groups?.[0]?.IpPermissionsEgress, []);
  await ec2.close();
});

test('rules are replaced and described anew', async () => {
  const ec2 = openTestEc2();
  const GroupId = await ec2.createGroup('web');
  const permission = { ...WEB, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }] };
  const added = await ec2.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [permission] });
  const ruleId = must(added.SecurityGroupRules?.[0]?.SecurityGroupRuleId);
  const rule = async () =>
    must((await ec2.call('DescribeSecurityGroupRules', { SecurityGroupRuleIds: [ruleId] })).SecurityGroupRules?.[0]);
  await ec2.call('UpdateSecurityGroupRuleDescriptionsIngress', {
    GroupId,
    IpPermissions: [{ ...WEB, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'everyone' }] }],
  });
  assert.equal((await rule()).Description, 'everyone');
  await ec2.call('ModifySecurityGroupRules', {
    GroupId,
    SecurityGroupRules: [
      {
        SecurityGroupRuleId: ruleId,
        SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv4: '10.0.0.0/8' },
      },
    ],
  });
  const { FromPort, CidrIpv4, Description } = await rule();
  assert.deepEqual([FromPort, CidrIpv4, Description], [443, '10.0.0.0/8', undefined]);
  await ec2.close();
});

test('a group that is used is not deleted', async () => {
  const ec2 = openTestEc2();
  const { subnetId, groupId } = await ec2.defaults();
  const [web, elb] = [await ec2.createGroup('web'), await ec2.createGroup('elb')];
  await ec2.call('AuthorizeSecurityGroupIngress', {
    GroupId: web,
    IpPermissions: [{ ...WEB, UserIdGroupPairs: [{ GroupId: elb }, { GroupId: web }] }],
  });
  const { NetworkInterface: made } = await ec2.call('CreateNetworkInterface', { SubnetId: subnetId, Groups: [web] });
  await assert.rejects(
    ec2.call('DeleteSecurityGroup', { GroupId: web }),
    failure('DependencyViolation', 'network interface'),
  );
  await assert.rejects(
    ec2.call('DeleteSecurityGroup', { GroupId: elb }),
    failure('DependencyViolation', `resource ${elb} has a dependent object`),
  );
  await assert.rejects(ec2.call('DeleteSecurityGroup', { GroupId: groupId }), failure('CannotDelete'));
  await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId: made?.NetworkInterfaceId });
  await ec2.call('DeleteSecurityGroup', { GroupName: 'web' });
  await ec2.call('DeleteSecurityGroup', { GroupId: elb });
  await assert.rejects(ec2.call('DeleteSecurityGroup', { GroupId: elb }), failure('InvalidGroup.NotFound'));
  await ec2.close();
});

test('rules for IPv6 are kept and shown as they are given, and bind nobody', async () => {
  const ec2 = openTestEc2();
  const { vpcId, subnetId } = await ec2.defaults();
  const GroupId = await ec2.createGroup('web');
  await ec2.call('CreateNetworkInterface', { SubnetId: subnetId, Groups: [GroupId] });
  const permission = (CidrIpv6: string) => [
    { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, Ipv6Ranges: [{ CidrIpv6, Description: 'six' }] },
  ];
  const made = await ec2.call('AuthorizeSecurityGroupIngress', {
    GroupId,
    IpPermissions: permission('2001:DB8::1/32'),
  });
  assert.equal(made.SecurityGroupRules?.[0]?.CidrIpv6, '2001:db8::/32');
  const Filters = [{ Name: 'ip-permission.ipv6-cidr', Values: ['2001:db8::/32'] }];
  const { SecurityGroups } = await ec2.call('DescribeSecurityGroups', { Filters });
  assert.deepEqual(SecurityGroups?.[0]?.IpPermissions?.[0]?.Ipv6Ranges, [
    { CidrIpv6: '2001:db8::/32', Description: 'six' },
  ]);
  await ec2.reconcile();
  assert.deepEqual(ec2.network.vpcs.get(vpcId)?.securityGroups[0]?.ingress, []);
  const rule = { SecurityGroupRuleId: made.SecurityGroupRules?.[0]?.SecurityGroupRuleId };
  const change = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIpv6: '::/0' };
  await ec2.call('ModifySecurityGroupRules', { GroupId, SecurityGroupRules: [{ ...rule, SecurityGroupRule: change }] });
  const { UnknownIpPermissions } = await ec2.call('RevokeSecurityGroupIngress', {
    GroupId,
    IpPermissions: permission('2001:db8::/32'),
  });
  assert.equal(UnknownIpPermissions?.length, 1);
  await ec2.call('RevokeSecurityGroupIngress', { GroupId, IpPermissions: permission('::/0') });
  await ec2.close();
});
