import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FakeCalls } from '../../api/testing.ts';
import { DAY_MS, any, older, policyText, ruleText } from './domain/testing-lifecycle.ts';
import { openTestEcr } from './testing.ts';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const HOST = '127.0.0.1:4566';
const app = { repositoryName: 'app' };

interface World {
  /** Containers of running tasks, by cluster. */
  readonly running: Readonly<Record<string, readonly { image: string; imageDigest?: string }[]>>;
  /** Images of active task definitions. */
  readonly defined: readonly string[];
}

/** An ECS that answers one item to a page. */
function ecsOf(world: World): FakeCalls {
  const page = <T>(items: readonly T[], token = '0') => {
    const at = Number(token);
    return { items: items.slice(at, at + 1), ...(at + 1 < items.length && { nextToken: String(at + 1) }) };
  };
  return {
    'ecs:ListClusters': ({ nextToken }) => {
      const { items, ...more } = page(Object.keys(world.running), nextToken);
      return { clusterArns: items, ...more };
    },
    'ecs:ListTasks': ({ cluster, nextToken }) => {
      const { items, ...more } = page([...(world.running[cluster] ?? []).keys()].map(String), nextToken);
      return { taskArns: items, ...more };
    },
    'ecs:DescribeTasks': ({ cluster, tasks }) => ({
      tasks: tasks.map((at: string) => ({ containers: [world.running[cluster]?.[Number(at)]] })),
    }),
    'ecs:ListTaskDefinitions': ({ status, nextToken }) => {
      assert.equal(status, 'ACTIVE');
      const { items, ...more } = page([...world.defined.keys()].map(String), nextToken);
      return { taskDefinitionArns: items, ...more };
    },
    'ecs:DescribeTaskDefinition': ({ taskDefinition }) => ({
      taskDefinition: { containerDefinitions: [{ image: world.defined[Number(taskDefinition)] }] },
    }),
  };
}

/** Of images v1 to v6 that are all due: the tags of those that stay. */
async function stay(world: World, sparesImagesInUse = true): Promise<readonly string[]> {
  const ecr = openTestEcr({ sparesImagesInUse, calls: ecsOf(world) });
  try {
    await ecr.call('CreateRepository', app);
    for (const n of [1, 2, 3, 4, 5, 6]) await ecr.push('app', `{"n":${n}}`, ['layer'], `v${n}`);
    await ecr.push('app', '{"n":7}', ['layer'], 'latest');
    ecr.clock.advance(2 * DAY_MS);
    const lifecyclePolicyText = policyText(ruleText(1, { ...any, ...older(1) }));
    await ecr.call('StartLifecyclePolicyPreview', { ...app, lifecyclePolicyText });
    await ecr.reconcile();
    const { previewResults = [] } = await ecr.call('GetLifecyclePolicyPreview', app);
    await ecr.call('PutLifecyclePolicy', { ...app, lifecyclePolicyText });
    await ecr.reconcile();
    const { imageDetails = [] } = await ecr.call('DescribeImages', app);
    assert.equal(previewResults.length, 7 - imageDetails.length, 'the preview said so');
    return imageDetails.flatMap(({ imageTags = [] }) => imageTags).toSorted();
  } finally {
    await ecr.close();
  }
}

test('images of running tasks and of active task definitions stay, where the server is told so', async () => {
  const world: World = {
    running: {
      blue: [{ image: `${HOST}/app:v1` }, { image: 'httpd:2.4' }],
      empty: [],
      red: [{ image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/app:v2', imageDigest: DIGEST }],
    },
    defined: [`${HOST}/app`, 'app:v6', `${HOST}/app:v3`, `${HOST}/app:gone`],
  };
  assert.deepEqual(await stay(world), ['latest', 'v1', 'v2', 'v3']);
  assert.deepEqual(await stay(world, false), []);
});

test('other registries and repositories do not count', async () => {
  const elsewhere = [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1',
    '999999999999.dkr.ecr.us-east-1.amazonaws.com/app:v2',
    'docker.io/app:v3',
    `${HOST}/team/app:v4`,
    `${HOST}/app/x:v5`,
    'v6',
  ];
  assert.deepEqual(await stay({ running: {}, defined: elsewhere }), []);
});

test('a running image stays by its digest, whatever its tag says now', async () => {
  const ecr = openTestEcr();
  await ecr.call('CreateRepository', app);
  await ecr.push('app', '{"n":1}', ['layer'], 'v1');
  const { imageDetails = [] } = await ecr.call('DescribeImages', app);
  await ecr.close();
  const imageDigest = imageDetails[0]?.imageDigest ?? '';
  const running = { default: [{ image: `${HOST}/app:moved`, imageDigest }] };
  assert.deepEqual(await stay({ running, defined: [`${HOST}/app:v6@${DIGEST}`] }), ['v1']);
  assert.deepEqual(await stay({ running: {}, defined: [`${HOST}/app@${imageDigest}`] }), ['v1']);
});

test('nothing is taken while ECS does not answer', async () => {
  const broken = { ...ecsOf({ running: {}, defined: [] }), 'ecs:ListClusters': () => assert.fail('ECS is away') };
  const ecr = openTestEcr({ sparesImagesInUse: true, calls: broken });
  try {
    await ecr.call('CreateRepository', app);
    await ecr.push('app', '{"n":1}', ['layer'], 'v1');
    ecr.clock.advance(2 * DAY_MS);
    const lifecyclePolicyText = policyText(ruleText(1, { ...any, ...older(1) }));
    await ecr.call('PutLifecyclePolicy', { ...app, lifecyclePolicyText });
    await ecr.reconcile();
    const { imageIds = [] } = await ecr.call('ListImages', app);
    assert.equal(imageIds.length, 1);
    assert.equal((await ecr.call('GetLifecyclePolicy', app)).lastEvaluatedAt, undefined);
  } finally {
    await ecr.close();
  }
});
