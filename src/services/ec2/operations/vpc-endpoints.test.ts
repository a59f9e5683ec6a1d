import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, must, openTestEc2, type TestEc2 } from '../testing.ts';

const S3 = 'com.amazonaws.us-east-1.s3';
const ECR = 'com.amazonaws.us-east-1.ecr.api';

async function mainTable(ec2: TestEc2, vpcId: string) {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  return must((await ec2.call('DescribeRouteTables', { Filters })).RouteTables?.[0]);
}

const endpointOf = async (ec2: TestEc2, id: string) =>
  must((await ec2.call('DescribeVpcEndpoints', { VpcEndpointIds: [id] })).VpcEndpoints?.[0]);

test('a gateway endpoint is a route to a list of AWS’s in each of its tables', async () => {
  const ec2 = openTestEc2();
  const { vpcId: VpcId } = await ec2.defaults();
  const RouteTableId = must((await mainTable(ec2, VpcId)).RouteTableId);
  const request = { VpcId, ServiceName: S3, RouteTableIds: [RouteTableId] };
  const made = (await ec2.call('CreateVpcEndpoint', { ...request, ClientToken: 'once' })).VpcEndpoint;
  const id = must(made?.VpcEndpointId);
  assert.equal(made?.State, 'available');
  assert.equal(
    (await ec2.call('CreateVpcEndpoint', { ...request, ClientToken: 'once' })).VpcEndpoint?.VpcEndpointId,
    id,
  );
  await assert.rejects(ec2.call('CreateVpcEndpoint', request), failure('RouteAlreadyExists', 'pl-63a5400a'));
  const routes = async () => (await mainTable(ec2, VpcId)).Routes?.filter((route) => route.DestinationPrefixListId);
  assert.deepEqual(await routes(), [
    { DestinationPrefixListId: 'pl-63a5400a', GatewayId: id, Origin: 'CreateRoute', State: 'active' },
  ]);
  const policy = '{"Statement":[]}';
  await ec2.call('ModifyVpcEndpoint', {
    VpcEndpointId: id,
    RemoveRouteTableIds: [RouteTableId],
    PolicyDocument: policy,
  });
  assert.deepEqual(await routes(), []);
  assert.equal((await endpointOf(ec2, id)).PolicyDocument, policy);
  await ec2.call('ModifyVpcEndpoint', { VpcEndpointId: id, AddRouteTableIds: [RouteTableId], ResetPolicy: true });
  assert.match((await endpointOf(ec2, id)).PolicyDocument ?? '', /2008-10-17/);
  assert.equal((await routes())?.length, 1);
  const { Unsuccessful } = await ec2.call('DeleteVpcEndpoints', { VpcEndpointIds: [id, 'vpce-0'] });
  assert.deepEqual(
    Unsuccessful?.map((one) => [one.ResourceId, one.Error?.Code]),
    [['vpce-0', 'InvalidVpcEndpoint.NotFound']],
  );
  assert.deepEqual(await routes(), []);
  await assert.rejects(endpointOf(ec2, id), failure('InvalidVpcEndpointId.NotFound'));
  await ec2.close();
});

