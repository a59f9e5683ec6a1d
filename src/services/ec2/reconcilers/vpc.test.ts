import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must, openTestEc2 } from '../testing.ts';

test('a VPC is made when something is in it, follows its rows, and is removed when empty', async () => {
  const ec2 = openTestEc2();
  const { vpcId, subnetId } = await ec2.defaults();
  const web = await ec2.createGroup('web');
  await ec2.reconcile();
  assert.equal(ec2.network.vpcs.size, 0);

  const made = await ec2.call('CreateNetworkInterface', { SubnetId: subnetId, Groups: [web] });
  const NetworkInterfaceId = must(made.NetworkInterface?.NetworkInterfaceId);
  await ec2.reconcile();
  const state = () => must(ec2.network.vpcs.get(vpcId));
  assert.deepEqual(
    state().interfaces.map((one) => one.interfaceId),
    [NetworkInterfaceId],
  );
  assert.deepEqual(
    state().securityGroups.map((group) => group.groupId),
    [web],
  );
  assert.deepEqual(
    ec2.zones.get(`vpc:${vpcId}`)?.records.map((record) => record.name),
    ['ip-172-31-0-4.ec2.internal'],
  );

  const { AllocationId, PublicIp } = await ec2.call('AllocateAddress', {});
  await ec2.call('AssociateAddress', { AllocationId, NetworkInterfaceId });
  await ec2.call('AuthorizeSecurityGroupIngress', {
    GroupId: web,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  });
  await ec2.reconcile();
  assert.equal(state().interfaces[0]?.publicIp, PublicIp);
  assert.equal(state().securityGroups[0]?.ingress.length, 1);

  await ec2.call('DeleteNetworkInterface', { NetworkInterfaceId });
  await ec2.reconcile();
  assert.equal(ec2.network.vpcs.size, 0);
  assert.equal(ec2.zones.size, 0);
  await ec2.close();
});

test('a VPC that is on the host and in no row is removed', async () => {
  const ec2 = openTestEc2();
  await ec2.network.apply({
    vpcId: 'vpc-0123456789abcdef0',
    cidrs: ['10.0.0.0/16'],
    transitIndex: 9,
    gateways: [],
    resolver: '10.0.0.2',
    interfaces: [],
    securityGroups: [],
    networkAcls: [],
  });
  await ec2.reconcile();
  assert.equal(ec2.network.vpcs.size, 0);
  await ec2.close();
});
