import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeError } from '../../../kernel/errors.ts';
import { imagesOf } from '../domain/machine-images.ts';
import { instances } from '../instance-tables.ts';
import { failure, must, openTestEc2, type TestEc2 } from '../testing.ts';
import { testHost } from '../testing-instance-host.ts';

const [ECS_IMAGE] = imagesOf('us-east-1', 'x86_64');
const IMAGE = must(ECS_IMAGE).id;
const ONE = { ImageId: IMAGE, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
const HOUR = 3_600_000;

async function run(ec2: TestEc2, more: object = {}): Promise<string> {
  const { Instances: made } = await ec2.call('RunInstances', { ...ONE, ...more });
  return must(made?.[0]?.InstanceId);
}

async function seen(ec2: TestEc2, id: string) {
  const { Reservations: found } = await ec2.call('DescribeInstances', { InstanceIds: [id] });
  return must(found?.[0]?.Instances?.[0]);
}

const ids = (InstanceId: string) => ({ InstanceIds: [InstanceId] });

test('an instance is pending, runs, stops, starts and is terminated', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2, {
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
  });
  assert.equal((await seen(ec2, id)).State?.Name, 'pending');
  await ec2.reconcile();
  const running = await seen(ec2, id);
  assert.equal(running.State?.Name, 'running');
  assert.equal(running.StateReason, undefined);
  assert.deepEqual(running.Tags, [{ Key: 'Name', Value: 'web' }]);
  const { PrivateIpAddress: address, PublicIpAddress: publicIp } = running;
  assert.ok(address && publicIp);
  const pid = must((await ec2.host.driver.inspect(id))?.pid);
  assert.equal(ec2.network.addressOf(pid), address);
  const spec = ec2.host.driver.specOf(id);
  assert.equal(spec.cpus, 2);
  assert.equal(spec.memoryBytes, 1024 ** 3);
  assert.equal(spec.hostname, `ip-${address.replaceAll('.', '-')}.ec2.internal`);
  assert.deepEqual(spec.dnsServers, ['172.31.0.2']);

  const { StoppingInstances: stopping } = await ec2.call('StopInstances', ids(id));
  assert.equal(stopping?.[0]?.CurrentState?.Name, 'stopping');
  await ec2.reconcile();
  const stopped = await seen(ec2, id);
  assert.equal(stopped.State?.Name, 'stopped');
  assert.equal(stopped.PublicIpAddress, undefined);
  assert.equal(stopped.PrivateIpAddress, address);
  assert.equal(stopped.StateReason?.Code, 'Client.UserInitiatedShutdown');
  assert.match(must(stopped.StateTransitionReason), /^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)$/);

  await ec2.call('StartInstances', ids(id));
  await ec2.reconcile();
  const again = await seen(ec2, id);
  assert.equal(again.State?.Name, 'running');
  assert.ok(again.PublicIpAddress);

  await ec2.call('TerminateInstances', ids(id));
  assert.equal((await seen(ec2, id)).State?.Name, 'shutting-down');
  await ec2.reconcile();
  const gone = await seen(ec2, id);
  assert.equal(gone.State?.Name, 'terminated');
  assert.equal(gone.PrivateIpAddress, undefined);
  assert.deepEqual((await ec2.call('DescribeNetworkInterfaces', {})).NetworkInterfaces, []);
  assert.deepEqual(await ec2.host.driver.list(), []);
  ec2.clock.advance(HOUR + 1);
  await ec2.reconcile();
  await assert.rejects(ec2.call('DescribeInstances', ids(id)), failure('InvalidInstanceID.NotFound', id));
  await ec2.close();
});

test('its interface is in use by it, and goes with it or stays', async () => {
  const ec2 = openTestEc2();
  const { subnetId: SubnetId } = await ec2.defaults();
  const { NetworkInterface: own } = await ec2.call('CreateNetworkInterface', { SubnetId });
  const NetworkInterfaceId = must(own?.NetworkInterfaceId);
  const id = await run(ec2, { NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }] });
  await ec2.reconcile();
  const { NetworkInterfaces: found } = await ec2.call('DescribeNetworkInterfaces', {
    Filters: [{ Name: 'attachment.instance-id', Values: [id] }],
  });
  assert.equal(found?.[0]?.Attachment?.InstanceId, id);
  assert.equal(found?.[0]?.Attachment?.DeleteOnTermination, false);
  await assert.rejects(
    ec2.call('DeleteNetworkInterface', { NetworkInterfaceId }),
    failure('InvalidNetworkInterface.InUse'),
  );
  const { AllocationId } = await ec2.call('AllocateAddress', {});
  await ec2.call('AssociateAddress', { AllocationId, InstanceId: id });
  const { Addresses: addresses } = await ec2.call('DescribeAddresses', {});
  assert.equal(addresses?.[0]?.InstanceId, id);
  assert.equal((await seen(ec2, id)).PublicIpAddress, addresses?.[0]?.PublicIp);
  await ec2.call('TerminateInstances', ids(id));
  await ec2.reconcile();
  const { NetworkInterfaces: left } = await ec2.call('DescribeNetworkInterfaces', {});
  assert.equal(left?.[0]?.Status, 'available');
  await ec2.close();
});

