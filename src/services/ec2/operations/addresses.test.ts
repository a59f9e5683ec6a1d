import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOAD_BALANCING } from '../domain/requester.ts';
import { failure, linkedRole, must, openTestEc2, type TestEc2 } from '../testing.ts';

const ELB = linkedRole(LOAD_BALANCING, 'AWSServiceRoleForElasticLoadBalancing');

async function createInterface(ec2: TestEc2, where: Parameters<TestEc2['call']>[2] = {}): Promise<string> {
  const { subnetId } = await ec2.defaults();
  const made = await ec2.call('CreateNetworkInterface', { SubnetId: subnetId }, where);
  return must(made.NetworkInterface?.NetworkInterfaceId);
}

async function interfaceOf(ec2: TestEc2, id: string) {
  return must((await ec2.call('DescribeNetworkInterfaces', { NetworkInterfaceIds: [id] })).NetworkInterfaces?.[0]);
}

test('public addresses are told apart on the whole server, and run out', async () => {
  const ec2 = openTestEc2('198.18.0.0/29');
  const scopes = [{}, { region: 'eu-west-1' }, { account: '210987654321' }, {}, {}, {}];
  const addresses: (string | undefined)[] = [];
  for (const scope of scopes) addresses.push((await ec2.call('AllocateAddress', {}, scope)).PublicIp);
  assert.equal(new Set(addresses).size, 6);
  assert.equal(addresses[0], '198.18.0.1');
  await assert.rejects(ec2.call('AllocateAddress', {}), failure('AddressLimitExceeded'));
  await assert.rejects(
    ec2.call('ReleaseAddress', { PublicIp: must(addresses[1]) }),
    failure('InvalidAddress.NotFound', "Address '198.18.0.2' not found."),
  );
  await ec2.close();
});

test('an address is associated, moved, parted and released', async () => {
  const ec2 = openTestEc2();
  const { AllocationId, PublicIp } = await ec2.call('AllocateAddress', {
    Domain: 'vpc',
    TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: [{ Key: 'use', Value: 'nat' }] }],
  });
  const [first, second] = [await createInterface(ec2), await createInterface(ec2)];
  const { AssociationId } = await ec2.call('AssociateAddress', { AllocationId, NetworkInterfaceId: first });
  assert.deepEqual((await interfaceOf(ec2, first)).Association, {
    AllocationId,
    AssociationId,
    PublicIp,
    PublicDnsName: 'ec2-198-18-0-1.compute-1.amazonaws.com',
    IpOwnerId: '123456789012',
  });
  const same = await ec2.call('AssociateAddress', { PublicIp, NetworkInterfaceId: first });
  assert.equal(same.AssociationId, AssociationId);
  const move = { AllocationId, NetworkInterfaceId: second };
  await assert.rejects(
    ec2.call('AssociateAddress', { ...move, AllowReassociation: false }),
    failure('Resource.AlreadyAssociated', must(AssociationId)),
  );
  await assert.rejects(ec2.call('ReleaseAddress', { AllocationId }), failure('InvalidIPAddress.InUse'));
  const moved = await ec2.call('AssociateAddress', move);
  assert.equal((await interfaceOf(ec2, first)).Association, undefined);
  const { Addresses: found } = await ec2.call('DescribeAddresses', {
    Filters: [
      { Name: 'tag:use', Values: ['nat'] },
      { Name: 'network-interface-id', Values: [second] },
    ],
  });
  assert.equal(found?.[0]?.PrivateIpAddress, (await interfaceOf(ec2, second)).PrivateIpAddress);
  await ec2.call('DisassociateAddress', { AssociationId: moved.AssociationId });
  await assert.rejects(
    ec2.call('DisassociateAddress', { AssociationId: moved.AssociationId }),
    failure('InvalidAssociationID.NotFound'),
  );
  await ec2.call('ReleaseAddress', { AllocationId });
  await assert.rejects(
    ec2.call('DescribeAddresses', { AllocationIds: [must(AllocationId)] }),
    failure('InvalidAllocationID.NotFound'),
  );
  await ec2.close();
});

test("a user's address outlives the interface; a second address takes the first one's place", async () => {
  const ec2 = openTestEc2();
  const NetworkInterfaceId = await createInterface(ec2);
  const [one, two] = [await ec2.call('AllocateAddress', {}), await ec2.call('AllocateAddress', {})];
  await ec2.call('AssociateAddress', { AllocationId: one.AllocationId, NetworkInterfaceId });
  await ec2.call('AssociateAddress', { AllocationId: two.AllocationId, NetworkInterfaceId });
  assert.equal((await interfaceOf(ec2, NetworkInterfaceId)).Association?.PublicIp, two.PublicIp);
  await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId });
  const { Addresses: left } = await ec2.call('DescribeAddresses', {});
  assert.deepEqual(
    left?.map((address) => address.AssociationId),
    [undefined, undefined],
  );
  await ec2.close();
});

