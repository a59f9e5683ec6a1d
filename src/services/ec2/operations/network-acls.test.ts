import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, must, openTestEc2, type TestEc2 } from '../testing.ts';

const EVERYTHING = { Protocol: '-1', CidrBlock: '0.0.0.0/0', RuleAction: 'allow' } as const;

async function createAcl(ec2: TestEc2): Promise<{ VpcId: string; NetworkAclId: string; subnetId: string }> {
  const { vpcId, subnetId } = await ec2.defaults();
  const { NetworkAcl } = await ec2.call('CreateNetworkAcl', { VpcId: vpcId });
  return { VpcId: vpcId, NetworkAclId: must(NetworkAcl?.NetworkAclId), subnetId };
}

const describeAcl = async (ec2: TestEc2, id: string) =>
  must((await ec2.call('DescribeNetworkAcls', { NetworkAclIds: [id] })).NetworkAcls?.[0]);

async function associationOf(ec2: TestEc2, subnetId: string) {
  const Filters = [{ Name: 'association.subnet-id', Values: [subnetId] }];
  const { NetworkAcls = [] } = await ec2.call('DescribeNetworkAcls', { Filters });
  const [acl] = NetworkAcls;
  assert.equal(NetworkAcls.length, 1);
  return must(acl?.Associations?.find((one) => one.SubnetId === subnetId));
}

test('a new ACL denies all; its entries are ordered, replaced and deleted by their numbers', async () => {
  const ec2 = openTestEc2();
  const { NetworkAclId } = await createAcl(ec2);
  const create = (RuleNumber: number, more: object) =>
    ec2.call('CreateNetworkAclEntry', { NetworkAclId, RuleNumber, Egress: false, ...EVERYTHING, ...more });
  await create(200, { Protocol: 'tcp', PortRange: { From: 80, To: 90 }, CidrBlock: '10.1.2.3/16' });
  await create(100, { Protocol: '1', IcmpTypeCode: { Type: 8, Code: -1 }, RuleAction: 'deny' });
  await create(100, { Egress: true, PortRange: { From: 0, To: 0 } });
  await assert.rejects(create(100, {}), failure('NetworkAclEntryAlreadyExists', 'identified by 100 already exists'));
  const shown = async () =>
    (await describeAcl(ec2, NetworkAclId)).Entries?.map(({ RuleNumber, Egress, RuleAction, Protocol, ...more }) => [
      RuleNumber,
      Egress ? 'out' : 'in',
      RuleAction,
      Protocol,
      more.CidrBlock,
      more.PortRange ?? more.IcmpTypeCode,
    ]);
  assert.deepEqual(await shown(), [
    [100, 'out', 'allow', '-1', '0.0.0.0/0', undefined],
    [32_767, 'out', 'deny', '-1', '0.0.0.0/0', undefined],
    [100, 'in', 'deny', '1', '0.0.0.0/0', { Type: 8, Code: -1 }],
    [200, 'in', 'allow', '6', '10.1.0.0/16', { From: 80, To: 90 }],
    [32_767, 'in', 'deny', '-1', '0.0.0.0/0', undefined],
  ]);
  const rule = { NetworkAclId, RuleNumber: 200, Egress: false };
  await ec2.call('ReplaceNetworkAclEntry', { ...rule, ...EVERYTHING, Protocol: '50' });
  assert.deepEqual((await shown())?.[3], [200, 'in', 'allow', '50', '0.0.0.0/0', undefined]);
  await ec2.call('DeleteNetworkAclEntry', rule);
  const missing = failure('InvalidNetworkAclEntry.NotFound', 'identified by 200 does not exist');
  await assert.rejects(ec2.call('DeleteNetworkAclEntry', rule), missing);
  await assert.rejects(ec2.call('ReplaceNetworkAclEntry', { ...rule, ...EVERYTHING }), missing);
  await ec2.close();
});

test('an entry that cannot be is refused', async () => {
  const ec2 = openTestEc2();
  const { NetworkAclId } = await createAcl(ec2);
  const refused = (more: object, code: string, words: string) =>
    assert.rejects(
      ec2.call('CreateNetworkAclEntry', { NetworkAclId, RuleNumber: 1, Egress: false, ...EVERYTHING, ...more }),
      failure(code, words),
    );
  await refused({ RuleNumber: 0 }, 'InvalidParameterValue', 'ruleNumber');
  await refused({ RuleNumber: 32_767 }, 'InvalidParameterValue', 'ruleNumber');
  await refused({ CidrBlock: '10.0.0.0' }, 'InvalidParameterValue', 'cidrBlock');
  await refused({ Protocol: 'what' }, 'InvalidParameterValue', 'Unknown protocol');
  await refused({ Protocol: '58' }, 'InvalidParameterValue', 'no IPv6');
  await refused({ Protocol: '6' }, 'MissingParameter', 'portRange');
  await refused({ Protocol: '17', PortRange: { From: 9, To: 8 } }, 'InvalidParameterValue', 'UDP port range (9-8)');
  await refused({ Protocol: '1' }, 'MissingParameter', 'icmpTypeCode');
  await refused({ Ipv6CidrBlock: '::/0' }, 'InvalidParameterValue', 'Ipv6CidrBlock');
  await refused({ NetworkAclId: 'acl-0' }, 'InvalidNetworkAclID.NotFound', 'acl-0');
  for (let RuleNumber = 1; RuleNumber <= 20; RuleNumber++) {
    await ec2.call('CreateNetworkAclEntry', { NetworkAclId, RuleNumber, Egress: true, ...EVERYTHING });
  }
  await refused({ RuleNumber: 21, Egress: true }, 'NetworkAclEntryLimitExceeded', 'maximum');
  await refused({ RuleNumber: 21, Egress: true, DryRun: true }, 'DryRunOperation', '');
  await ec2.close();
});

