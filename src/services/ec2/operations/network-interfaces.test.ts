import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../../api/context.ts';
import { testServicePrincipal } from '../../../api/testing.ts';
import { LOAD_BALANCING } from '../domain/requester.ts';
import { failure, linkedRole, must, openTestEc2, sessionOf } from '../testing.ts';

const ECS_NAME = 'ecs.amazonaws.com';

test('an interface gets an address, a MAC, a name and the default group', async () => {
  const ec2 = openTestEc2();
  const { subnetId, vpcId, groupId } = await ec2.defaults();
  const { NetworkInterface: made } = await ec2.call('CreateNetworkInterface', {
    SubnetId: subnetId,
    Description: 'mine',
  });
  assert.ok(made);
  assert.match(must(made.NetworkInterfaceId), /^eni-[0-9a-f]{17}$/);
  assert.match(must(made.MacAddress), /^0a(:[0-9a-f]{2}){5}$/);
  assert.equal(made.PrivateIpAddress, '172.31.0.4');
  assert.equal(made.PrivateDnsName, 'ip-172-31-0-4.ec2.internal');
  assert.equal(made.VpcId, vpcId);
  assert.equal(made.Status, 'available');
  assert.equal(made.Attachment, undefined);
  assert.deepEqual([made.RequesterManaged, made.RequesterId], [false, '123456789012']);
  assert.deepEqual(made.Groups, [{ GroupId: groupId, GroupName: 'default' }]);
  const { Subnets: subnets } = await ec2.call('DescribeSubnets', { SubnetIds: [subnetId] });
  assert.equal(subnets?.[0]?.AvailableIpAddressCount, 4090);
  await ec2.close();
});

test('a wanted address is honoured, or why not is said; one that was given back rests', async () => {
  const ec2 = openTestEc2();
  const { subnetId } = await ec2.defaults();
  const create = async (address?: string) =>
    must(
      (await ec2.call('CreateNetworkInterface', { SubnetId: subnetId, PrivateIpAddress: address })).NetworkInterface,
    );
  assert.equal((await create('172.31.0.5')).PrivateIpAddress, '172.31.0.5');
  const first = await create();
  assert.equal(first.PrivateIpAddress, '172.31.0.4');
  await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId: first.NetworkInterfaceId });
  assert.equal((await create()).PrivateIpAddress, '172.31.0.6');
  await assert.rejects(create('172.31.0.5'), failure('InvalidIPAddress.InUse', 'Address 172.31.0.5 is in use.'));
  await assert.rejects(create('172.31.0.3'), failure('InvalidParameterValue', 'reserved address range'));
  await assert.rejects(create('172.31.16.9'), failure('InvalidParameterValue', 'does not fall within'));
  await ec2.close();
});

test('a client token makes one interface', async () => {
  const ec2 = openTestEc2();
  const { subnetId } = await ec2.defaults();
  const input = { SubnetId: subnetId, ClientToken: 'task-1', Description: 'one' };
  const first = await ec2.call('CreateNetworkInterface', input);
  const second = await ec2.call('CreateNetworkInterface', input);
  assert.equal(second.NetworkInterface?.NetworkInterfaceId, first.NetworkInterface?.NetworkInterfaceId);
  assert.equal(second.ClientToken, 'task-1');
  await assert.rejects(
    ec2.call('CreateNetworkInterface', { ...input, Description: 'two' }),
    failure('IdempotentParameterMismatch'),
  );
  await ec2.close();
});

for (const [how, ECS, ELB] of [
  ['as itself', testServicePrincipal(ECS_NAME), testServicePrincipal(LOAD_BALANCING)],
  [
    'under its service-linked role',
    linkedRole(ECS_NAME, 'AWSServiceRoleForECS'),
    linkedRole(LOAD_BALANCING, 'AWSServiceRoleForElasticLoadBalancing'),
  ],
] as const) {
  test(`an interface that a service makes ${how} is attached at once and is the service's alone`, async () => {
    const ec2 = openTestEc2();
    const { subnetId, groupId } = await ec2.defaults();
    const create = async (principal: Principal) =>
      must((await ec2.call('CreateNetworkInterface', { SubnetId: subnetId }, { principal })).NetworkInterface);
    const [task, balancer] = [await create(ECS), await create(ELB)];
    assert.deepEqual([task.RequesterManaged, task.RequesterId, task.Status], [true, 'amazon-ecs', 'in-use']);
    assert.equal(balancer.Attachment?.InstanceOwnerId, 'amazon-elb');
    assert.match(must(balancer.Attachment?.AttachmentId), /^ela-attach-/);
    const NetworkInterfaceId = task.NetworkInterfaceId;
    const refused = failure('OperationNotPermitted', 'it belongs to amazon-ecs');
    const change = { NetworkInterfaceId, Groups: [groupId] };
    await assert.rejects(ec2.call('DeleteNetworkInterface', { NetworkInterfaceId }), refused);
    await assert.rejects(ec2.call('DeleteNetworkInterface', { NetworkInterfaceId }, { principal: ELB }), refused);
    await assert.rejects(ec2.call('ModifyNetworkInterfaceAttribute', change), refused);
    await assert.rejects(
      ec2.call('ModifyNetworkInterfaceAttribute', change, { principal: sessionOf('admin') }),
      refused,
    );
    const found = await ec2.call('DescribeNetworkInterfaces', {
      Filters: [
        { Name: 'requester-id', Values: ['amazon-ecs'] },
        { Name: 'subnet-id', Values: [subnetId] },
      ],
    });
    assert.deepEqual(
      found.NetworkInterfaces?.map((one) => one.NetworkInterfaceId),
      [NetworkInterfaceId],
    );
    await ec2.call('ModifyNetworkInterfaceAttribute', change, { principal: ECS });
    await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId }, { principal: ECS });
    await assert.rejects(
      ec2.call('DescribeNetworkInterfaces', { NetworkInterfaceIds: [must(NetworkInterfaceId)] }),
      failure('InvalidNetworkInterfaceID.NotFound'),
    );
    await ec2.close();
  });
}

