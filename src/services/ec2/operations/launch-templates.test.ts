import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagesOf } from '../domain/machine-images.ts';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { failure, linkedRole, must, openTestEc2 } from '../testing.ts';
import { RunInstances } from './run-instances.ts';

const IMAGE = must(imagesOf('us-east-1', 'x86_64')[0]).id;
const Named = { LaunchTemplateName: 'web' };

test('a launch template has versions, one of which is the default', async () => {
  const ec2 = openTestEc2();
  const { LaunchTemplate: made } = await ec2.call('CreateLaunchTemplate', {
    ...Named,
    LaunchTemplateData: { ImageId: IMAGE, InstanceType: 't3.micro' },
    VersionDescription: 'first',
  });
  const { LaunchTemplateVersion: second } = await ec2.call('CreateLaunchTemplateVersion', {
    ...Named,
    SourceVersion: '$Latest',
    LaunchTemplateData: { InstanceType: 't3.small' },
  });
  assert.equal(second?.VersionNumber, 2);
  assert.deepEqual(second.LaunchTemplateData, { ImageId: IMAGE, InstanceType: 't3.small' });
  const numbers = async (...Versions: string[]) =>
    (await ec2.call('DescribeLaunchTemplateVersions', { ...Named, Versions })).LaunchTemplateVersions?.map(
      (one) => one.VersionNumber,
    );
  assert.deepEqual(await numbers(), [2, 1]);
  assert.deepEqual(await numbers('$Default'), [1]);
  assert.deepEqual(await numbers('$Latest', '1'), [2, 1]);
  await ec2.call('ModifyLaunchTemplate', { ...Named, DefaultVersion: '2' });
  assert.deepEqual(await numbers('$Default'), [2]);
  const deleted = await ec2.call('DeleteLaunchTemplateVersions', { ...Named, Versions: ['1', '7'] });
  assert.equal(deleted.SuccessfullyDeletedLaunchTemplateVersions?.length, 1);
  assert.equal(
    deleted.UnsuccessfullyDeletedLaunchTemplateVersions?.[0]?.ResponseError?.Code,
    'launchTemplateVersionDoesNotExist',
  );
  await assert.rejects(
    ec2.call('DeleteLaunchTemplateVersions', { ...Named, Versions: ['2'] }),
    failure('InvalidLaunchTemplateId.VersionIsDefault'),
  );
  await assert.rejects(numbers('9'), failure('InvalidLaunchTemplateId.VersionNotFound'));
  await assert.rejects(
    ec2.call('CreateLaunchTemplate', { ...Named, LaunchTemplateData: {} }),
    failure('InvalidLaunchTemplateName.AlreadyExistsException'),
  );
  const { LaunchTemplates: all } = await ec2.call('DescribeLaunchTemplates', {});
  assert.deepEqual([all?.[0]?.LatestVersionNumber, all?.[0]?.DefaultVersionNumber], [2, 2]);
  const id = must(made?.LaunchTemplateId);
  await ec2.call('DeleteLaunchTemplate', { LaunchTemplateId: id });
  await assert.rejects(
    ec2.call('DescribeLaunchTemplates', { LaunchTemplateIds: [id] }),
    failure('InvalidLaunchTemplateId.NotFound'),
  );
  await ec2.close();
});

test('the latest version is the last that is left, and no number is given twice', async () => {
  const ec2 = openTestEc2();
  for (const LaunchTemplateName of ['web', 'api']) {
    await ec2.call('CreateLaunchTemplate', { LaunchTemplateName, LaunchTemplateData: { ImageId: IMAGE } });
  }
  const add = async () =>
    (await ec2.call('CreateLaunchTemplateVersion', { ...Named, LaunchTemplateData: {} })).LaunchTemplateVersion
      ?.VersionNumber;
  const described = async (named: object) =>
    (await ec2.call('DescribeLaunchTemplateVersions', named)).LaunchTemplateVersions?.map((one) => one.VersionNumber);
  assert.deepEqual([await add(), await add()], [2, 3]);
  await ec2.call('DeleteLaunchTemplateVersions', { ...Named, Versions: ['3'] });
  const { LaunchTemplates: found } = await ec2.call('DescribeLaunchTemplates', { LaunchTemplateNames: ['web'] });
  assert.equal(found?.[0]?.LatestVersionNumber, 2);
  assert.deepEqual(await described({ ...Named, Versions: ['$Latest'] }), [2]);
  assert.deepEqual((await described({ Versions: ['$Latest'] }))?.toSorted(), [1, 2]);
  assert.equal(await add(), 4);
  assert.deepEqual(await described(Named), [4, 2, 1]);
  await ec2.close();
});