test('a subnet moves from one ACL to another, which reaches the data plane where it limits anything', async () => {
  const ec2 = openTestEc2();
  const { VpcId, NetworkAclId, subnetId } = await createAcl(ec2);
  await ec2.call('CreateNetworkInterface', { SubnetId: subnetId });
  const states = async () => {
    await ec2.reconcile();
    return ec2.network.vpcs.get(VpcId)?.networkAcls;
  };
  assert.deepEqual(await states(), []);
  const { NetworkAclAssociationId: AssociationId, NetworkAclId: byDefault } = await associationOf(ec2, subnetId);
  const moved = await ec2.call('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId });
  assert.equal((await associationOf(ec2, subnetId)).NetworkAclAssociationId, moved.NewAssociationId);
  await ec2.call('CreateNetworkAclEntry', { NetworkAclId, RuleNumber: 5, Egress: true, ...EVERYTHING });
  const web = { RuleNumber: 7, RuleAction: 'allow', Protocol: 'tcp', CidrBlock: '10.0.0.0/8' } as const;
  await ec2.call('CreateNetworkAclEntry', { NetworkAclId, Egress: false, PortRange: { From: 80, To: 80 }, ...web });
  const last = { allows: false, cidr: '0.0.0.0/0', protocol: '-1' };
  assert.deepEqual(await states(), [
    {
      subnetCidrs: ['172.31.0.0/20'],
      ingress: [{ allows: true, cidr: '10.0.0.0/8', protocol: 'tcp', fromPort: 80, toPort: 80 }, last],
      egress: [{ ...last, allows: true }, last],
    },
  ]);
  await ec2.call('CreateNetworkAclEntry', { NetworkAclId, RuleNumber: 1, Egress: false, ...EVERYTHING });
  assert.deepEqual(await states(), []);

  const gone = { AssociationId, NetworkAclId };
  await assert.rejects(ec2.call('ReplaceNetworkAclAssociation', gone), failure('InvalidAssociationID.NotFound'));
  await assert.rejects(ec2.call('DeleteNetworkAcl', { NetworkAclId }), failure('DependencyViolation'));
  await assert.rejects(
    ec2.call('DeleteNetworkAcl', { NetworkAclId: byDefault }),
    failure('InvalidParameterValue', 'default'),
  );
  await ec2.call('ReplaceNetworkAclAssociation', { AssociationId: moved.NewAssociationId, NetworkAclId: byDefault });
  await ec2.call('DeleteNetworkAcl', { NetworkAclId });
  await assert.rejects(describeAcl(ec2, NetworkAclId), failure('InvalidNetworkAclID.NotFound'));
  await ec2.close();
});

test('an ACL of another VPC is refused for a subnet, and keeps its VPC', async () => {
  const ec2 = openTestEc2();
  const { subnetId } = await ec2.defaults();
  const VpcId = must((await ec2.call('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc?.VpcId);
  const request = { VpcId, ClientToken: 'once' };
  const NetworkAclId = must((await ec2.call('CreateNetworkAcl', request)).NetworkAcl?.NetworkAclId);
  assert.equal((await ec2.call('CreateNetworkAcl', request)).NetworkAcl?.NetworkAclId, NetworkAclId);
  const AssociationId = (await associationOf(ec2, subnetId)).NetworkAclAssociationId;
  await assert.rejects(
    ec2.call('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId }),
    failure('InvalidParameterValue', 'different networks'),
  );
  await assert.rejects(ec2.call('DeleteVpc', { VpcId }), failure('DependencyViolation'));
  await ec2.call('DeleteNetworkAcl', { NetworkAclId });
  await ec2.call('DeleteVpc', { VpcId });
  await ec2.close();
});

test('a client token that was used for an ACL of another VPC is refused', async () => {
  const ec2 = openTestEc2();
  const { vpcId: VpcId } = await ec2.defaults();
  const other = must((await ec2.call('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc?.VpcId);
  const create = async (vpc: string) =>
    (await ec2.call('CreateNetworkAcl', { VpcId: vpc, ClientToken: 'once' })).NetworkAcl?.NetworkAclId;
  assert.equal(await create(VpcId), await create(VpcId));
  await assert.rejects(create(other), failure('IdempotentParameterMismatch', 'once'));
  await ec2.close();
});