test('what a service made as itself it may change under its service-linked role, and the other way round', async () => {
  const ec2 = openTestEc2();
  const { subnetId: SubnetId } = await ec2.defaults();
  const forms = [testServicePrincipal(ECS_NAME), linkedRole(ECS_NAME, 'AWSServiceRoleForECS')] as const;
  for (const [maker, changer] of [forms, forms.toReversed()]) {
    const made = await ec2.call('CreateNetworkInterface', { SubnetId }, { principal: must(maker) });
    const NetworkInterfaceId = must(made.NetworkInterface?.NetworkInterfaceId);
    await ec2.call(
      'ModifyNetworkInterfaceAttribute',
      { NetworkInterfaceId, AssociatePublicIpAddress: true },
      { principal: must(changer) },
    );
    await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId }, { principal: must(changer) });
  }
  assert.deepEqual((await ec2.call('DescribeNetworkInterfaces', {})).NetworkInterfaces, []);
  await ec2.close();
});

test("a user's session of a role makes interfaces that are anybody's in the account", async () => {
  const ec2 = openTestEc2();
  const { subnetId: SubnetId } = await ec2.defaults();
  const made = await ec2.call('CreateNetworkInterface', { SubnetId }, { principal: sessionOf('deployer') });
  const own = must(made.NetworkInterface);
  assert.deepEqual([own.RequesterManaged, own.RequesterId], [false, 'AROAAAAAAAAAAAAAAAAAA:test']);
  assert.equal(own.Attachment, undefined);
  await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId: own.NetworkInterfaceId });
  await ec2.close();
});

test('groups and description change, one at a time', async () => {
  const ec2 = openTestEc2();
  const { subnetId } = await ec2.defaults();
  const web = await ec2.createGroup('web');
  const made = await ec2.call('CreateNetworkInterface', { SubnetId: subnetId });
  const NetworkInterfaceId = must(made.NetworkInterface?.NetworkInterfaceId);
  await ec2.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Groups: [web] });
  await ec2.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Description: { Value: 'new' } });
  const found = await ec2.call('DescribeNetworkInterfaces', { Filters: [{ Name: 'group-id', Values: [web] }] });
  assert.equal(found.NetworkInterfaces?.[0]?.Description, 'new');
  await assert.rejects(
    ec2.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Groups: [web], Description: { Value: 'x' } }),
    failure('InvalidParameterCombination'),
  );
  await assert.rejects(
    ec2.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, SourceDestCheck: { Value: false } }),
    failure('InvalidParameterValue', 'SourceDestCheck'),
  );
  await ec2.close();
});

test('what is not built is refused by name', async () => {
  const ec2 = openTestEc2();
  const { subnetId: SubnetId } = await ec2.defaults();
  const refused = (input: object, words: string) =>
    assert.rejects(ec2.call('CreateNetworkInterface', { SubnetId, ...input }), failure('InvalidParameterValue', words));
  await refused({ Ipv6AddressCount: 1 }, 'Ipv6AddressCount');
  await refused({ SecondaryPrivateIpAddressCount: 2 }, 'SecondaryPrivateIpAddressCount');
  await refused({ InterfaceType: 'efa' }, "'efa' for InterfaceType");
  await ec2.call('CreateNetworkInterface', { SubnetId, Ipv6AddressCount: 0 });
  await ec2.close();
});

test('three hundred interfaces have as many addresses, in pages', async () => {
  const ec2 = openTestEc2();
  const { subnetId: SubnetId } = await ec2.defaults();
  for (let count = 0; count < 300; count++) await ec2.call('CreateNetworkInterface', { SubnetId });
  const addresses = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await ec2.call('DescribeNetworkInterfaces', { MaxResults: 100, ...(NextToken ? { NextToken } : {}) });
    for (const one of page.NetworkInterfaces ?? []) addresses.add(must(one.PrivateIpAddress));
    NextToken = page.NextToken;
  } while (NextToken);
  assert.equal(addresses.size, 300);
  await ec2.close();
});