test('an interface endpoint has a network interface in each subnet, with its groups', async () => {
  const ec2 = openTestEc2();
  const { vpcId: VpcId, groupId } = await ec2.defaults();
  const web = await ec2.createGroup('web');
  const { Subnets = [] } = await ec2.call('DescribeSubnets', {});
  const [first = '', second = ''] = Subnets.map((subnet) => subnet.SubnetId ?? '');
  const request = { VpcId, ServiceName: ECR, VpcEndpointType: 'Interface' as const };
  const made = (await ec2.call('CreateVpcEndpoint', { ...request, SubnetIds: [first], SecurityGroupIds: [web] }))
    .VpcEndpoint;
  assert.deepEqual([made?.State, made?.PrivateDnsEnabled], ['pending', true]);
  const VpcEndpointId = must(made?.VpcEndpointId);
  await assert.rejects(ec2.call('CreateVpcEndpoint', request), failure('InvalidParameter', 'api.ecr.us-east-1'));
  const interfaces = async () => {
    const Filters = [{ Name: 'interface-type', Values: ['vpc_endpoint'] }];
    return (await ec2.call('DescribeNetworkInterfaces', { Filters })).NetworkInterfaces ?? [];
  };
  const [own] = await interfaces();
  assert.equal(own?.Description, `VPC Endpoint Interface ${VpcEndpointId}`);
  assert.deepEqual(own?.Groups, [{ GroupId: web, GroupName: 'web' }]);
  const NetworkInterfaceId = must(own?.NetworkInterfaceId);
  await assert.rejects(ec2.call('DeleteNetworkInterface', { NetworkInterfaceId }), failure('OperationNotPermitted'));
  await ec2.reconcile();
  assert.equal(ec2.network.vpcs.get(VpcId)?.interfaces[0]?.kind, 'nat');

  const change = { AddSecurityGroupIds: [groupId], RemoveSecurityGroupIds: [web], AddSubnetIds: [second] };
  await ec2.call('ModifyVpcEndpoint', { VpcEndpointId, ...change, PrivateDnsEnabled: false });
  const after = await endpointOf(ec2, VpcEndpointId);
  assert.deepEqual([after.SubnetIds, after.PrivateDnsEnabled], [[first, second], false]);
  assert.deepEqual(
    (await interfaces()).map((one) => one.Groups?.map((group) => group.GroupId)),
    [[groupId], [groupId]],
  );
  await ec2.call('DeleteSecurityGroup', { GroupId: web });
  await ec2.call('ModifyVpcEndpoint', { VpcEndpointId, RemoveSubnetIds: [first] });
  assert.equal((await interfaces()).length, 1);
  await ec2.call('DeleteVpcEndpoints', { VpcEndpointIds: [VpcEndpointId] });
  assert.deepEqual(await interfaces(), []);
  await ec2.close();
});

