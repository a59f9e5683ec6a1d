import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '../api/context.ts';
import { Authorizer } from '../gateway/authorizer.ts';
import { allowed, testDirectory } from '../gateway/testing-directory.ts';
import { ServiceError } from '../kernel/errors.ts';
import { seededIds } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { imagesOf } from '../services/ec2/domain/machine-images.ts';
import { ec2 as service } from '../services/ec2/index.ts';
import { must, openTestEc2, type TestEc2 } from '../services/ec2/testing.ts';

/** What policies say of launches and of instances, by the keys that AWS has for each kind of resource. */

const ACCOUNT = '123456789012';
const ARN = `arn:aws:ec2:us-east-1:${ACCOUNT}`;
const USER: Principal = {
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/someone`,
  userId: 'AIDAEXAMPLE',
  userName: 'someone',
};
const [OLD, STRICT] = imagesOf('us-east-1', 'x86_64');
const IMAGE = must(OLD).id;
const ONE = { ImageId: IMAGE, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 };

const directory = testDirectory();
let ec2: TestEc2;
let authorizer: Authorizer;
let place: Awaited<ReturnType<TestEc2['defaults']>>;

before(async () => {
  ec2 = openTestEc2();
  place = await ec2.defaults();
  const messages = new SealedBox(Buffer.alloc(32, 2), 'authorization-messages', seededIds(5));
  authorizer = new Authorizer({ services: [service], store: ec2.store, directory, messages });
});
after(() => ec2.close());

/** Whether somebody with these statements may: `yes`, or the kind of resource that is refused. */
async function may(statements: readonly object[], operation: string, input: object): Promise<string> {
  directory.policies.set(USER.arn, allowed(...statements));
  const facts = { sourceIp: '127.0.0.1', secure: false };
  const call = { principal: USER, account: ACCOUNT, region: 'us-east-1', facts, now: 0 };
  try {
    await authorizer.authorize({ ...call, service: 'ec2', operation: must(service.operations[operation]), input });
    return 'yes';
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const [, action = '', resource = ''] = /perform: (\S+) on resource: \S+:\d*:([\w-]+)\//.exec(error.message) ?? [];
    return action === 'ec2:CreateTags' ? `tags of ${resource}` : resource;
  }
}

const launch = (statements: readonly object[], input: object = {}) =>
  may(statements, 'RunInstances', { ...ONE, ...input });

/** What a launch uses, and the things that come with an instance. */
const REST = {
  Effect: 'Allow',
  Action: 'ec2:RunInstances',
  Resource: [
    'arn:aws:ec2:*::image/*',
    ...['subnet', 'security-group', 'key-pair', 'launch-template', 'volume', 'network-interface'].map(
      (kind) => `${ARN}:${kind}/*`,
    ),
  ],
};

/** Instances alone, under a condition. */
function instancesWhere(Condition: object): readonly object[] {
  return [REST, { Effect: 'Allow', Action: 'ec2:RunInstances', Resource: `${ARN}:instance/*`, Condition }];
}

test('the type, the market, the profile, the place and the tenancy of an instance', async () => {
  const micro = instancesWhere({ StringEquals: { 'ec2:InstanceType': 't3.micro' } });
  assert.deepEqual([await launch(micro), await launch(micro, { InstanceType: 't3.large' })], ['yes', 'instance']);
  const spot = instancesWhere({ StringEquals: { 'ec2:InstanceMarketType': 'spot' } });
  assert.equal(await launch(spot), 'instance');
  assert.equal(await launch(spot, { InstanceMarketOptions: { MarketType: 'spot' } }), 'yes');
  const profile = instancesWhere({
    ArnLike: { 'ec2:InstanceProfile': `arn:aws:iam::${ACCOUNT}:instance-profile/app*` },
  });
  assert.deepEqual(
    [
      await launch(profile),
      await launch(profile, { IamInstanceProfile: { Name: 'app-1' } }),
      await launch(profile, { IamInstanceProfile: { Name: 'admin' } }),
    ],
    ['instance', 'yes', 'instance'],
  );
  const zone = instancesWhere({ StringEquals: { 'ec2:AvailabilityZone': 'us-east-1b' } });
  assert.equal(await launch(zone), 'instance');
  assert.equal(await launch(zone, { Placement: { AvailabilityZone: 'us-east-1b' } }), 'yes');
  const others = { 'ec2:Tenancy': 'default', 'ec2:RootDeviceType': 'ebs', 'ec2:Region': 'us-east-1' };
  assert.equal(await launch(instancesWhere({ StringEquals: others })), 'yes');
  assert.equal(await launch(instancesWhere({ Bool: { 'ec2:EbsOptimized': 'true' } })), 'instance');
});

test('a key is only there for the kinds of resources that have it', async () => {
  const everywhere = {
    Effect: 'Allow',
    Action: 'ec2:RunInstances',
    Resource: '*',
    Condition: { StringEquals: { 'ec2:InstanceType': 't3.micro' } },
  };
  assert.notEqual(await launch([everywhere]), 'yes', 'an image has no instance type');
  const ifThere = { ...everywhere, Condition: { StringEqualsIfExists: { 'ec2:InstanceType': 't3.micro' } } };
  assert.equal(await launch([ifThere]), 'yes');
  assert.equal(await launch([ifThere], { InstanceType: 't3.large' }), 'instance');
});

test('metadata options, given or by the image', async () => {
  const tokens = instancesWhere({ StringEquals: { 'ec2:MetadataHttpTokens': 'required' } });
  assert.equal(await launch(tokens), 'instance');
  assert.equal(await launch(tokens, { MetadataOptions: { HttpTokens: 'required' } }), 'yes');
  assert.equal(await launch(tokens, { ImageId: must(STRICT).id }), 'yes');
  assert.equal(await launch(tokens, { ImageId: 'resolve:ssm:/some/name' }), 'instance', 'which image is not known');
  const near = instancesWhere({
    NumericLessThanEquals: { 'ec2:MetadataHttpPutResponseHopLimit': '1' },
    StringEquals: { 'ec2:MetadataHttpEndpoint': 'enabled' },
  });
  assert.equal(await launch(near), 'yes');
  assert.equal(await launch(near, { MetadataOptions: { HttpPutResponseHopLimit: 2 } }), 'instance');
  assert.equal(await launch(near, { MetadataOptions: { HttpEndpoint: 'disabled' } }), 'instance');
});

/** All, where `kind` is under a condition. */
function others(kind: string, Condition: object): readonly object[] {
  const of = kind === 'image' ? 'arn:aws:ec2:*::image/*' : `${ARN}:${kind}/*`;
  return [
    { Effect: 'Allow', Action: 'ec2:RunInstances', NotResource: of },
    { Effect: 'Allow', Action: 'ec2:RunInstances', Resource: of, Condition },
  ];
}

test('images, subnets, interfaces, groups, disks and key pairs', async () => {
  const owner = { 'ec2:Owner': 'amazon', 'ec2:ImageType': 'machine', 'ec2:ImageID': IMAGE };
  assert.equal(await launch(others('image', { StringEquals: owner, Bool: { 'ec2:Public': 'true' } })), 'yes');
  assert.equal(await launch(others('image', { StringEquals: { 'ec2:Owner': ACCOUNT } })), 'image');
  const { SubnetId: _, ...none } = { SubnetId: '' };
  for (const input of [none, { SubnetId: place.subnetId }]) {
    const vpc = { 'ec2:Vpc': `${ARN}:vpc/${place.vpcId}` };
    assert.equal(await launch(others('subnet', { ArnEquals: vpc }), input), 'yes');
    assert.equal(await launch(others('network-interface', { ArnEquals: vpc }), input), 'yes');
    assert.equal(await launch(others('security-group', { ArnEquals: vpc }), input), 'yes');
    assert.equal(await launch(others('subnet', { ArnEquals: { 'ec2:Vpc': `${ARN}:vpc/vpc-0` } }), input), 'subnet');
    const subnet = { 'ec2:Subnet': `${ARN}:subnet/subnet-0` };
    assert.equal(await launch(others('network-interface', { ArnEquals: subnet }), input), 'network-interface');
  }
  const open = others('network-interface', { Bool: { 'ec2:AssociatePublicIpAddress': 'false' } });
  const own = (AssociatePublicIpAddress: boolean) => ({
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: place.subnetId, AssociatePublicIpAddress }],
  });
  assert.deepEqual([await launch(open, own(false)), await launch(open, own(true))], ['yes', 'network-interface']);
  const small = others('volume', { NumericLessThanEquals: { 'ec2:VolumeSize': '40' } });
  const disk = (VolumeSize: number) => ({ BlockDeviceMappings: [{ DeviceName: '/dev/xvdb', Ebs: { VolumeSize } }] });
  assert.deepEqual(
    [await launch(small), await launch(small, disk(40)), await launch(small, disk(41))],
    ['yes', 'yes', 'volume'],
  );
  const key = others('key-pair', { StringEquals: { 'ec2:KeyPairName': 'deploy' } });
  assert.deepEqual(
    [await launch(key, { KeyName: 'deploy' }), await launch(key, { KeyName: 'x' })],
    ['yes', 'key-pair'],
  );
});

