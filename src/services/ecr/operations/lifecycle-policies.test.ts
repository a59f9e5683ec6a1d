import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { digestOf } from '../../../registry/digest.ts';
import { IMAGE, descriptorOf, imageOf, indexOf } from '../../../registry/testing.ts';
import {
  DAY_MS,
  any,
  archivedFor,
  moreThan,
  older,
  policyText,
  ruleText,
  tagged,
  untagged,
} from '../domain/testing-lifecycle.ts';
import type { RuleText } from '../domain/testing-lifecycle.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

const app = { repositoryName: 'app' };
const OLD_TAGGED = ruleText(5, { ...tagged('v*'), ...older(2) });

let ecr: TestEcr;
beforeEach(async () => {
  ecr = openTestEcr();
  await ecr.call('CreateRepository', app);
});
afterEach(() => ecr.close());

const put = (...rules: readonly RuleText[]) =>
  ecr.call('PutLifecyclePolicy', { ...app, lifecyclePolicyText: policyText(...rules) });

/** The tags, or else the digest's first characters, of what is left. */
async function left(): Promise<readonly string[]> {
  const { imageDetails = [] } = await ecr.call('DescribeImages', { ...app, filter: { imageStatus: 'ANY' } });
  return imageDetails
    .map(({ imageTags, imageDigest = '', imageStatus }) =>
      [imageTags?.join('+') ?? imageDigest.slice(0, 12), ...(imageStatus === 'ACTIVE' ? [] : [imageStatus])].join(' '),
    )
    .toSorted();
}

/** Pushes an image for each tag, a day apart, the first the oldest. */
async function pushEach(...tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    await ecr.push('app', `{"of":"${tag}"}`, ['layer'], tag);
    ecr.clock.advance(DAY_MS);
  }
}

describe('the policy', () => {
  test('is kept, answered and deleted', async () => {
    const rules = [OLD_TAGGED];
    const answer = {
      registryId: '123456789012',
      repositoryName: 'app',
      lifecyclePolicyText: JSON.stringify({ rules }),
    };
    assert.deepEqual(await put(...rules), answer);
    assert.deepEqual(await ecr.call('GetLifecyclePolicy', app), answer);
    await ecr.reconcile();
    const evaluated = { ...answer, lastEvaluatedAt: new Date(ecr.clock.now()) };
    assert.deepEqual(await ecr.call('GetLifecyclePolicy', app), evaluated);
    assert.deepEqual(await ecr.call('DeleteLifecyclePolicy', app), evaluated);
    const message =
      "Lifecycle policy does not exist for the repository with name 'app' in the registry with id '123456789012'";
    for (const operation of ['GetLifecyclePolicy', 'DeleteLifecyclePolicy', 'StartLifecyclePolicyPreview'] as const) {
      await assert.rejects(ecr.call(operation, app), { code: 'LifecyclePolicyNotFoundException', message });
    }
  });

  test('needs its repository, and must be one', async () => {
    const lifecyclePolicyText = policyText(OLD_TAGGED);
    for (const operation of ['PutLifecyclePolicy', 'StartLifecyclePolicyPreview'] as const) {
      await assert.rejects(ecr.call(operation, { repositoryName: 'nope', lifecyclePolicyText }), {
        code: 'RepositoryNotFoundException',
      });
      await assert.rejects(ecr.call(operation, { ...app, lifecyclePolicyText: policyText() }), {
        code: 'InvalidParameterException',
        message: /Lifecycle policy validation failure: array is too short/,
      });
    }
  });
});

describe('the evaluation', () => {
  test('comes at once after a change, and then every six hours', async () => {
    await ecr.reconcile();
    await pushEach('v1', 'v2', 'v3');
    await put(OLD_TAGGED);
    await ecr.reconcile();
    assert.deepEqual(await left(), ['v2', 'v3']);
    await put(ruleText(1, { ...any, ...moreThan(1) }));
    await ecr.reconcile();
    assert.deepEqual(await left(), ['v3']);
    await pushEach('v4');
    // Pushing took a day.
    await ecr.reconcile();
    assert.deepEqual(await left(), ['v4']);
    const evaluatedAt = (await ecr.call('GetLifecyclePolicy', app)).lastEvaluatedAt;
    ecr.clock.advance(6 * 60 * 60 * 1000 - 1);
    await ecr.reconcile();
    assert.deepEqual((await ecr.call('GetLifecyclePolicy', app)).lastEvaluatedAt, evaluatedAt);
    ecr.clock.advance(1);
    await ecr.reconcile();
    assert.deepEqual((await ecr.call('GetLifecyclePolicy', app)).lastEvaluatedAt, new Date(ecr.clock.now()));
  });

  test('takes hundreds, in parts', async () => {
    for (const blob of ['config', 'layer']) await ecr.pushBlob('app', blob);
    for (let n = 0; n < 230; n++) {
      const imageManifest = imageOf('config', ['layer'], { annotations: { n: String(n) } });
      await ecr.call('PutImage', { ...app, imageManifest, imageTag: `v${n}` });
      ecr.clock.advance(1);
    }
    await put(ruleText(1, { ...any, ...moreThan(3) }));
    await ecr.reconcile();
    assert.deepEqual(await left(), ['v227', 'v228', 'v229']);
  });

  test('an index goes first, then its images, then what speaks of them', async () => {
    const image = await ecr.push('app', '{"arch":"arm"}', ['layer']);
    const signature = imageOf('{"arch":"arm"}', ['layer'], { subject: descriptorOf(IMAGE, image) });
    await ecr.call('PutImage', { ...app, imageManifest: signature });
    await ecr.call('PutImage', { ...app, imageManifest: indexOf([image]), imageTag: 'v1' });
    ecr.clock.advance(3 * DAY_MS);
    const rule = ruleText(6, { ...untagged, ...older(1) });
    await put(rule);
    await ecr.reconcile();
    assert.equal((await left()).length, 3, 'the index holds its image, and the image its signature');
    await put(rule, ruleText(7, { ...any, ...older(1) }));
    await ecr.reconcile();
    assert.deepEqual(await left(), []);
  });

  test('archives, and expires what was archived for long', async () => {
    await pushEach('v1', 'v2', 'v3');
    await put(ruleText(1, { ...any, ...moreThan(1) }, 'transition'), ruleText(2, { ...any, ...archivedFor(90) }));
    await ecr.reconcile();
    assert.deepEqual(await left(), ['v1 ARCHIVED', 'v2 ARCHIVED', 'v3']);
    ecr.clock.advance(90 * DAY_MS);
    await ecr.reconcile();
    assert.equal((await left()).length, 3);
    ecr.clock.advance(6 * 60 * 60 * 1000);
    await ecr.reconcile();
    assert.deepEqual(await left(), ['v3']);
  });

  test('an image whose last pull is long ago is archived', async () => {
    await pushEach('v1', 'v2');
    ecr.clock.advance(90 * DAY_MS);
    await ecr.pull('app', 'v2');
    await put(ruleText(1, { ...any, countType: 'sinceImagePulled', countUnit: 'days', countNumber: 30 }, 'transition'));
    await ecr.reconcile();
    assert.deepEqual(await left(), ['v1 ARCHIVED', 'v2']);
  });
});