test('what an endpoint cannot be is refused', async () => {
  const ec2 = openTestEc2();
  const { vpcId: VpcId, subnetId } = await ec2.defaults();
  const refused = (more: object, code: string, words = '') =>
    assert.rejects(ec2.call('CreateVpcEndpoint', { VpcId, ServiceName: S3, ...more }), failure(code, words));
  await refused({ ServiceName: ECR }, 'InvalidServiceName', ECR);
  await refused({ VpcEndpointType: 'GatewayLoadBalancer' }, 'InvalidParameterValue', 'GatewayLoadBalancer');
  await refused({ SubnetIds: [subnetId] }, 'InvalidParameterCombination', 'SubnetIds');
  await refused({ RouteTableIds: ['rtb-0'] }, 'InvalidRouteTableID.NotFound');
  await refused({ PolicyDocument: '{' }, 'InvalidParameter', 'JSON');
  await refused({ IpAddressType: 'dualstack' }, 'InvalidParameterValue', 'IPv6');
  const hidden = must((await ec2.call('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc?.VpcId);
  const noNames = { VpcId: hidden, ServiceName: ECR, VpcEndpointType: 'Interface' };
  await refused(noNames, 'InvalidParameter', 'enableDnsHostnames');
  await ec2.call('CreateVpcEndpoint', { ...noNames, VpcEndpointType: 'Interface', PrivateDnsEnabled: false });
  await assert.rejects(ec2.call('DeleteVpc', { VpcId: hidden }), failure('DependencyViolation'));
  await ec2.close();
});

test('private DNS and members of the other type are refused, whether an endpoint is made or changed', async () => {
  const ec2 = openTestEc2();
  const { vpcId: VpcId, subnetId, groupId } = await ec2.defaults();
  const gateway = { VpcId, ServiceName: S3 };
  const noPrivateDns = failure('InvalidParameter', 'Gateway');
  await assert.rejects(ec2.call('CreateVpcEndpoint', { ...gateway, PrivateDnsEnabled: true }), noPrivateDns);
  const make = async (input: { VpcEndpointType: 'Gateway' | 'Interface'; PrivateDnsEnabled?: boolean }) =>
    must((await ec2.call('CreateVpcEndpoint', { ...gateway, ...input })).VpcEndpoint?.VpcEndpointId);
  const id = await make({ VpcEndpointType: 'Gateway', PrivateDnsEnabled: false });
  const change = (VpcEndpointId: string, more: object) => ec2.call('ModifyVpcEndpoint', { VpcEndpointId, ...more });
  await assert.rejects(change(id, { PrivateDnsEnabled: true }), noPrivateDns);
  await change(id, { PrivateDnsEnabled: false });
  const wrong = (name: string) => failure('InvalidParameterCombination', name);
  await assert.rejects(change(id, { RemoveSubnetIds: [subnetId] }), wrong('RemoveSubnetIds'));
  await assert.rejects(change(id, { RemoveSecurityGroupIds: [groupId] }), wrong('RemoveSecurityGroupIds'));
  const own = await make({ VpcEndpointType: 'Interface', PrivateDnsEnabled: true });
  await assert.rejects(change(own, { RemoveRouteTableIds: ['rtb-1'] }), wrong('RemoveRouteTableIds'));
  await ec2.close();
});

test('a client token that was used for another endpoint is refused', async () => {
  const ec2 = openTestEc2();
  const { vpcId: VpcId } = await ec2.defaults();
  const other = must((await ec2.call('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc?.VpcId);
  const first = { VpcId, ServiceName: S3, ClientToken: 'once' };
  await ec2.call('CreateVpcEndpoint', first);
  const mismatch = failure('IdempotentParameterMismatch', 'once');
  const ofOtherService = { ServiceName: 'com.amazonaws.us-east-1.dynamodb' };
  for (const more of [{ VpcId: other }, ofOtherService, { VpcEndpointType: 'Interface' as const }]) {
    await assert.rejects(ec2.call('CreateVpcEndpoint', { ...first, ...more }), mismatch);
  }
  await ec2.close();
});

test('the services that there are, and AWS’s prefix lists', async () => {
  const ec2 = openTestEc2();
  const { groupId } = await ec2.defaults();
  const { ServiceDetails } = await ec2.call('DescribeVpcEndpointServices', { ServiceNames: [S3] });
  assert.deepEqual(
    ServiceDetails?.map((one) => one.ServiceType?.[0]?.ServiceType),
    ['Gateway', 'Interface'],
  );
  const gateways = [{ Name: 'service-type', Values: ['Gateway'] }];
  const { ServiceNames } = await ec2.call('DescribeVpcEndpointServices', { Filters: gateways });
  assert.deepEqual(ServiceNames, ['com.amazonaws.us-east-1.dynamodb', S3]);
  const { PrefixLists } = await ec2.call('DescribePrefixLists', {
    Filters: [{ Name: 'prefix-list-name', Values: [S3] }],
  });
  assert.equal(PrefixLists?.[0]?.PrefixListId, 'pl-63a5400a');
  const PrefixListId = 'pl-63a5400a';
  const shown = (await ec2.call('DescribeManagedPrefixLists', { PrefixListIds: [PrefixListId] })).PrefixLists?.[0];
  assert.equal(shown?.OwnerId, 'AWS');
  assert.equal(shown?.PrefixListArn, `arn:aws:ec2:us-east-1:aws:prefix-list/${PrefixListId}`);
  await ec2.call('AuthorizeSecurityGroupEgress', {
    GroupId: groupId,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId }] }],
  });
  const { PrefixListAssociations } = await ec2.call('GetManagedPrefixListAssociations', { PrefixListId });
  assert.equal(PrefixListAssociations?.length, 1);
  await assert.rejects(
    ec2.call('ModifyManagedPrefixList', { PrefixListId, MaxEntries: 5 }),
    failure('InvalidPrefixListID.NotFound'),
  );
  await ec2.close();
});