test("a service's address is hidden from users and goes with its interface", async () => {
  const ec2 = openTestEc2();
  const NetworkInterfaceId = await createInterface(ec2, { principal: ELB });
  const { AllocationId, PublicIp } = await ec2.call('AllocateAddress', {}, { principal: ELB });
  await ec2.call('AssociateAddress', { AllocationId, NetworkInterfaceId }, { principal: ELB });
  assert.deepEqual((await interfaceOf(ec2, NetworkInterfaceId)).Association, {
    PublicIp,
    PublicDnsName: 'ec2-198-18-0-1.compute-1.amazonaws.com',
    IpOwnerId: 'amazon-elb',
  });
  assert.deepEqual((await ec2.call('DescribeAddresses', {})).Addresses, []);
  await assert.rejects(ec2.call('DisassociateAddress', { PublicIp }), failure('InvalidAddress.NotFound'));
  await assert.rejects(ec2.call('ReleaseAddress', { AllocationId }), failure('InvalidAllocationID.NotFound'));
  const mine = await ec2.call('AllocateAddress', {});
  await assert.rejects(
    ec2.call('AssociateAddress', { AllocationId: mine.AllocationId, NetworkInterfaceId }),
    failure('OperationNotPermitted'),
  );
  assert.equal((await ec2.call('DescribeAddresses', {}, { principal: ELB })).Addresses?.length, 2);
  await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId }, { principal: ELB });
  const { Addresses: left } = await ec2.call('DescribeAddresses', {}, { principal: ELB });
  assert.deepEqual(
    left?.map((address) => address.AllocationId),
    [mine.AllocationId],
  );
  await ec2.close();
});

test('an interface is given a public address in one call, twice with the same result', async () => {
  const ec2 = openTestEc2('198.18.0.0/30');
  const where = { principal: linkedRole('ecs.amazonaws.com', 'AWSServiceRoleForECS') };
  const NetworkInterfaceId = await createInterface(ec2, where);
  const set = (AssociatePublicIpAddress: boolean) =>
    ec2.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, AssociatePublicIpAddress }, where);
  await set(true);
  await set(true);
  assert.deepEqual((await interfaceOf(ec2, NetworkInterfaceId)).Association, {
    PublicIp: '198.18.0.1',
    PublicDnsName: 'ec2-198-18-0-1.compute-1.amazonaws.com',
    IpOwnerId: 'amazon',
  });
  assert.deepEqual((await ec2.call('DescribeAddresses', {})).Addresses, []);
  await set(false);
  assert.equal((await interfaceOf(ec2, NetworkInterfaceId)).Association, undefined);
  await set(true);
  await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId }, where);
  await Promise.all([ec2.call('AllocateAddress', {}), ec2.call('AllocateAddress', {})]);
  await ec2.close();
});

test('an address of the user takes the place of the one that EC2 gave, which is free again', async () => {
  const ec2 = openTestEc2('198.18.0.0/29');
  for (let round = 0; round < 7; round++) {
    const NetworkInterfaceId = await createInterface(ec2);
    await ec2.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, AssociatePublicIpAddress: true });
    const { AllocationId } = await ec2.call('AllocateAddress', {});
    await ec2.call('AssociateAddress', { AllocationId, NetworkInterfaceId });
    assert.equal((await interfaceOf(ec2, NetworkInterfaceId)).Association?.AllocationId, AllocationId);
    await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId });
    await ec2.call('ReleaseAddress', { AllocationId });
  }
  await ec2.close();
});

test('a NAT gateway keeps its address, whoever else wants it', async () => {
  const ec2 = openTestEc2();
  const { subnetId: SubnetId } = await ec2.defaults();
  const { AllocationId } = await ec2.call('AllocateAddress', {});
  const { NatGateway } = await ec2.call('CreateNatGateway', { SubnetId, AllocationId });
  const NetworkInterfaceId = await createInterface(ec2);
  await assert.rejects(
    ec2.call('AssociateAddress', { AllocationId, NetworkInterfaceId }),
    failure('OperationNotPermitted'),
  );
  const { Addresses: found } = await ec2.call('DescribeAddresses', {});
  assert.equal(found?.[0]?.NetworkInterfaceId, NatGateway?.NatGatewayAddresses?.[0]?.NetworkInterfaceId);
  await ec2.close();
});