test('a launch takes from its template what the request does not say', async () => {
  const ec2 = openTestEc2();
  const groupId = await ec2.createGroup('web');
  const tags = (...pairs: readonly (readonly [string, string])[]) => [
    { ResourceType: 'instance' as const, Tags: pairs.map(([Key, Value]) => ({ Key, Value })) },
  ];
  const { LaunchTemplate: made } = await ec2.call('CreateLaunchTemplate', {
    ...Named,
    LaunchTemplateData: {
      ImageId: IMAGE,
      InstanceType: 't3.micro',
      SecurityGroupIds: [groupId],
      UserData: Buffer.from('#!/bin/sh\n').toString('base64'),
      TagSpecifications: tags(['team', 'web'], ['Name', 'template']),
    },
  });
  const { Instances: launched } = await ec2.call('RunInstances', {
    MinCount: 1,
    MaxCount: 1,
    InstanceType: 't3.small',
    LaunchTemplate: { ...Named, Version: '$Latest' },
    TagSpecifications: tags(['Name', 'request']),
  });
  const one = must(launched?.[0]);
  assert.equal(one.InstanceType, 't3.small');
  assert.deepEqual(
    one.SecurityGroups?.map((group) => group.GroupName),
    ['web'],
  );
  assert.deepEqual(Object.fromEntries((one.Tags ?? []).map(({ Key, Value }) => [Key, Value])), {
    team: 'web',
    Name: 'request',
    'aws:ec2launchtemplate:id': made?.LaunchTemplateId,
    'aws:ec2launchtemplate:version': '1',
  });
  const { UserData } = await ec2.call('DescribeInstanceAttribute', {
    InstanceId: must(one.InstanceId),
    Attribute: 'userData',
  });
  assert.equal(Buffer.from(UserData?.Value ?? '', 'base64').toString(), '#!/bin/sh\n');
  await ec2.close();
});

test('a template of an Auto Scaling group is launched into the subnets of the group', async () => {
  const ec2 = openTestEc2();
  const { subnetId } = await ec2.defaults();
  const launch = {
    MinCount: 1,
    MaxCount: 1,
    ImageId: IMAGE,
    InstanceType: 't3.micro' as const,
    SubnetId: subnetId,
    NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false }],
  };
  await assert.rejects(ec2.call('RunInstances', launch), failure('InvalidParameterCombination'));
  const principal = linkedRole('autoscaling.amazonaws.com', 'AWSServiceRoleForAutoScaling');
  const { Instances: launched, RequesterId } = await ec2.call('RunInstances', launch, { principal });
  assert.deepEqual([launched?.[0]?.SubnetId, RequesterId], [subnetId, 'amazon-autoscaling']);
  await ec2.reconcile();
  const { Reservations: seen } = await ec2.call('DescribeInstances', {});
  assert.equal(seen?.[0]?.Instances?.[0]?.PublicIpAddress, undefined);
  await ec2.close();
});

test('a launch without a subnet needs permission on the default subnet of the zone, by its name or its ID', async () => {
  const ec2 = openTestEc2();
  await ec2.defaults();
  const Filters = [{ Name: 'availability-zone', Values: ['us-east-1b'] }];
  const { Subnets } = await ec2.call('DescribeSubnets', { Filters });
  const subnet = must(Subnets?.[0]?.SubnetArn);
  const asked = async (Placement: object) => {
    const input = { ImageId: IMAGE, MinCount: 1, MaxCount: 1, Placement };
    const arns = await ec2.store.read(async (tx) => RunInstances.resources(input, TEST_SCOPE, tx));
    return arns.filter((arn) => arn.includes(':subnet/'));
  };
  assert.deepEqual(await asked({ AvailabilityZone: 'us-east-1b' }), [subnet]);
  assert.deepEqual(await asked({ AvailabilityZoneId: 'use1-az2' }), [subnet]);
  const [any] = await asked({ AvailabilityZoneId: 'use1-az9' });
  assert.match(must(any), /:subnet\/\*$/);
  await ec2.close();
});

test('what a template names needs permission as what the request names does', async () => {
  const ec2 = openTestEc2();
  const LaunchTemplateData = {
    ImageId: 'ami-1',
    KeyName: 'deploy',
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: 'subnet-1', Groups: ['sg-1'] }],
  };
  const { LaunchTemplate: made } = await ec2.call('CreateLaunchTemplate', { ...Named, LaunchTemplateData });
  const touched = (more: object, LaunchTemplate: object = Named) =>
    ec2.store.read(async (tx) =>
      RunInstances.resources({ MinCount: 1, MaxCount: 1, LaunchTemplate, ...more }, TEST_SCOPE, tx),
    );
  const named = async (...given: Parameters<typeof touched>) =>
    (await touched(...given)).filter((arn) => !arn.endsWith('*')).map((arn) => arn.split(':').at(-1));
  const template = `launch-template/${made?.LaunchTemplateId}`;
  const all = ['image/ami-1', 'subnet/subnet-1', 'security-group/sg-1', 'key-pair/deploy', template];
  assert.deepEqual(await named({}), all);
  assert.deepEqual((await named({ KeyName: 'own', ImageId: 'ami-2' })).slice(0, 4), [
    'image/ami-2',
    'subnet/subnet-1',
    'security-group/sg-1',
    'key-pair/own',
  ]);
  const byNone = await named({}, { LaunchTemplateName: 'gone' });
  assert.deepEqual(
    byNone.map((name) => name?.split('/')[0]),
    ['subnet'],
    'the default one',
  );
  await ec2.close();
});
