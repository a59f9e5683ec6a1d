import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, must, openTestEc2, type TestEc2 } from '../testing.ts';

/** A VPC 10.0.0.0/16 with a gateway and a subnet 10.0.1.0/24. */
async function createVpc(ec2: TestEc2) {
  const VpcId = must((await ec2.call('CreateVpc', { CidrBlock: '10.0.7.7/16' })).Vpc?.VpcId);
  const { InternetGateway } = await ec2.call('CreateInternetGateway', {});
  const InternetGatewayId = must(InternetGateway?.InternetGatewayId);
  await ec2.call('AttachInternetGateway', { InternetGatewayId, VpcId });
  const { Subnet } = await ec2.call('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' });
  const where = { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] };
  const main = must((await ec2.call('DescribeRouteTables', where)).RouteTables?.[0]);
  return { VpcId, InternetGatewayId, SubnetId: must(Subnet?.SubnetId), main, where };
}

/** Where packets of a subnet's interfaces go. */
async function routesIn(ec2: TestEc2, vpcId: string, privateIp: string) {
  await ec2.reconcile();
  return must(ec2.network.vpcs.get(vpcId)).interfaces.find((one) => one.privateIp === privateIp)?.routes;
}

test('a VPC comes with a main route table, a default group and a network ACL, and goes with them', async () => {
  const ec2 = openTestEc2();
  const { VpcId, InternetGatewayId, SubnetId, where } = await createVpc(ec2);
  const { Vpcs } = await ec2.call('DescribeVpcs', { VpcIds: [VpcId] });
  assert.deepEqual([Vpcs?.[0]?.CidrBlock, Vpcs?.[0]?.IsDefault, Vpcs?.[0]?.State], ['10.0.0.0/16', false, 'available']);
  const { NetworkAcls } = await ec2.call('DescribeNetworkAcls', where);
  assert.deepEqual(
    NetworkAcls?.[0]?.Associations?.map((one) => one.SubnetId),
    [SubnetId],
  );
  const { SecurityGroups } = await ec2.call('DescribeSecurityGroups', where);
  assert.deepEqual(
    SecurityGroups?.map((one) => one.GroupName),
    ['default'],
  );
  const attribute = async (Attribute: 'enableDnsHostnames') =>
    (await ec2.call('DescribeVpcAttribute', { VpcId, Attribute })).EnableDnsHostnames?.Value;
  assert.equal(await attribute('enableDnsHostnames'), false);
  await ec2.call('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  assert.equal(await attribute('enableDnsHostnames'), true);
  const both = { EnableDnsHostnames: { Value: true }, EnableDnsSupport: { Value: true } };
  await assert.rejects(ec2.call('ModifyVpcAttribute', { VpcId, ...both }), failure('InvalidParameterCombination'));

  await assert.rejects(ec2.call('DeleteVpc', { VpcId }), failure('DependencyViolation', VpcId));
  await ec2.call('DeleteSubnet', { SubnetId });
  await assert.rejects(ec2.call('DeleteInternetGateway', { InternetGatewayId }), failure('DependencyViolation'));
  await ec2.call('DetachInternetGateway', { InternetGatewayId, VpcId });
  await ec2.call('DeleteInternetGateway', { InternetGatewayId });
  await ec2.call('DeleteVpc', { VpcId });
  assert.deepEqual((await ec2.call('DescribeRouteTables', where)).RouteTables, []);
  assert.deepEqual((await ec2.call('DescribeNetworkAcls', where)).NetworkAcls, []);
  await assert.rejects(ec2.call('DeleteVpc', { VpcId }), failure('InvalidVpcID.NotFound'));
  await ec2.close();
});

test('ranges of VPCs and subnets are checked', async () => {
  const ec2 = openTestEc2();
  const { VpcId } = await createVpc(ec2);
  for (const CidrBlock of ['10.0.0.0/15', '10.0.0.0/29', '198.19.0.0/16', '127.0.0.0/16', 'x']) {
    await assert.rejects(ec2.call('CreateVpc', { CidrBlock }), failure('InvalidVpc.Range', CidrBlock));
  }
  const subnet = (CidrBlock: string, more = {}) => ec2.call('CreateSubnet', { VpcId, CidrBlock, ...more });
  await assert.rejects(subnet('10.1.0.0/24'), failure('InvalidSubnet.Range'));
  await assert.rejects(subnet('10.0.0.0/29'), failure('InvalidSubnet.Range'));
  await assert.rejects(subnet('10.0.1.128/25'), failure('InvalidSubnet.Conflict'));
  await assert.rejects(
    subnet('10.0.2.0/24', { AvailabilityZone: 'eu-west-1a' }),
    failure('InvalidParameterValue', 'us-east-1a, us-east-1b, us-east-1c'),
  );
  const { Subnet } = await subnet('10.0.2.0/24', { AvailabilityZone: 'us-east-1b' });
  assert.deepEqual([Subnet?.AvailabilityZone, Subnet?.AvailableIpAddressCount], ['us-east-1b', 251]);
  const SubnetId = must(Subnet?.SubnetId);
  await ec2.call('ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: true } });
  const { Subnets } = await ec2.call('DescribeSubnets', { SubnetIds: [SubnetId] });
  assert.equal(Subnets?.[0]?.MapPublicIpOnLaunch, true);
  await ec2.close();
});

test('a VPC has one internet gateway, which stays while public addresses are mapped', async () => {
  const ec2 = openTestEc2();
  const { VpcId, InternetGatewayId, SubnetId } = await createVpc(ec2);
  const attached = { InternetGatewayId, VpcId };
  await assert.rejects(ec2.call('AttachInternetGateway', attached), failure('Resource.AlreadyAssociated'));
  const other = must((await ec2.call('CreateInternetGateway', {})).InternetGateway?.InternetGatewayId);
  await assert.rejects(
    ec2.call('AttachInternetGateway', { InternetGatewayId: other, VpcId }),
    failure('InvalidParameterValue', 'already has an internet gateway attached'),
  );
  await assert.rejects(
    ec2.call('DetachInternetGateway', { InternetGatewayId: other, VpcId }),
    failure('Gateway.NotAttached'),
  );
  const { NetworkInterface } = await ec2.call('CreateNetworkInterface', { SubnetId });
  const { AllocationId, PublicIp } = await ec2.call('AllocateAddress', {});
  await ec2.call('AssociateAddress', {
    AllocationId,
    NetworkInterfaceId: must(NetworkInterface?.NetworkInterfaceId),
  });
  await assert.rejects(ec2.call('DetachInternetGateway', attached), failure('DependencyViolation', 'mapped public'));
  await ec2.call('DisassociateAddress', { PublicIp });
  await ec2.call('DetachInternetGateway', attached);
  await ec2.close();
});

test('routes reach the data plane: of the table of the subnet, or of the main one', async () => {
  const ec2 = openTestEc2();
  const { VpcId, InternetGatewayId, SubnetId, main } = await createVpc(ec2);
  const RouteTableId = must(main.RouteTableId);
  const { NetworkInterface } = await ec2.call('CreateNetworkInterface', { SubnetId });
  const routes = () => routesIn(ec2, VpcId, must(NetworkInterface?.PrivateIpAddress));
  assert.deepEqual(await routes(), []);
  const everywhere = { DestinationCidrBlock: '0.0.0.0/0' };
  await ec2.call('CreateRoute', { RouteTableId, ...everywhere, GatewayId: InternetGatewayId });
  assert.deepEqual(await routes(), [{ cidr: '0.0.0.0/0', via: 'internet' }]);

  const { RouteTable } = await ec2.call('CreateRouteTable', { VpcId });
  const own = must(RouteTable?.RouteTableId);
  const { AssociationId } = await ec2.call('AssociateRouteTable', { RouteTableId: own, SubnetId });
  assert.deepEqual(await routes(), []);
  const { NewAssociationId } = await ec2.call('ReplaceRouteTableAssociation', { AssociationId, RouteTableId });
  assert.equal((await routes())?.length, 1);
  await ec2.call('DisassociateRouteTable', { AssociationId: NewAssociationId });
  // The main table can be another.
  const mainAssociation = must(main.Associations?.[0]?.RouteTableAssociationId);
  await ec2.call('ReplaceRouteTableAssociation', { AssociationId: mainAssociation, RouteTableId: own });
  assert.deepEqual(await routes(), []);
  await ec2.call('DeleteRouteTable', { RouteTableId });
  await assert.rejects(ec2.call('DeleteRouteTable', { RouteTableId: own }), failure('DependencyViolation'));

  await ec2.call('CreateRoute', { RouteTableId: own, ...everywhere, GatewayId: InternetGatewayId });
  await ec2.call('DetachInternetGateway', { InternetGatewayId, VpcId });
  assert.deepEqual(await routes(), [{ cidr: '0.0.0.0/0', via: 'nowhere' }]);
  const shown = (await ec2.call('DescribeRouteTables', { RouteTableIds: [own] })).RouteTables?.[0]?.Routes;
  assert.deepEqual(
    shown?.map((route) => [route.DestinationCidrBlock, route.GatewayId, route.State]),
    [
      ['10.0.0.0/16', 'local', 'active'],
      ['0.0.0.0/0', InternetGatewayId, 'blackhole'],
    ],
  );
  await ec2.close();
});

test('what is wrong with a route or an association is said', async () => {
  const ec2 = openTestEc2();
  const { InternetGatewayId, SubnetId, main } = await createVpc(ec2);
  const RouteTableId = must(main.RouteTableId);
  const create = (DestinationCidrBlock: string, GatewayId = InternetGatewayId) =>
    ec2.call('CreateRoute', { RouteTableId, DestinationCidrBlock, GatewayId });
  await create('0.0.0.0/0');
  await assert.rejects(create('0.0.0.0/0'), failure('RouteAlreadyExists'));
  await assert.rejects(create('10.0.9.0/24'), failure('InvalidParameterValue', 'more specific'));
  await assert.rejects(create('1.0.0.0/8', 'igw-0'), failure('InvalidInternetGatewayID.NotFound'));
  await assert.rejects(create('1.0.0.0/8', 'vgw-0'), failure('InvalidGatewayID.NotFound'));
  const remove = (DestinationCidrBlock: string) => ec2.call('DeleteRoute', { RouteTableId, DestinationCidrBlock });
  await assert.rejects(remove('10.0.0.0/16'), failure('InvalidParameterValue', 'local route'));
  await assert.rejects(remove('1.0.0.0/8'), failure('InvalidRoute.NotFound'));
  await remove('0.0.0.0/0');
  const AssociationId = must(main.Associations?.[0]?.RouteTableAssociationId);
  await assert.rejects(ec2.call('DisassociateRouteTable', { AssociationId }), failure('InvalidParameterValue', 'main'));
  await assert.rejects(
    ec2.call('DisassociateRouteTable', { AssociationId: 'rtbassoc-0' }),
    failure('InvalidAssociationID.NotFound'),
  );
  const elsewhere = { Filters: [{ Name: 'default-for-az', Values: ['true'] }] };
  const subnetId = must((await ec2.call('DescribeSubnets', elsewhere)).Subnets?.[0]?.SubnetId);
  const associate = (id: string) => ec2.call('AssociateRouteTable', { RouteTableId, SubnetId: id });
  await assert.rejects(associate(subnetId), failure('InvalidParameterValue', 'different networks'));
  await associate(SubnetId);
  await assert.rejects(associate(SubnetId), failure('Resource.AlreadyAssociated'));
  await ec2.close();
});

test('a default VPC that was deleted can be made anew', async () => {
  const ec2 = openTestEc2();
  const { vpcId } = await ec2.defaults();
  await assert.rejects(ec2.call('CreateDefaultVpc', {}), failure('DefaultVpcAlreadyExists'));
  const { Subnets = [] } = await ec2.call('DescribeSubnets', {});
  for (const { SubnetId } of Subnets) await ec2.call('DeleteSubnet', { SubnetId: must(SubnetId) });
  const { InternetGateways } = await ec2.call('DescribeInternetGateways', {});
  const InternetGatewayId = must(InternetGateways?.[0]?.InternetGatewayId);
  await ec2.call('DetachInternetGateway', { InternetGatewayId, VpcId: vpcId });
  await ec2.call('DeleteVpc', { VpcId: vpcId });
  await assert.rejects(ec2.createGroup('web'), failure('VPCIdNotSpecified'));
  const made = (await ec2.call('CreateDefaultVpc', {})).Vpc;
  assert.notEqual(made?.VpcId, vpcId);
  assert.equal((await ec2.defaults()).vpcId, made?.VpcId);
  await ec2.close();
});

test('a NAT gateway lends its address to the subnets that are routed to it', async () => {
  const ec2 = openTestEc2();
  const { VpcId, InternetGatewayId, SubnetId, main } = await createVpc(ec2);
  const hidden = must((await ec2.call('CreateSubnet', { VpcId, CidrBlock: '10.0.2.0/24' })).Subnet?.SubnetId);
  const { NetworkInterface } = await ec2.call('CreateNetworkInterface', { SubnetId: hidden });
  const { AllocationId, PublicIp } = await ec2.call('AllocateAddress', {});
  const { NatGateway } = await ec2.call('CreateNatGateway', { SubnetId, AllocationId, ClientToken: 'once' });
  const NatGatewayId = must(NatGateway?.NatGatewayId);
  assert.equal(NatGateway?.State, 'pending');
  const again = await ec2.call('CreateNatGateway', { SubnetId, AllocationId, ClientToken: 'once' });
  assert.equal(again.NatGateway?.NatGatewayId, NatGatewayId);
  const elsewhere = ec2.call('CreateNatGateway', { SubnetId: hidden, AllocationId, ClientToken: 'once' });
  await assert.rejects(elsewhere, failure('IdempotentParameterMismatch', 'once'));
  await assert.rejects(ec2.call('CreateNatGateway', { SubnetId, AllocationId }), failure('Resource.AlreadyAssociated'));
  const RouteTableId = must(main.RouteTableId);
  await ec2.call('CreateRoute', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId });
  const routes = () => routesIn(ec2, VpcId, must(NetworkInterface?.PrivateIpAddress));
  // The gateway itself has no way out yet.
  assert.deepEqual(await routes(), [{ cidr: '0.0.0.0/0', via: 'nowhere' }]);
  const opened = () => ec2.call('CreateRouteTable', { VpcId, ClientToken: 'open' });
  const open = must((await opened()).RouteTable?.RouteTableId);
  assert.equal((await opened()).RouteTable?.RouteTableId, open);
  const { VpcId: another } = await createVpc(ec2);
  const moved = ec2.call('CreateRouteTable', { VpcId: another, ClientToken: 'open' });
  await assert.rejects(moved, failure('IdempotentParameterMismatch', 'open'));
  await ec2.call('CreateRoute', {
    RouteTableId: open,
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: InternetGatewayId,
  });
  await ec2.call('AssociateRouteTable', { RouteTableId: open, SubnetId });
  assert.deepEqual(await routes(), [{ cidr: '0.0.0.0/0', via: { natAddress: PublicIp } }]);
  const { NetworkInterfaces } = await ec2.call('DescribeNetworkInterfaces', {
    Filters: [{ Name: 'interface-type', Values: ['nat_gateway'] }],
  });
  assert.equal(NetworkInterfaces?.[0]?.Description, `Interface for NAT Gateway ${NatGatewayId}`);
  await assert.rejects(ec2.call('DisassociateAddress', { PublicIp }), failure('OperationNotPermitted'));

  await ec2.call('DeleteNatGateway', { NatGatewayId });
  assert.deepEqual(await routes(), [{ cidr: '0.0.0.0/0', via: 'nowhere' }]);
  const states = async () => (await ec2.call('DescribeNatGateways', {})).NatGateways?.map((one) => one.State);
  assert.deepEqual(await states(), ['deleted']);
  await ec2.call('ReleaseAddress', { AllocationId });
  ec2.clock.advance(3_600_001);
  assert.deepEqual(await states(), []);
  await ec2.close();
});