test('tags of the request, each kind with its own, also where a template has them', async () => {
  const tagged = (ResourceType: string, Value = 'web') => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key: 'team', Value }] }],
  });
  const team = instancesWhere({ StringEquals: { 'aws:RequestTag/team': 'web' } });
  const tagging = {
    Effect: 'Allow',
    Action: 'ec2:CreateTags',
    Resource: '*',
    Condition: { StringEquals: { 'ec2:CreateAction': 'RunInstances', 'aws:RequestTag/team': 'web' } },
  };
  assert.equal(await launch([...team, tagging]), 'instance');
  assert.equal(await launch([...team, tagging], tagged('volume')), 'instance');
  assert.equal(await launch(team, tagged('instance')), 'tags of instance');
  assert.equal(await launch([...team, tagging], tagged('instance')), 'yes');
  assert.equal(await launch([...team, tagging], tagged('instance', 'db')), 'instance');
  const only = instancesWhere({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['stage'] } });
  assert.equal(await launch([...only, tagging], tagged('instance')), 'instance');
  await ec2.call('CreateLaunchTemplate', {
    LaunchTemplateName: 'tagged',
    LaunchTemplateData: { ...tagged('instance') } as object,
  });
  const template = { LaunchTemplate: { LaunchTemplateName: 'tagged' } };
  assert.deepEqual(
    [await launch(team, template), await launch([...team, tagging], template)],
    ['tags of instance', 'yes'],
  );
  const spot = { ...tagged('spot-instances-request'), InstanceMarketOptions: { MarketType: 'spot' } };
  assert.equal(await launch([...instancesWhere({}), tagging], spot), 'spot-instances-request');
});

