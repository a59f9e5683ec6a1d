import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEST_SCOPE } from '../../api/testing.ts';
import { ec2 as service } from './index.ts';
import { linkedRole, must, openTestEc2, type TestEc2 } from './testing.ts';

const ARN = 'arn:aws:ec2:us-east-1:123456789012';

/** What the gateway would ask for, with what rows tell. */
async function asked(ec2: TestEc2, name: string, input: object) {
  const operation = must(service.operations[name]);
  return ec2.store.read(async (tx) => ({
    resources: await operation.resources(input, TEST_SCOPE, tx),
    conditions: await operation.conditions?.(input, TEST_SCOPE, tx),
    also: await operation.also?.(input, TEST_SCOPE, tx),
  }));
}

async function createInterface(ec2: TestEc2, SubnetId: string): Promise<string> {
  return must((await ec2.call('CreateNetworkInterface', { SubnetId })).NetworkInterface?.NetworkInterfaceId);
}

test('a security group that is named is the one of that name, in the VPC that it is in', async () => {
  const ec2 = openTestEc2();
  const { vpcId } = await ec2.defaults();
  const groupId = await ec2.createGroup('web');
  const expected = {
    resources: [`${ARN}:security-group/${groupId}`],
    conditions: { 'ec2:region': 'us-east-1', 'ec2:securitygroupid': groupId, 'ec2:vpc': `${ARN}:vpc/${vpcId}` },
    also: [],
  };
  for (const input of [{ GroupName: 'web' }, { GroupId: groupId }, { GroupId: '', GroupName: 'web' }]) {
    assert.deepEqual(await asked(ec2, 'DeleteSecurityGroup', input), expected);
    assert.deepEqual(await asked(ec2, 'AuthorizeSecurityGroupIngress', input), expected);
  }
  assert.deepEqual((await asked(ec2, 'DeleteSecurityGroup', { GroupName: 'none' })).resources, [
    `${ARN}:security-group/*`,
  ]);
  await ec2.close();
});

test('a group made in no VPC in particular is made in the default VPC', async () => {
  const ec2 = openTestEc2();
  const input = { GroupName: 'web', Description: 'web' };
  assert.deepEqual((await asked(ec2, 'CreateSecurityGroup', input)).resources, [
    `${ARN}:security-group/*`,
    `${ARN}:vpc/*`,
  ]);
  const { vpcId } = await ec2.defaults();
  const { resources, conditions } = await asked(ec2, 'CreateSecurityGroup', input);
  assert.deepEqual(resources, [`${ARN}:security-group/*`, `${ARN}:vpc/${vpcId}`]);
  assert.deepEqual(conditions, { 'ec2:region': 'us-east-1', 'ec2:vpcid': vpcId, 'ec2:tenancy': 'default' });
  await ec2.close();
});

test('an association is of an address and an interface, whichever way it is named', async () => {
  const ec2 = openTestEc2();
  const { subnetId, vpcId } = await ec2.defaults();
  const interfaceId = await createInterface(ec2, subnetId);
  const { AllocationId: id, PublicIp: publicIp } = await ec2.call('AllocateAddress', {});
  const [address, holder] = [`${ARN}:elastic-ip/${id}`, `${ARN}:network-interface/${interfaceId}`];
  const free = await asked(ec2, 'DisassociateAddress', { PublicIp: publicIp });
  assert.deepEqual(free.resources, [address]);
  const wanted = await asked(ec2, 'AssociateAddress', { PublicIp: publicIp, NetworkInterfaceId: interfaceId });
  assert.deepEqual(wanted.resources, [address, holder]);
  assert.deepEqual(wanted.conditions, {
    'ec2:region': 'us-east-1',
    'ec2:allocationid': id,
    'ec2:domain': 'vpc',
    'ec2:publicipaddress': publicIp,
    'ec2:networkinterfaceid': interfaceId,
    'ec2:vpc': `${ARN}:vpc/${vpcId}`,
    'ec2:subnet': `${ARN}:subnet/${subnetId}`,
    'ec2:availabilityzone': 'us-east-1a',
  });
  const { AssociationId } = await ec2.call('AssociateAddress', { AllocationId: id, NetworkInterfaceId: interfaceId });
  for (const input of [{ AssociationId }, { PublicIp: publicIp }]) {
    assert.deepEqual((await asked(ec2, 'DisassociateAddress', input)).resources, [address, holder]);
  }
  assert.deepEqual((await asked(ec2, 'ReleaseAddress', { PublicIp: publicIp })).resources, [address]);
  await ec2.close();
});