describe('the preview', () => {
  const start = (...rules: readonly RuleText[]) =>
    ecr.call('StartLifecyclePolicyPreview', { ...app, lifecyclePolicyText: policyText(...rules) });
  const get = (more: object = {}) => ecr.call('GetLifecyclePolicyPreview', { ...app, ...more });

  test('says what would be taken, and takes nothing', async () => {
    const notFound = { code: 'LifecyclePolicyPreviewNotFoundException' };
    await assert.rejects(get(), notFound);
    const pushedAt = new Date(ecr.clock.now());
    await pushEach('v1', 'v2', 'v3');
    const started = await start(OLD_TAGGED);
    const base = {
      registryId: '123456789012',
      repositoryName: 'app',
      lifecyclePolicyText: JSON.stringify({ rules: [OLD_TAGGED] }),
    };
    assert.deepEqual(started, { ...base, status: 'IN_PROGRESS' });
    assert.deepEqual(await get(), { ...base, status: 'IN_PROGRESS', previewResults: [] });
    await assert.rejects(start(OLD_TAGGED), { code: 'LifecyclePolicyPreviewInProgressException' });
    await ecr.reconcile();
    const { imageDetails = [] } = await ecr.call('DescribeImages', { ...app, imageIds: [{ imageTag: 'v1' }] });
    assert.deepEqual(await get(), {
      ...base,
      status: 'COMPLETE',
      previewResults: [
        {
          imageTags: ['v1'],
          imageDigest: imageDetails[0]?.imageDigest,
          imagePushedAt: pushedAt,
          action: { type: 'EXPIRE' },
          appliedRulePriority: 5,
          storageClass: 'STANDARD',
        },
      ],
      summary: { expiringImageTotalCount: 1 },
    });
    assert.deepEqual(await left(), ['v1', 'v2', 'v3']);
    await ecr.call('DeleteRepository', { ...app, force: true });
    await ecr.call('CreateRepository', app);
    await assert.rejects(get(), notFound);
    await ecr.reconcile();
    await assert.rejects(get(), notFound);
  });

  test('pages, filters and names', async () => {
    await pushEach('v1', 'v2', 'v3');
    const image = await ecr.push('app', '{"of":"none"}', ['layer']);
    ecr.clock.advance(1);
    await put(ruleText(1, { ...any, ...older(1) }, 'transition'));
    await ecr.call('StartLifecyclePolicyPreview', app);
    ecr.clock.advance(DAY_MS);
    await ecr.call('DeleteLifecyclePolicy', app);
    await ecr.reconcile();
    const tagsOf = async (more?: object) =>
      ((await get(more)).previewResults ?? []).map(({ imageTags = [] }) => imageTags.join());
    assert.deepEqual(await tagsOf(), ['v1', 'v2', 'v3', '']);
    const { nextToken, summary, previewResults } = await get({ maxResults: 3 });
    assert.equal(previewResults?.length, 3);
    assert.deepEqual(await tagsOf({ maxResults: 3, nextToken }), ['']);
    assert.deepEqual(summary, {
      expiringImageTotalCount: 0,
      transitioningImageTotalCounts: [{ targetStorageClass: 'ARCHIVE', imageTotalCount: 4 }],
    });
    assert.deepEqual(await tagsOf({ filter: { tagStatus: 'UNTAGGED' } }), ['']);
    assert.deepEqual(await tagsOf({ filter: { tagStatus: 'TAGGED' } }), ['v1', 'v2', 'v3']);
    const imageIds = [{ imageTag: 'v2' }, { imageDigest: digestOf(image) }, { imageTag: 'v9' }];
    assert.deepEqual(await tagsOf({ imageIds }), ['v2', '']);
    const refuses = (more: object) => assert.rejects(get(more), { code: 'InvalidParameterException' });
    await refuses({ maxResults: 101 });
    await refuses({ maxResults: 0 });
    await refuses({ nextToken: 'junk' });
    await refuses({ imageIds, maxResults: 1 });
    await refuses({ filter: { tagStatus: 'OLD' } });
  });
});
