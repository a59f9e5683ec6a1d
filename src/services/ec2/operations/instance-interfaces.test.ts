import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagesOf } from '../domain/machine-images.ts';
import { failure, must, openTestEc2, type TestEc2 } from '../testing.ts';

/* What an instance's interface tells of it, and what is left of either when the other goes. */

const IMAGE = must(imagesOf('us-east-1', 'x86_64')[0]).id;

async function createInterface(ec2: TestEc2): Promise<string> {
  const { subnetId: SubnetId } = await ec2.defaults();
  return must((await ec2.call('CreateNetworkInterface', { SubnetId })).NetworkInterface?.NetworkInterfaceId);
}

async function run(ec2: TestEc2, networkInterface: object): Promise<string> {
  const { Instances: made } = await ec2.call('RunInstances', {
    ImageId: IMAGE,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    NetworkInterfaces: [{ DeviceIndex: 0, ...networkInterface }],
  });
  await ec2.reconcile();
  return must(made?.[0]?.InstanceId);
}

async function terminate(ec2: TestEc2, id: string): Promise<void> {
  await ec2.call('TerminateInstances', { InstanceIds: [id] });
  await ec2.reconcile();
}

async function interfacesOf(ec2: TestEc2) {
  return must((await ec2.call('DescribeNetworkInterfaces', {})).NetworkInterfaces);
}

test('an address tells the instance that its interface is attached to, and only while it is', async () => {
  const ec2 = openTestEc2();
  const NetworkInterfaceId = await createInterface(ec2);
  const { AllocationId } = await ec2.call('AllocateAddress', {});
  await ec2.call('AssociateAddress', { AllocationId, NetworkInterfaceId });
  const instanceOf = async () => (await ec2.call('DescribeAddresses', {})).Addresses?.[0]?.InstanceId;
  assert.equal(await instanceOf(), undefined);
  const found = async (id: string) => {
    const Filters = [{ Name: 'instance-id', Values: [id] }];
    return (await ec2.call('DescribeAddresses', { Filters })).Addresses?.length;
  };
  const first = await run(ec2, { NetworkInterfaceId });
  assert.deepEqual([await instanceOf(), await found(first)], [first, 1]);
  await terminate(ec2, first);
  assert.deepEqual([await instanceOf(), await found(first)], [undefined, 0]);
  const second = await run(ec2, { NetworkInterfaceId });
  assert.deepEqual([await instanceOf(), await found(first)], [second, 0]);
  await ec2.close();
});

test('an interface that stays loses the address that EC2 gave the instance', async () => {
  const ec2 = openTestEc2('198.18.0.0/30');
  const stays = { AssociatePublicIpAddress: true, DeleteOnTermination: false };
  for (let round = 0; round < 3; round++) {
    const id = await run(ec2, stays);
    await terminate(ec2, id);
  }
  const left = await interfacesOf(ec2);
  assert.deepEqual(
    left.map((one) => [one.Status, one.Association]),
    left.map(() => ['available', undefined]),
  );
  assert.equal(left.length, 3);
  await ec2.close();
});

test('an instance that is gone has no say over the interface that it had', async () => {
  const ec2 = openTestEc2();
  const NetworkInterfaceId = await createInterface(ec2);
  const gone = await run(ec2, { NetworkInterfaceId });
  await terminate(ec2, gone);
  const modify = async (InstanceId: string, name: string) =>
    ec2.call('ModifyInstanceAttribute', { InstanceId, Groups: [await ec2.createGroup(name)] });
  await assert.rejects(modify(gone, 'early'), failure('IncorrectInstanceState', gone));
  const next = await run(ec2, { NetworkInterfaceId });
  await assert.rejects(modify(gone, 'late'), failure('IncorrectInstanceState', gone));
  await modify(next, 'web');
  const [own] = await interfacesOf(ec2);
  assert.deepEqual(
    own?.Groups?.map((group) => group.GroupName),
    ['web'],
  );
  const groupsOf = async (InstanceId: string) =>
    (await ec2.call('DescribeInstanceAttribute', { InstanceId, Attribute: 'groupSet' })).Groups?.length;
  assert.deepEqual([await groupsOf(gone), await groupsOf(next)], [0, 1]);
  await ec2.close();
});
