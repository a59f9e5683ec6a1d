import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SITE, must, openTestEcs } from './testing.ts';
import type { TestEcs } from './testing.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition/';

async function register(ecs: TestEcs, family: string, times = 1): Promise<void> {
  for (let i = 0; i < times; i++) await ecs.call('RegisterTaskDefinition', { ...SITE, family });
}

test('a task definition is answered as registered, with its tags beside it', async () => {
  const ecs = openTestEcs();
  const tags = [{ key: 'team', value: 'a' }];
  const { taskDefinition, tags: answered } = await ecs.call('RegisterTaskDefinition', { ...SITE, tags });
  assert.equal(taskDefinition?.taskDefinitionArn, `${ARN}site:1`);
  assert.deepEqual([taskDefinition.revision, taskDefinition.status, answered], [1, 'ACTIVE', tags]);
  assert.deepEqual(taskDefinition.compatibilities, ['EC2', 'FARGATE']);
  assert.equal(taskDefinition.registeredBy, 'arn:aws:iam::123456789012:root');
  assert.deepEqual(taskDefinition.registeredAt, new Date(ecs.clock.now()));
  assert.ok(!('tags' in taskDefinition));
  for (const name of ['site', 'site:1', `${ARN}site:1`]) {
    const described = await ecs.call('DescribeTaskDefinition', { taskDefinition: name, include: ['TAGS'] });
    assert.deepEqual(described, { taskDefinition, tags }, name);
  }
  assert.deepEqual((await ecs.call('DescribeTaskDefinition', { taskDefinition: 'site' })).tags, []);
  await ecs.close();
});

test('a revision is never used again, and the latest active one stands for the family', async () => {
  const ecs = openTestEcs();
  await register(ecs, 'site', 2);
  const { taskDefinition } = await ecs.call('DeregisterTaskDefinition', { taskDefinition: 'site:2' });
  assert.deepEqual([taskDefinition?.status, taskDefinition?.deregisteredAt], ['INACTIVE', new Date(ecs.clock.now())]);
  const latest = async () => (await ecs.call('DescribeTaskDefinition', { taskDefinition: 'site' })).taskDefinition;
  assert.equal((await latest())?.revision, 1);
  await register(ecs, 'site');
  assert.equal((await latest())?.revision, 3);
  // Revisions at the same time are different ones too.
  await Promise.all(Array.from({ length: 5 }, () => register(ecs, 'site')));
  assert.equal((await latest())?.revision, 8);
  const two = await ecs.call('DescribeTaskDefinition', { taskDefinition: 'site:2' });
  assert.equal(two.taskDefinition?.status, 'INACTIVE');
  await ecs.close();
});

test('what is not there cannot be described or deregistered', async () => {
  const ecs = openTestEcs();
  await register(ecs, 'site');
  for (const taskDefinition of ['other', 'site:2', 'a b', `${ARN.replace('us-east-1', 'eu-west-1')}site:1`]) {
    await assert.rejects(
      ecs.call('DescribeTaskDefinition', { taskDefinition }),
      { code: 'ClientException', message: 'Unable to describe task definition.' },
      taskDefinition,
    );
  }
  await assert.rejects(ecs.call('DeregisterTaskDefinition', { taskDefinition: 'site' }), /with its revision/);
  await assert.rejects(ecs.call('DeregisterTaskDefinition', { taskDefinition: 'site:9' }), /does not exist/);
  await ecs.close();
});

test('ListTaskDefinitions sorts by family and revision, either way, in pages', async () => {
  const ecs = openTestEcs();
  await register(ecs, 'a', 11);
  await register(ecs, 'a-b');
  await register(ecs, 'a1', 2);
  await ecs.call('DeregisterTaskDefinition', { taskDefinition: 'a:4' });
  const list = async (input: object) => {
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await ecs.call('ListTaskDefinitions', { maxResults: 3, ...input, nextToken });
      assert.ok(must(page.taskDefinitionArns).length <= 3);
      seen.push(...must(page.taskDefinitionArns).map((arn) => arn.replace(ARN, '')));
      nextToken = page.nextToken;
    } while (nextToken);
    return seen;
  };
  const family = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11].map((n) => `a:${n}`);
  const all = [...family, 'a-b:1', 'a1:1', 'a1:2'];
  assert.deepEqual(await list({}), all);
  assert.deepEqual(await list({ sort: 'ASC' }), all);
  assert.deepEqual(await list({ sort: 'DESC' }), all.toReversed());
  assert.deepEqual(await list({ familyPrefix: 'a', sort: 'DESC' }), family.toReversed());
  assert.deepEqual(await list({ familyPrefix: 'a', status: 'INACTIVE' }), ['a:4']);
  await ecs.close();
});

test('ListTaskDefinitionFamilies tells families that have an active revision from those that have not', async () => {
  const ecs = openTestEcs();
  for (const family of ['web', 'worker', 'old']) await register(ecs, family);
  await register(ecs, 'web');
  for (const taskDefinition of ['web:1', 'old:1']) await ecs.call('DeregisterTaskDefinition', { taskDefinition });
  const families = async (input: object) => (await ecs.call('ListTaskDefinitionFamilies', input)).families;
  assert.deepEqual(await families({}), ['web', 'worker']);
  assert.deepEqual(await families({ status: 'INACTIVE' }), ['old']);
  assert.deepEqual(await families({ status: 'ALL', familyPrefix: 'w' }), ['web', 'worker']);
  const status = 'NOPE' as 'ACTIVE';
  const unknown = { code: 'InvalidParameterException', message: 'Invalid status: NOPE.' };
  await assert.rejects(families({ status }), unknown);
  await assert.rejects(ecs.call('ListTaskDefinitions', { status }), unknown);
  const first = await ecs.call('ListTaskDefinitionFamilies', { status: 'ALL', maxResults: 2 });
  assert.deepEqual(first.families, ['old', 'web']);
  assert.deepEqual(await families({ status: 'ALL', maxResults: 2, nextToken: first.nextToken }), ['worker']);
  await ecs.close();
});
