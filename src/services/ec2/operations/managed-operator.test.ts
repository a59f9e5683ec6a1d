import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { imagesOf } from '../domain/machine-images.ts';
import { commonKeys } from '../resource-keys.ts';
import { failure, linkedRole, must, openTestEc2 } from '../testing.ts';

const Operator = { Principal: 'ecs.amazonaws.com' };
const ONE = {
  ImageId: must(imagesOf('us-east-1', 'x86_64')[0]).id,
  InstanceType: 't3.micro' as const,
  MinCount: 1,
  MaxCount: 1,
  Operator,
};

test('a service that manages an instance names itself, and nobody else does', async () => {
  const ec2 = openTestEc2();
  await assert.rejects(ec2.call('RunInstances', ONE), failure('InvalidParameterValue'));
  const autoscaling = { principal: linkedRole('autoscaling.amazonaws.com', 'AWSServiceRoleForAutoScaling') };
  await assert.rejects(ec2.call('RunInstances', ONE, autoscaling), failure('InvalidParameterValue'));
  const principal = linkedRole('ecs.amazonaws.com', 'AWSServiceRoleForECS');
  const { Instances: [made] = [] } = await ec2.call('RunInstances', ONE, { principal });
  assert.deepEqual(made?.Operator, { Managed: true, Principal: 'ecs.amazonaws.com' });
  const arns = arnsOf(KINDS.instance, TEST_SCOPE, [made?.InstanceId]);
  const keys = await ec2.store.read((tx) => commonKeys(tx, arns));
  assert.equal(keys['ec2:managedresourceoperator'], 'ecs.amazonaws.com');
  await ec2.close();
});
