import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServiceError } from '../../../kernel/errors.ts';
import { imagesOf } from '../domain/machine-images.ts';
import { failure, must, openTestEc2, type TestEc2 } from '../testing.ts';

const IMAGES = imagesOf('us-east-1', 'x86_64');
const ONE = { ImageId: must(IMAGES[0]).id, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
const IAM = 'arn:aws:iam::123456789012';

async function run(ec2: TestEc2, more: object = {}): Promise<string> {
  return must((await ec2.call('RunInstances', { ...ONE, ...more })).Instances?.[0]?.InstanceId);
}

const PROFILES = {
  'iam:GetInstanceProfile': ({ InstanceProfileName: name }: { InstanceProfileName: string }) => {
    if (!name.startsWith('app')) throw new ServiceError('NoSuchEntityException', 'no');
    return {
      InstanceProfile: {
        Arn: `${IAM}:instance-profile/${name}`,
        InstanceProfileId: 'AIPA1',
        Roles: [{ Arn: `${IAM}:role/app`, RoleName: 'app' }],
      },
    };
  },
};

test('an instance profile hands over its role, which the caller must be allowed to', async () => {
  const ec2 = openTestEc2(undefined, { calls: PROFILES });
  const id = await run(ec2, { IamInstanceProfile: { Name: 'app' } });
  assert.deepEqual(ec2.host.passed, [`${IAM}:role/app`]);
  const associations = async () =>
    (await ec2.call('DescribeIamInstanceProfileAssociations', {})).IamInstanceProfileAssociations ?? [];
  const [first] = await associations();
  assert.deepEqual([first?.InstanceId, first?.IamInstanceProfile?.Arn], [id, `${IAM}:instance-profile/app`]);
  await assert.rejects(
    ec2.call('AssociateIamInstanceProfile', { InstanceId: id, IamInstanceProfile: { Name: 'app' } }),
    failure('IncorrectState'),
  );
  await ec2.call('ReplaceIamInstanceProfileAssociation', {
    AssociationId: must(first?.AssociationId),
    IamInstanceProfile: { Arn: `${IAM}:instance-profile/app2` },
  });
  const [second] = await associations();
  assert.equal(second?.IamInstanceProfile?.Arn, `${IAM}:instance-profile/app2`);
  await ec2.call('DisassociateIamInstanceProfile', { AssociationId: must(second?.AssociationId) });
  assert.deepEqual(await associations(), []);
  await assert.rejects(run(ec2, { IamInstanceProfile: { Name: 'gone' } }), failure('InvalidParameterValue', 'name'));
  await assert.rejects(
    ec2.call('DisassociateIamInstanceProfile', { AssociationId: 'iip-assoc-1' }),
    failure('NoSuchAssociation'),
  );
  await ec2.close();
});

test('a caller who may not hand over the role launches nothing', async () => {
  const ec2 = openTestEc2(undefined, { calls: PROFILES });
  Object.assign(ec2.host, {
    passRole: () => Promise.reject(new ServiceError('AccessDeniedException', 'iam:PassRole')),
  });
  await assert.rejects(run(ec2, { IamInstanceProfile: { Name: 'app' } }), /iam:PassRole/);
  assert.deepEqual((await ec2.call('DescribeInstances', {})).Reservations, []);
  // Auto Scaling asks so whether a caller may give a group the template.
  await ec2.call('CreateLaunchTemplate', {
    LaunchTemplateName: 'app',
    LaunchTemplateData: { IamInstanceProfile: { Name: 'app' } },
  });
  const tried = { DryRun: true, MinCount: 1, MaxCount: 1, LaunchTemplate: { LaunchTemplateName: 'app' } };
  await assert.rejects(ec2.call('RunInstances', tried), /iam:PassRole/);
  await ec2.close();
});

test('attributes are read, and changed when they may be', async () => {
  const ec2 = openTestEc2();
  const InstanceId = await run(ec2);
  await ec2.reconcile();
  const modify = (change: object) => ec2.call('ModifyInstanceAttribute', { InstanceId, ...change });
  const attribute = (Attribute: 'instanceType' | 'disableApiTermination' | 'groupSet') =>
    ec2.call('DescribeInstanceAttribute', { InstanceId, Attribute });
  await modify({ DisableApiTermination: { Value: true } });
  assert.deepEqual((await attribute('disableApiTermination')).DisableApiTermination, { Value: true });
  await modify({ Attribute: 'disableApiTermination', Value: 'false' });
  await assert.rejects(modify({ InstanceType: { Value: 't3.large' } }), failure('IncorrectInstanceState'));
  await assert.rejects(modify({ SourceDestCheck: { Value: false } }), failure('InvalidParameterValue'));
  await assert.rejects(modify({}), failure('MissingParameter'));
  const groupId = await ec2.createGroup('other');
  await modify({ Groups: [groupId] });
  assert.equal((await attribute('groupSet')).Groups?.[0]?.GroupId, groupId);
  await ec2.call('StopInstances', { InstanceIds: [InstanceId] });
  await ec2.reconcile();
  await modify({ InstanceType: { Value: 't3.large' } });
  await ec2.call('StartInstances', { InstanceIds: [InstanceId] });
  await ec2.reconcile();
  assert.equal(ec2.host.driver.specOf(InstanceId).memoryBytes, 8 * 1024 ** 3);
  const { InstanceMetadataOptions: options } = await ec2.call('ModifyInstanceMetadataOptions', {
    InstanceId,
    HttpTokens: 'required',
    HttpPutResponseHopLimit: 3,
  });
  assert.deepEqual([options?.HttpTokens, options?.HttpPutResponseHopLimit], ['required', 3]);
  ec2.host.driver.print(InstanceId, 'hello\n');
  const { Output } = await ec2.call('GetConsoleOutput', { InstanceId });
  assert.match(Buffer.from(Output ?? '', 'base64').toString(), /hello/);
  await ec2.close();
});

test('key pairs are made, imported, described and deleted', async () => {
  const ec2 = openTestEc2();
  const folder = mkdtempSync(join(tmpdir(), 'ls-keys-'));
  for (const KeyType of ['rsa', 'ed25519'] as const) {
    const { KeyMaterial, KeyFingerprint } = await ec2.call('CreateKeyPair', { KeyName: KeyType, KeyType });
    const file = join(folder, KeyType);
    writeFileSync(file, must(KeyMaterial), { mode: 0o600 });
    const { KeyPairs } = await ec2.call('DescribeKeyPairs', { KeyNames: [KeyType], IncludePublicKey: true });
    const mine = must(KeyPairs?.[0]?.PublicKey).trim();
    try {
      // OpenSSH itself reads the private half, and finds the same public one.
      const theirs = execFileSync('ssh-keygen', ['-y', '-f', file]).toString().trim();
      assert.equal(mine.split(' ').slice(0, 2).join(' '), theirs.split(' ').slice(0, 2).join(' '));
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
    const { KeyFingerprint: imported } = await ec2.call('ImportKeyPair', {
      KeyName: `${KeyType}-imported`,
      PublicKeyMaterial: Buffer.from(mine),
    });
    if (KeyType === 'ed25519') assert.equal(imported, KeyFingerprint);
    else assert.match(must(imported), /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  }
  rmSync(folder, { recursive: true });
  await assert.rejects(ec2.call('CreateKeyPair', { KeyName: 'rsa' }), failure('InvalidKeyPair.Duplicate'));
  const bad = { KeyName: 'x', PublicKeyMaterial: Buffer.from('ssh-rsa nothing') };
  await assert.rejects(ec2.call('ImportKeyPair', bad), failure('InvalidKey.Format'));
  const id = await run(ec2, { KeyName: 'rsa' });
  await ec2.reconcile();
  assert.match(must(ec2.host.driver.specOf(id).publicKeys[0]), /^ssh-rsa AAAA/);
  await ec2.call('DeleteKeyPair', { KeyName: 'rsa' });
  await assert.rejects(ec2.call('DescribeKeyPairs', { KeyNames: ['rsa'] }), failure('InvalidKeyPair.NotFound'));
  await ec2.close();
});

test('images and instance types, with their real figures', async () => {
  const ec2 = openTestEc2();
  const { Images: found } = await ec2.call('DescribeImages', {
    Owners: ['amazon'],
    Filters: [{ Name: 'name', Values: ['al2023-ami-ecs-hvm-*'] }],
  });
  assert.equal(found?.[0]?.ImageId, IMAGES[1]?.id);
  assert.deepEqual((await ec2.call('DescribeImages', { Owners: ['self'] })).Images, []);
  const { InstanceTypes: types = [] } = await ec2.call('DescribeInstanceTypes', {
    InstanceTypes: ['t3.nano', 'm5.24xlarge', 'c5.9xlarge', 'r6g.medium', 'm7a.48xlarge', 't2.large'],
  });
  assert.deepEqual(
    types.map((type) => [type.InstanceType, type.VCpuInfo?.DefaultVCpus, type.MemoryInfo?.SizeInMiB]),
    [
      ['c5.9xlarge', 36, 72 * 1024],
      ['m5.24xlarge', 96, 384 * 1024],
      ['m7a.48xlarge', 192, 768 * 1024],
      ['r6g.medium', 1, 8 * 1024],
      ['t2.large', 2, 8 * 1024],
      ['t3.nano', 2, 512],
    ],
  );
  await assert.rejects(
    ec2.call('DescribeInstanceTypes', { InstanceTypes: ['x.y' as 't3.nano'] }),
    failure('InvalidInstanceType', '[x.y]'),
  );
  const { InstanceTypeOfferings: offered } = await ec2.call('DescribeInstanceTypeOfferings', {
    LocationType: 'availability-zone',
    Filters: [{ Name: 'instance-type', Values: ['t3.micro'] }],
  });
  assert.equal(offered?.length, 3);
  await ec2.close();
});

test('monitoring, CPU credits and disks, as records', async () => {
  const ec2 = openTestEc2();
  const id = await run(ec2, {
    CreditSpecification: { CpuCredits: 'standard' },
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 50, VolumeType: 'gp3' } }],
  });
  await ec2.call('MonitorInstances', { InstanceIds: [id] });
  const { Reservations: seen } = await ec2.call('DescribeInstances', {});
  const one = must(seen?.[0]?.Instances?.[0]);
  assert.equal(one.Monitoring?.State, 'enabled');
  const { InstanceCreditSpecifications: credits } = await ec2.call('DescribeInstanceCreditSpecifications', {});
  assert.deepEqual(credits, [{ InstanceId: id, CpuCredits: 'standard' }]);
  const volumeId = must(one.BlockDeviceMappings?.[0]?.Ebs?.VolumeId);
  const { Volumes: volumes } = await ec2.call('DescribeVolumes', { VolumeIds: [volumeId] });
  assert.deepEqual([volumes?.[0]?.Size, volumes?.[0]?.Attachments?.[0]?.InstanceId], [50, id]);
  await assert.rejects(ec2.call('DescribeVolumes', { VolumeIds: ['vol-0'] }), failure('InvalidVolume.NotFound'));
  await ec2.close();
});

test('tags that the metadata shows have keys that can be parts of paths', async () => {
  const ec2 = openTestEc2();
  const tagged = (Key: string) => ({ TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key, Value: 'x' }] }] });
  const shown = { InstanceMetadataTags: 'enabled' } as const;
  const refused = failure('InvalidParameterValue', 'is not a valid tag key');
  await assert.rejects(run(ec2, { ...tagged('cost center'), MetadataOptions: shown }), refused);
  const InstanceId = await run(ec2, tagged('team/cost'));
  await assert.rejects(ec2.call('ModifyInstanceMetadataOptions', { InstanceId, ...shown }), refused);
  await ec2.call('DeleteTags', { Resources: [InstanceId], Tags: [{ Key: 'team/cost' }] });
  await ec2.call('ModifyInstanceMetadataOptions', { InstanceId, ...shown });
  const tag = (Key: string) => ec2.call('CreateTags', { Resources: [InstanceId], Tags: [{ Key, Value: 'x' }] });
  await assert.rejects(tag('_index'), refused);
  await tag('aws-like:key@1');
  await ec2.close();
});