test('what ends by itself stops or goes, as it was launched to', async () => {
  const ec2 = openTestEc2();
  const stays = await run(ec2);
  const goes = await run(ec2, { InstanceInitiatedShutdownBehavior: 'terminate' });
  const lost = await run(ec2);
  await ec2.reconcile();
  ec2.host.driver.end(stays);
  ec2.host.driver.end(goes);
  await ec2.host.driver.terminate(lost);
  await ec2.reconcile();
  const states = await Promise.all([stays, goes, lost].map(async (id) => seen(ec2, id)));
  assert.deepEqual(
    states.map((one) => [one.State?.Name, one.StateReason?.Code]),
    [
      ['stopped', 'Client.InstanceInitiatedShutdown'],
      ['terminated', 'Client.InstanceInitiatedShutdown'],
      ['terminated', 'Server.InternalError'],
    ],
  );
  await ec2.close();
});

test('one that its host ended boots again, with its addresses', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2, { InstanceInitiatedShutdownBehavior: 'terminate' });
  await ec2.reconcile();
  const before = await seen(ec2, id);
  ec2.host.driver.interrupt(id);
  // One that cannot boot any more is kept.
  ec2.host.driver.fail('start', id, new RuntimeError('rejected', 'no such image'));
  await ec2.reconcile();
  assert.equal((await seen(ec2, id)).State?.Name, 'stopped');
  await ec2.call('StartInstances', ids(id));
  await ec2.reconcile();
  ec2.host.driver.interrupt(id);
  await ec2.reconcile();
  const after = await seen(ec2, id);
  assert.deepEqual([after.State?.Name, after.StateReason], ['running', undefined]);
  assert.equal(after.PrivateIpAddress, before.PrivateIpAddress);
  assert.ok(ec2.network.addressOf(must((await ec2.host.driver.inspect(id))?.pid)));
  await ec2.close();
});

test('a reboot is done once, and the address is there again', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2);
  await ec2.reconcile();
  await ec2.call('RebootInstances', ids(id));
  await ec2.reconcile();
  await ec2.reconcile();
  assert.equal((await seen(ec2, id)).State?.Name, 'running');
  assert.deepEqual(
    ec2.host.driver.calls.filter((call) => call.startsWith('reboot')),
    [`reboot ${id}`],
  );
  assert.ok(ec2.network.addressOf(must((await ec2.host.driver.inspect(id))?.pid)));
  await ec2.close();
});

test('what the driver refuses goes again, and what it cannot do now is tried again', async () => {
  const ec2 = openTestEc2();
  ec2.host.driver.fail('start', '', new RuntimeError('rejected', 'no such machine image'));
  const refused = await run(ec2);
  await ec2.reconcile();
  const gone = await seen(ec2, refused);
  assert.deepEqual([gone.State?.Name, gone.StateReason?.Code], ['terminated', 'Server.InternalError']);
  ec2.host.driver.fail('start', '', new RuntimeError('temporary', 'the engine is away'));
  const late = await run(ec2);
  await ec2.reconcile();
  ec2.clock.advance(60_000);
  await ec2.reconcile();
  assert.equal((await seen(ec2, late)).State?.Name, 'running');
  await ec2.close();
});

test('what the host runs and no row knows is removed', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2);
  await ec2.reconcile();
  await ec2.host.driver.start({ ...ec2.host.driver.specOf(id), instanceId: 'i-0ffff' });
  ec2.clock.advance(60_000);
  await ec2.reconcile();
  assert.deepEqual([...ec2.host.driver.host.instances.keys()], [id]);
  await ec2.close();
});

