import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, must, openTestEc2 } from '../testing.ts';

test('resources of every kind are tagged, found by tag and untagged', async () => {
  const ec2 = openTestEc2();
  const { vpcId, subnetId, groupId } = await ec2.defaults();
  const rules = await ec2.call('DescribeSecurityGroupRules', { Filters: [{ Name: 'group-id', Values: [groupId] }] });
  const ruleId = must(rules.SecurityGroupRules?.[0]?.SecurityGroupRuleId);
  const Resources = [vpcId, subnetId, groupId, ruleId];
  await ec2.call('CreateTags', {
    Resources,
    Tags: [
      { Key: 'env', Value: 'dev' },
      { Key: 'x', Value: '' },
    ],
  });
  const described = await ec2.call('DescribeTags', { Filters: [{ Name: 'tag:env', Values: ['d*'] }] });
  assert.deepEqual(
    described.Tags?.map((tag) => `${tag.ResourceType} ${tag.ResourceId} ${tag.Key}=${tag.Value}`).toSorted(),
    [`security-group ${groupId}`, `security-group-rule ${ruleId}`, `subnet ${subnetId}`, `vpc ${vpcId}`].map(
      (text) => `${text} env=dev`,
    ),
  );
  const { Vpcs: vpcs } = await ec2.call('DescribeVpcs', { Filters: [{ Name: 'tag-key', Values: ['x'] }] });
  assert.equal(vpcs?.length, 1);
  await ec2.call('DeleteTags', { Resources, Tags: [{ Key: 'env', Value: 'prod' }, { Key: 'x' }] });
  const left = await ec2.call('DescribeTags', { Filters: [{ Name: 'resource-id', Values: [vpcId] }] });
  assert.deepEqual(
    left.Tags?.map((tag) => tag.Key),
    ['env'],
  );
  await ec2.call('DeleteTags', { Resources });
  assert.deepEqual((await ec2.call('DescribeTags', {})).Tags, []);
  await ec2.close();
});

test('pages of tags neither repeat nor lose any', async () => {
  const ec2 = openTestEc2();
  const { vpcId } = await ec2.defaults();
  const Tags = Array.from({ length: 12 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
  await ec2.call('CreateTags', { Resources: [vpcId], Tags });
  const first = await ec2.call('DescribeTags', { MaxResults: 7 });
  const second = await ec2.call('DescribeTags', { MaxResults: 7, NextToken: first.NextToken });
  const keys = [...(first.Tags ?? []), ...(second.Tags ?? [])].map((tag) => tag.Key);
  assert.equal(new Set(keys).size, 12);
  assert.equal(keys.length, 12);
  assert.equal(second.NextToken, undefined);
  await ec2.close();
});

test('ids of no resource are refused, and then nothing is tagged', async () => {
  const ec2 = openTestEc2();
  const { vpcId } = await ec2.defaults();
  const tag = (id: string) => ec2.call('CreateTags', { Resources: [vpcId, id], Tags: [{ Key: 'a', Value: 'b' }] });
  await assert.rejects(tag('banana-1'), failure('InvalidID', "The ID 'banana-1' is not valid"));
  await assert.rejects(tag('subnet-1'), failure('InvalidSubnetID.NotFound'));
  assert.deepEqual((await ec2.call('DescribeTags', {})).Tags, []);
  await ec2.close();
});
