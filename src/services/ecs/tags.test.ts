import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUN, must, openTestSite, runTask } from './testing.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:';

test('tags of clusters, services, tasks and task definitions can be added, changed and taken away', async () => {
  const ecs = await openTestSite();
  const task = await runTask(ecs, { tags: [{ key: 'a', value: '0' }] });
  const { service } = await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 0 });
  const serviceArn = must(service?.serviceArn);
  for (const resourceArn of [`${ARN}cluster/default`, serviceArn, task, `${ARN}task-definition/site:1`]) {
    const tags = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    assert.deepEqual(await ecs.call('TagResource', { resourceArn, tags }), {});
    assert.deepEqual((await ecs.call('ListTagsForResource', { resourceArn })).tags, tags, resourceArn);
    await ecs.call('UntagResource', { resourceArn, tagKeys: ['b', 'never there'] });
    assert.deepEqual((await ecs.call('ListTagsForResource', { resourceArn })).tags, tags.slice(0, 1));
  }
  const { clusters } = await ecs.call('DescribeClusters', { include: ['TAGS'] });
  assert.deepEqual(clusters?.[0]?.tags, [{ key: 'a', value: '1' }]);
  await ecs.close();
});

test('tags on what is not there, or is not taggable, are refused', async () => {
  const ecs = await openTestSite();
  const tags = [{ key: 'a', value: '1' }];
  const refused = (resourceArn: string, code: string, message: RegExp) =>
    assert.rejects(ecs.call('TagResource', { resourceArn, tags }), { code, message }, resourceArn);
  await refused('default', 'InvalidParameterException', /Invalid ARN/);
  await refused('arn:aws:ec2:us-east-1:123456789012:cluster/default', 'InvalidParameterException', /Invalid ARN/);
  await refused(`${ARN}cluster/gone`, 'InvalidParameterException', /cannot be found/);
  await refused(`${ARN}service-revision/x`, 'ClientException', /service-revision/);
  await refused(`${ARN}__proto__/x`, 'ClientException', /__proto__/);
  const elsewhere = `${ARN}cluster/default`.replace('us-east-1', 'eu-west-1');
  await ecs.call('CreateCluster', {}, { region: 'eu-west-1' });
  await refused(elsewhere, 'InvalidParameterException', /cannot be found/);
  await ecs.close();
});

test('a resource has 50 tags at most, counting those it has', async () => {
  const ecs = await openTestSite();
  const resourceArn = `${ARN}cluster/default`;
  const some = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: '' }));
  await ecs.call('TagResource', { resourceArn, tags: some(0, 40) });
  await assert.rejects(ecs.call('TagResource', { resourceArn, tags: some(40, 11) }), /at most 50/);
  await ecs.call('TagResource', { resourceArn, tags: some(35, 15) });
  assert.equal((await ecs.call('ListTagsForResource', { resourceArn })).tags?.length, 50);
  await ecs.close();
});