test('the same token launches once, and only the same', async () => {
  const ec2 = openTestEc2();
  const first = await ec2.call('RunInstances', { ...ONE, MinCount: 2, MaxCount: 2, ClientToken: 't' });
  const second = await ec2.call('RunInstances', { ...ONE, MinCount: 2, MaxCount: 2, ClientToken: 't' });
  assert.deepEqual(
    second.Instances?.map((one) => one.InstanceId),
    first.Instances?.map((one) => one.InstanceId),
  );
  assert.equal(first.ReservationId, second.ReservationId);
  await assert.rejects(ec2.call('RunInstances', { ...ONE, ClientToken: 't' }), failure('IdempotentParameterMismatch'));
  await ec2.close();
});

test('a host that is full takes no more, and as many as it can', async () => {
  const ec2 = openTestEc2(undefined, { host: testHost({ vcpus: 6 }) });
  const { Instances: made } = await ec2.call('RunInstances', { ...ONE, MinCount: 1, MaxCount: 5 });
  assert.equal(made?.length, 3);
  await assert.rejects(ec2.call('RunInstances', ONE), failure('InsufficientInstanceCapacity'));
  const id = must(made[0]?.InstanceId);
  await ec2.reconcile();
  await ec2.call('StopInstances', ids(id));
  await ec2.reconcile();
  await run(ec2);
  await assert.rejects(ec2.call('StartInstances', ids(id)), failure('InsufficientInstanceCapacity'));
  await ec2.close();
});

test('what cannot be done is refused by name', async () => {
  const ec2 = openTestEc2();
  const refused = async (more: object, code: string, words = '') =>
    assert.rejects(ec2.call('RunInstances', { ...ONE, ...more }), failure(code, words));
  await refused({ HibernationOptions: { Configured: true } }, 'InvalidParameterValue', 'HibernationOptions');
  await refused({ Placement: { GroupName: 'g' } }, 'InvalidParameterValue', 'Placement.GroupName');
  await refused({ Placement: { AvailabilityZone: 'us-east-1z' } }, 'InvalidParameterValue', 'us-east-1z');
  await refused({ InstanceType: 'x9.huge' }, 'InvalidParameterValue', 'x9.huge');
  await refused({ InstanceType: 't4g.micro' }, 'InvalidParameterValue', 'architecture');
  await refused({ ImageId: 'ami-00000000' }, 'InvalidAMIID.NotFound');
  await refused({ ImageId: 'nothing' }, 'InvalidAMIID.Malformed');
  await refused({ KeyName: 'none' }, 'InvalidKeyPair.NotFound');
  await refused({ UserData: '%%%' }, 'InvalidParameterValue', 'BASE64');
  await refused({ UserData: Buffer.alloc(16_385).toString('base64') }, 'InvalidParameterValue', '16384');
  await refused({ MinCount: 2 }, 'InvalidParameterValue', 'maxCount');
  await refused({ DryRun: true }, 'DryRunOperation');
  const { subnetId } = await ec2.defaults();
  await refused({ SubnetId: subnetId, NetworkInterfaces: [{ DeviceIndex: 0 }] }, 'InvalidParameterCombination');
  await refused({ NetworkInterfaces: [{ DeviceIndex: 0, Ipv6AddressCount: 1 }] }, 'InvalidParameterValue', 'Ipv6');
  assert.deepEqual((await ec2.call('DescribeInstances', {})).Reservations, []);
  await ec2.close();
});

test('states that a call is not for', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2, { DisableApiTermination: true });
  await assert.rejects(ec2.call('RebootInstances', ids(id)), failure('IncorrectInstanceState'));
  await assert.rejects(
    ec2.call('TerminateInstances', ids(id)),
    failure('OperationNotPermitted', 'disableApiTermination'),
  );
  const spot = await run(ec2, { InstanceMarketOptions: { MarketType: 'spot' } });
  await assert.rejects(ec2.call('StopInstances', ids(spot)), failure('UnsupportedOperation', 'one-time'));
  await ec2.call('TerminateInstances', ids(spot));
  await assert.rejects(ec2.call('StartInstances', ids(spot)), failure('IncorrectInstanceState'));
  await assert.rejects(ec2.call('StopInstances', ids('i-x')), failure('InvalidInstanceID.Malformed'));
  await assert.rejects(
    ec2.call('StopInstances', { InstanceIds: ['i-01', 'i-02'] }),
    failure('InvalidInstanceID.NotFound', "The instance IDs 'i-01, i-02' do not exist"),
  );
  await ec2.close();
});