test('who must launch by a template cannot override what it names', async () => {
  const { LaunchTemplate: made } = await ec2.call('CreateLaunchTemplate', {
    LaunchTemplateName: 'fixed',
    LaunchTemplateData: { ImageId: IMAGE, InstanceType: 't3.micro', SubnetId: place.subnetId } as object,
  });
  const statement = {
    Effect: 'Allow',
    Action: 'ec2:RunInstances',
    Resource: '*',
    Condition: {
      ArnLike: { 'ec2:LaunchTemplate': `${ARN}:launch-template/${made?.LaunchTemplateId}` },
      Bool: { 'ec2:IsLaunchTemplateResource': 'true' },
    },
  };
  const run = (input: object) => may([statement], 'RunInstances', { MinCount: 1, MaxCount: 1, ...input });
  const byName = { LaunchTemplate: { LaunchTemplateName: 'fixed' } };
  assert.equal(await run(byName), 'yes');
  assert.equal(await run({ ...byName, ImageId: must(STRICT).id }), 'image');
  assert.equal(await run({ ...byName, SubnetId: place.subnetId }), 'subnet');
  assert.equal(await run({ ...byName, SecurityGroupIds: [place.groupId] }), 'security-group');
  assert.notEqual(await run({ LaunchTemplate: { LaunchTemplateName: 'tagged' } }), 'yes');
  assert.notEqual(await run(ONE), 'yes');
});

test('instances that run: by their tags and by what they are', async () => {
  const ids: string[] = [];
  for (const Value of ['web', 'db']) {
    const { Instances } = await ec2.call('RunInstances', {
      ...(ONE as object as { MinCount: number; MaxCount: number }),
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'team', Value }] }],
    });
    ids.push(must(Instances?.[0]?.InstanceId));
  }
  const [web = '', db = ''] = ids;
  const where = (Condition: object) => [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*', Condition }];
  for (const key of ['ec2:ResourceTag/team', 'aws:ResourceTag/team']) {
    const mine = where({ StringEquals: { [key]: 'web' } });
    for (const name of ['TerminateInstances', 'StopInstances', 'StartInstances', 'RebootInstances']) {
      assert.equal(await may(mine, name, { InstanceIds: [web] }), 'yes');
      assert.equal(await may(mine, name, { InstanceIds: [web, db] }), 'instance');
    }
    for (const name of ['ModifyInstanceAttribute', 'ModifyInstanceMetadataOptions']) {
      assert.deepEqual(
        [await may(mine, name, { InstanceId: web }), await may(mine, name, { InstanceId: db })],
        ['yes', 'instance'],
      );
    }
  }
  const onDemand = where({ StringEquals: { 'ec2:InstanceMarketType': 'on-demand', 'ec2:InstanceType': 't3.micro' } });
  assert.equal(await may(onDemand, 'TerminateInstances', { InstanceIds: ids }), 'yes');
  const tokens = [
    ...where({}),
    {
      Effect: 'Deny',
      Action: 'ec2:ModifyInstanceMetadataOptions',
      Resource: '*',
      Condition: { StringNotEquals: { 'ec2:Attribute/HttpTokens': 'required' } },
    },
  ];
  const modify = (HttpTokens: string) => may(tokens, 'ModifyInstanceMetadataOptions', { InstanceId: web, HttpTokens });
  assert.deepEqual([await modify('required'), await modify('optional')], ['yes', 'instance']);
});
