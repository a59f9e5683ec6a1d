import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, must, openTestEc2 } from '../testing.ts';

test('the default VPC is made at the first call, whichever it is, and stays the same', async () => {
  const ec2 = openTestEc2();
  const { SecurityGroups: groups } = await ec2.call('DescribeSecurityGroups', {});
  const { Vpcs: vpcs } = await ec2.call('DescribeVpcs', {});
  const vpc = must(vpcs?.[0]);
  assert.equal(vpcs?.length, 1);
  assert.match(must(vpc.VpcId), /^vpc-[0-9a-f]{17}$/);
  assert.equal(vpc.CidrBlock, '172.31.0.0/16');
  assert.equal(vpc.IsDefault, true);
  assert.equal(groups?.[0]?.VpcId, vpc.VpcId);
  assert.deepEqual((await ec2.call('DescribeVpcs', {})).Vpcs, vpcs);
  await ec2.close();
});

test('calls at the same moment make one default VPC', async () => {
  const ec2 = openTestEc2();
  await Promise.all([1, 2, 3].map(() => ec2.call('DescribeVpcs', {})));
  assert.equal((await ec2.call('DescribeVpcs', {})).Vpcs?.length, 1);
  await ec2.close();
});

test('it has three subnets, a gateway, a route to it, an ACL and DHCP options', async () => {
  const ec2 = openTestEc2();
  const { vpcId } = await ec2.defaults();
  const { Subnets: subnets } = await ec2.call('DescribeSubnets', { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] });
  assert.deepEqual(
    subnets?.map((subnet) => [subnet.AvailabilityZone, subnet.AvailabilityZoneId, subnet.CidrBlock]).toSorted(),
    [
      ['us-east-1a', 'use1-az1', '172.31.0.0/20'],
      ['us-east-1b', 'use1-az2', '172.31.16.0/20'],
      ['us-east-1c', 'use1-az3', '172.31.32.0/20'],
    ],
  );
  assert.ok(subnets?.every((subnet) => subnet.MapPublicIpOnLaunch && subnet.AvailableIpAddressCount === 4091));
  const { InternetGateways: gateways } = await ec2.call('DescribeInternetGateways', {
    Filters: [{ Name: 'attachment.vpc-id', Values: [vpcId] }],
  });
  const { RouteTables: routeTables } = await ec2.call('DescribeRouteTables', {
    Filters: [{ Name: 'association.main', Values: ['true'] }],
  });
  assert.deepEqual(
    routeTables?.[0]?.Routes?.map((route) => [route.DestinationCidrBlock, route.GatewayId, route.State]),
    [
      ['172.31.0.0/16', 'local', 'active'],
      ['0.0.0.0/0', gateways?.[0]?.InternetGatewayId, 'active'],
    ],
  );
  const { NetworkAcls: acls } = await ec2.call('DescribeNetworkAcls', {});
  assert.equal(acls?.[0]?.Associations?.length, 3);
  const { DhcpOptions: options } = await ec2.call('DescribeDhcpOptions', {
    Filters: [{ Name: 'key', Values: ['domain-name'] }],
  });
  assert.deepEqual(options?.[0]?.DhcpConfigurations?.[0], { Key: 'domain-name', Values: [{ Value: 'ec2.internal' }] });
  await ec2.close();
});

test('every region and every account has its own; transit links are told apart', async () => {
  const ec2 = openTestEc2();
  const ids = await Promise.all(
    [{}, { region: 'eu-west-1' }, { account: '210987654321' }].map(
      async (where) => (await ec2.call('DescribeVpcs', {}, where)).Vpcs?.[0]?.VpcId,
    ),
  );
  assert.equal(new Set(ids).size, 3);
  for (const where of [{}, { region: 'eu-west-1' }, { account: '210987654321' }]) {
    const SubnetId = must((await ec2.call('DescribeSubnets', {}, where)).Subnets?.[0]?.SubnetId);
    await ec2.call('CreateNetworkInterface', { SubnetId }, where);
  }
  await ec2.reconcile();
  assert.deepEqual([...ec2.network.vpcs.values()].map((vpc) => String(vpc.transitIndex)).toSorted(), ['0', '1', '2']);
  await assert.rejects(
    ec2.call('DescribeVpcs', {}, { region: 'nowhere' }),
    failure('InvalidParameterValue', 'nowhere'),
  );
  await ec2.close();
});

test('ids, filters, pages and DryRun answer in EC2 words', async () => {
  const ec2 = openTestEc2();
  const refused = (input: object, code: string, words: string) =>
    assert.rejects(ec2.call('DescribeSubnets', input), failure(code, words));
  await refused({ SubnetIds: ['subnet-0'] }, 'InvalidSubnetID.NotFound', "The subnet ID 'subnet-0' does not exist");
  await refused({ Filters: [{ Name: 'x', Values: ['y'] }] }, 'InvalidParameterValue', "The filter 'x' is invalid");
  await refused({ MaxResults: 4 }, 'InvalidParameterValue', 'Value ( 4 ) for parameter maxResults is invalid');
  await refused({ NextToken: '?' }, 'InvalidPaginationToken', '');
  await refused({ DryRun: true }, 'DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
  await assert.rejects(
    ec2.call('DescribeVpcs', { VpcIds: ['vpc-1'] }),
    failure('InvalidVpcID.NotFound', "The vpc ID 'vpc-1' does not exist"),
  );
  await assert.rejects(
    ec2.call('DescribeRouteTables', { RouteTableIds: ['vpc-1'] }),
    failure('InvalidRouteTableId.Malformed', 'Invalid id: "vpc-1" (expecting "rtb-...")'),
  );
  await ec2.close();
});

test('attributes, zones, regions and the account', async () => {
  const ec2 = openTestEc2();
  const { vpcId } = await ec2.defaults();
  const attribute = await ec2.call('DescribeVpcAttribute', { VpcId: vpcId, Attribute: 'enableDnsSupport' });
  assert.deepEqual(attribute, { VpcId: vpcId, EnableDnsSupport: { Value: true } });
  const zones = await ec2.call('DescribeAvailabilityZones', { Filters: [{ Name: 'zone-id', Values: ['*-az2'] }] });
  assert.deepEqual(
    zones.AvailabilityZones?.map((zone) => zone.ZoneName),
    ['us-east-1b'],
  );
  await assert.rejects(
    ec2.call('DescribeAvailabilityZones', { ZoneNames: ['us-east-1x'] }),
    failure('InvalidParameterValue', 'Invalid availability zone: [us-east-1x]'),
  );
  const regions = await ec2.call('DescribeRegions', { RegionNames: ['eu-west-1'] });
  assert.equal(regions.Regions?.[0]?.Endpoint, 'ec2.eu-west-1.amazonaws.com');
  const account = await ec2.call('DescribeAccountAttributes', { AttributeNames: ['default-vpc'] });
  assert.deepEqual(account.AccountAttributes, [
    { AttributeName: 'default-vpc', AttributeValues: [{ AttributeValue: vpcId }] },
  ]);
  await ec2.close();
});