test('instances are found by filters, in pages, and their status', async () => {
  const ec2 = openTestEc2();
  for (let count = 0; count < 7; count++) await run(ec2);
  await ec2.reconcile();
  const first = await ec2.call('DescribeInstances', { MaxResults: 5 });
  assert.equal(first.Reservations?.length, 5);
  const rest = await ec2.call('DescribeInstances', { MaxResults: 5, NextToken: must(first.NextToken) });
  assert.equal(rest.Reservations?.length, 2);
  const by = async (Name: string, ...Values: string[]) =>
    (await ec2.call('DescribeInstances', { Filters: [{ Name, Values }] })).Reservations?.length;
  assert.equal(await by('instance-state-name', 'running'), 7);
  assert.equal(await by('instance-state-name', 'stopped'), 0);
  assert.equal(await by('instance-type', 't3.*'), 7);
  await assert.rejects(by('no-such', 'x'), failure('InvalidParameterValue', 'no-such'));
  const { InstanceStatuses: statuses } = await ec2.call('DescribeInstanceStatus', {});
  assert.equal(statuses?.length, 7);
  assert.equal(statuses[0]?.InstanceStatus?.Status, 'ok');
  await ec2.close();
});

test('a server that is killed between any two steps goes on where it was', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2);
  await ec2.reconcile();
  const stored = () => ec2.store.read(async (tx) => must((await tx.list(instances))[0]));
  const put = async (change: object) => {
    const row = await stored();
    await ec2.store.write((tx) => tx.put(instances, { ...row, ...change }));
    await ec2.reconcile();
    return (await seen(ec2, id)).State?.Name;
  };
  // Started and plugged, but not written down.
  assert.equal(await put({ state: 'pending' }), 'running');
  // Rebooted, but not written down: it is not done again.
  const { bootId } = await stored();
  await ec2.host.driver.reboot(id);
  assert.equal(await put({ rebootFrom: must(bootId) }), 'running');
  assert.equal(ec2.host.driver.calls.filter((call) => call === `reboot ${id}`).length, 1);
  assert.equal((await stored()).rebootFrom, undefined);
  // Stopped, but not written down.
  await ec2.host.driver.stop(id, 0);
  assert.equal(await put({ state: 'stopping' }), 'stopped');
  assert.equal(await put({ state: 'pending' }), 'running');
  // Removed, but not written down.
  await ec2.host.driver.terminate(id);
  assert.equal(await put({ state: 'shutting-down' }), 'terminated');
  assert.deepEqual((await ec2.call('DescribeNetworkInterfaces', {})).NetworkInterfaces, []);
  await ec2.close();
});

test('a reboot that is cut off between its end and its start goes on, and terminates nothing', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2, { InstanceInitiatedShutdownBehavior: 'terminate' });
  await ec2.reconcile();
  const stored = () => ec2.store.read(async (tx) => must((await tx.list(instances))[0]));
  const { bootId: rebootFrom = '', ...row } = await stored();
  await ec2.host.driver.stop(id, 0);
  await ec2.store.write((tx) => tx.put(instances, { ...row, bootId: rebootFrom, rebootFrom }));
  await ec2.reconcile();
  assert.equal((await seen(ec2, id)).State?.Name, 'running');
  const after = await stored();
  assert.equal(after.rebootFrom, undefined);
  assert.notEqual(after.bootId, rebootFrom);
  await ec2.close();
});

test('a boot that is not written down yet is plugged, whatever is there already', async () => {
  const ec2 = openTestEc2();
  // As after a kill in the middle.
  ec2.network.isPlugged = async () => true;
  const id = await run(ec2);
  await ec2.reconcile();
  const address = async () => ec2.network.addressOf(must((await ec2.host.driver.inspect(id))?.pid));
  assert.ok(await address());
  await ec2.host.driver.reboot(id);
  await ec2.reconcile();
  ec2.clock.advance(15_000);
  await ec2.reconcile();
  assert.ok(await address());
  await ec2.close();
});

test('the network loses an interface, and the instance gets it back', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2);
  await ec2.reconcile();
  const { VpcId, NetworkInterfaces: own } = await seen(ec2, id);
  await ec2.network.unplug(must(VpcId), must(own?.[0]?.NetworkInterfaceId));
  await ec2.reconcile();
  assert.ok(ec2.network.addressOf(must((await ec2.host.driver.inspect(id))?.pid)));
  const [port] = must(ec2.network.vpcs.get(must(VpcId))).interfaces.map((one) => one.metadataPort);
  assert.equal(port, 20_000);
  assert.deepEqual(ec2.host.metadata.settled.get(must(VpcId)), [own?.[0]?.NetworkInterfaceId]);
  await ec2.close();
});
