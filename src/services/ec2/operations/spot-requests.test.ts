import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagesOf } from '../domain/machine-images.ts';
import { interruptSpotInstance, SPOT_NOTICE_MS } from '../spot-interruption.ts';
import { instances } from '../instance-tables.ts';
import { failure, must, openTestEc2, type TestEc2 } from '../testing.ts';

const IMAGE = must(imagesOf('us-east-1', 'x86_64')[0]).id;
const TAGS = { ResourceType: 'spot-instances-request' as const, Tags: [{ Key: 'team', Value: 'web' }] };

async function launch(ec2: TestEc2, SpotOptions: object = {}): Promise<string> {
  const { Instances: made } = await ec2.call('RunInstances', {
    ImageId: IMAGE,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    InstanceMarketOptions: { MarketType: 'spot', SpotOptions },
    TagSpecifications: [TAGS],
  });
  await ec2.reconcile();
  return must(made?.[0]?.InstanceId);
}

async function rowOf(ec2: TestEc2, id: string) {
  return must((await ec2.store.read((tx) => tx.list(instances, { where: ['id', id] })))[0]);
}

const interrupt = async (ec2: TestEc2, id: string) => interruptSpotInstance(ec2.store, ec2.clock, await rowOf(ec2, id));

async function requestOf(ec2: TestEc2) {
  return must((await ec2.call('DescribeSpotInstanceRequests', {})).SpotInstanceRequests?.[0]);
}

/** The request's state and status, and the instance's state. */
async function story(ec2: TestEc2) {
  const { State, Status, InstanceId = '' } = await requestOf(ec2);
  return [State, Status?.Code, (await rowOf(ec2, InstanceId)).state];
}

test('a Spot Instance is interrupted two minutes after its notice, and terminated', async () => {
  const ec2 = openTestEc2();
  const id = await launch(ec2, { MaxPrice: '0.01' });
  const { Type, SpotPrice, Tags, InstanceInterruptionBehavior: behavior } = await requestOf(ec2);
  assert.deepEqual(
    [Type, SpotPrice, Tags, behavior],
    ['one-time', '0.01', [{ Key: 'team', Value: 'web' }], 'terminate'],
  );
  assert.deepEqual(await story(ec2), ['active', 'fulfilled', 'running']);
  const { spot } = await interrupt(ec2, id);
  assert.deepEqual(spot?.interruption, { noticedAt: ec2.clock.now(), at: ec2.clock.now() + SPOT_NOTICE_MS });
  ec2.clock.advance(SPOT_NOTICE_MS - 1);
  assert.equal((await interrupt(ec2, id)).spot?.interruption?.at, spot?.interruption?.at, 'a second notice is none');
  await ec2.reconcile();
  assert.deepEqual(await story(ec2), ['active', 'marked-for-termination', 'running']);
  ec2.clock.advance(1);
  await ec2.reconcile();
  assert.deepEqual(await story(ec2), ['closed', 'instance-terminated-no-capacity', 'terminated']);
  assert.deepEqual((await rowOf(ec2, id)).stateReason, {
    code: 'Server.SpotInstanceTermination',
    message: 'Server.SpotInstanceTermination: Spot instance termination',
  });
  await assert.rejects(interrupt(ec2, id), failure('IncorrectInstanceState'));
  await ec2.close();
});

test('one of a persistent request that is to stop stops, and starts again', async () => {
  const ec2 = openTestEc2();
  const id = await launch(ec2, { SpotInstanceType: 'persistent', InstanceInterruptionBehavior: 'stop' });
  await interrupt(ec2, id);
  assert.deepEqual(await story(ec2), ['active', 'marked-for-stop', 'running']);
  ec2.clock.advance(SPOT_NOTICE_MS);
  await ec2.reconcile();
  assert.deepEqual(await story(ec2), ['open', 'instance-stopped-no-capacity', 'stopped']);
  assert.equal((await rowOf(ec2, id)).stateReason?.code, 'Server.SpotInstanceShutdown');
  await ec2.call('StartInstances', { InstanceIds: [id] });
  await ec2.reconcile();
  assert.deepEqual(await story(ec2), ['active', 'fulfilled', 'running']);
  await ec2.call('StopInstances', { InstanceIds: [id] });
  await ec2.reconcile();
  assert.deepEqual(await story(ec2), ['disabled', 'instance-stopped-by-user', 'stopped']);
  await assert.rejects(interrupt(ec2, id), failure('IncorrectInstanceState', 'running'));
  await ec2.close();
});

test('a request that is canceled leaves its instance; tags, filters and unknown ids', async () => {
  const ec2 = openTestEc2();
  const id = await launch(ec2);
  const { SpotInstanceRequestId: sir = '' } = await requestOf(ec2);
  const named = { SpotInstanceRequestIds: [sir] };
  await ec2.call('CreateTags', { Resources: [sir], Tags: [{ Key: 'stage', Value: 'dev' }] });
  const find = async (Name: string, value: string) =>
    (await ec2.call('DescribeSpotInstanceRequests', { Filters: [{ Name, Values: [value] }] })).SpotInstanceRequests
      ?.length;
  assert.deepEqual([await find('tag:stage', 'dev'), await find('state', 'closed')], [1, 0]);
  assert.deepEqual([await find('instance-id', id), await find('launch.instance-type', 't3.*')], [1, 1]);
  await assert.rejects(find('color', 'red'), failure('InvalidParameterValue', 'color'));
  const { CancelledSpotInstanceRequests: canceled } = await ec2.call('CancelSpotInstanceRequests', named);
  assert.deepEqual(canceled, [{ SpotInstanceRequestId: sir, State: 'cancelled' }]);
  assert.deepEqual(await story(ec2), ['cancelled', 'request-canceled-and-instance-running', 'running']);
  const gone = { SpotInstanceRequestIds: ['sir-00000000'] };
  await assert.rejects(
    ec2.call('DescribeSpotInstanceRequests', gone),
    failure('InvalidSpotInstanceRequestID.NotFound', "'sir-00000000' does not exist"),
  );
  await ec2.close();
});

test('hibernation, and what one-time requests cannot have, is refused', async () => {
  const ec2 = openTestEc2();
  const persistent = { SpotInstanceType: 'persistent', InstanceInterruptionBehavior: 'hibernate' };
  await assert.rejects(launch(ec2, persistent), failure('InvalidParameterValue', 'InstanceInterruptionBehavior'));
  await assert.rejects(
    launch(ec2, { InstanceInterruptionBehavior: 'stop' }),
    failure('InvalidParameterCombination', 'persistent'),
  );
  await assert.rejects(launch(ec2, { ValidUntil: new Date() }), failure('InvalidParameterCombination', 'ValidUntil'));
  const { Instances: made } = await ec2.call('RunInstances', {
    ImageId: IMAGE,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
  });
  await ec2.reconcile();
  await assert.rejects(interrupt(ec2, must(made?.[0]?.InstanceId)), failure('UnsupportedOperation', 'Spot'));
  await ec2.close();
});

test('the network knows how far tokens go, from the launch on and as it is changed', async () => {
  const ec2 = openTestEc2();
  const { vpcId } = await ec2.defaults();
  const InstanceId = await launch(ec2);
  const limit = () => ec2.network.vpcs.get(vpcId)?.interfaces.map((one) => one.metadataHopLimit);
  assert.deepEqual(limit(), [1]);
  await ec2.call('ModifyInstanceMetadataOptions', { InstanceId, HttpPutResponseHopLimit: 2 });
  await ec2.reconcile();
  assert.deepEqual(limit(), [2]);
  await ec2.close();
});