test('a key pair is asked for by what is deleted, whichever way it is named', async () => {
  const ec2 = openTestEc2();
  const { KeyPairId } = await ec2.call('CreateKeyPair', { KeyName: 'secret', KeyType: 'ed25519' });
  await ec2.call('CreateKeyPair', { KeyName: 'own', KeyType: 'ed25519' });
  const touched = async (input: object) => (await asked(ec2, 'DeleteKeyPair', input)).resources;
  assert.deepEqual(await touched({ KeyPairId }), [`${ARN}:key-pair/secret`]);
  assert.deepEqual(await touched({ KeyName: 'own', KeyPairId: '' }), [`${ARN}:key-pair/own`]);
  assert.deepEqual(await touched({ KeyName: 'own', KeyPairId }), [`${ARN}:key-pair/secret`]);
  assert.equal((await ec2.call('DeleteKeyPair', { KeyName: 'own', KeyPairId })).KeyPairId, KeyPairId);
  assert.deepEqual(await touched({ KeyName: 'own', KeyPairId }), [`${ARN}:key-pair/*`], 'that is gone');
  await ec2.close();
});

test('an address of another region is not found by its number', async () => {
  const ec2 = openTestEc2();
  const { PublicIp } = await ec2.call('AllocateAddress', {}, { region: 'eu-west-1' });
  assert.deepEqual((await asked(ec2, 'ReleaseAddress', { PublicIp })).resources, [`${ARN}:elastic-ip/*`]);
  await ec2.close();
});

test('resources that differ in a key are asked for one by one, each with its own', async () => {
  const ec2 = openTestEc2();
  const { subnetId, vpcId } = await ec2.defaults();
  const [web, api] = [await ec2.createGroup('web'), await ec2.createGroup('api')];
  const { conditions, also } = await asked(ec2, 'CreateNetworkInterface', { SubnetId: subnetId, Groups: [web, api] });
  const common = { 'ec2:region': 'us-east-1', 'ec2:vpc': `${ARN}:vpc/${vpcId}` };
  assert.deepEqual(conditions, {
    ...common,
    'ec2:subnetid': subnetId,
    'ec2:availabilityzone': 'us-east-1a',
    'ec2:availabilityzoneid': 'use1-az1',
  });
  assert.deepEqual(
    also,
    [web, api].map((id) => ({
      action: 'ec2:CreateNetworkInterface',
      resources: [`${ARN}:security-group/${id}`],
      conditions: { ...common, 'ec2:securitygroupid': id },
    })),
  );
  await ec2.close();
});

test('tagging what is made needs ec2:CreateTags on it, but not for the tags of services', async () => {
  const ec2 = openTestEc2();
  const tagged = (ResourceType: string, ...keys: string[]) => ({
    TagSpecifications: [{ ResourceType, Tags: keys.map((Key) => ({ Key, Value: 'x' })) }],
  });
  const { also } = await asked(ec2, 'AllocateAddress', tagged('elastic-ip', 'team', 'aws:x'));
  assert.deepEqual(also, [
    {
      action: 'ec2:CreateTags',
      resources: [`${ARN}:elastic-ip/*`],
      conditions: { 'ec2:region': 'us-east-1', 'ec2:createaction': 'AllocateAddress' },
    },
  ]);
  assert.deepEqual((await asked(ec2, 'AllocateAddress', tagged('elastic-ip', 'aws:x'))).also, []);
  assert.deepEqual((await asked(ec2, 'AllocateAddress', {})).also, []);
  const principal = linkedRole('elasticloadbalancing.amazonaws.com', 'AWSServiceRoleForElasticLoadBalancing');
  const { AllocationId } = await ec2.call('AllocateAddress', tagged('elastic-ip', 'aws:x') as object, { principal });
  assert.ok(AllocationId);
  await assert.rejects(ec2.call('AllocateAddress', tagged('elastic-ip', 'aws:x') as object), /reserved/);
  await ec2.close();
});

test('a call that names nothing to tag needs permission on everything', async () => {
  const ec2 = openTestEc2();
  assert.deepEqual((await asked(ec2, 'CreateTags', { Resources: [], Tags: [] })).resources, ['*']);
  await ec2.close();
});

test('the tags behind an ARN are those of the resource that it names', async () => {
  const ec2 = openTestEc2();
  const { vpcId, groupId } = await ec2.defaults();
  const { SecurityGroupRules: rules } = await ec2.call('DescribeSecurityGroupRules', {
    Filters: [{ Name: 'group-id', Values: [groupId] }],
  });
  const ruleId = must(rules?.[0]?.SecurityGroupRuleId);
  await ec2.call('CreateTags', { Resources: [vpcId, ruleId], Tags: [{ Key: 'team', Value: 'web' }] });
  const tagsOf = (arn: string) => ec2.store.read((tx) => must(service.resourceTags)(tx, arn));
  assert.deepEqual(await tagsOf(`${ARN}:vpc/${vpcId}`), { team: 'web' });
  assert.deepEqual(await tagsOf(`${ARN}:security-group-rule/${ruleId}`), { team: 'web' });
  assert.deepEqual(await tagsOf(`${ARN}:security-group/${groupId}`), {});
  for (const nothing of ['vpc/*', 'vpc/vpc-0', `vpc/${vpcId}/x`, `subnet/${vpcId}`, 'instance/i-1']) {
    assert.equal(await tagsOf(`${ARN}:${nothing}`), undefined);
  }
  assert.equal(await tagsOf(`arn:aws:ec2:us-east-1:210987654321:vpc/${vpcId}`), undefined);
  await ec2.close();
});
