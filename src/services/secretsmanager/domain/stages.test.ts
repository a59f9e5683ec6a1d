import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attach, CURRENT, detach, labelsOf, PENDING, PREVIOUS, stagesWithNew, versionWith } from './stages.ts';
import type { Stages } from './stages.ts';

const first = stagesWithNew([], 'v1', [CURRENT]);

test('a label is on one version at most, and what was current becomes previous', () => {
  const second = stagesWithNew(first, 'v2', [CURRENT]);
  assert.deepEqual([labelsOf(second, 'v1'), labelsOf(second, 'v2')], [[PREVIOUS], [CURRENT]]);
  const third = stagesWithNew(second, 'v3', [CURRENT]);
  assert.deepEqual([labelsOf(third, 'v1'), labelsOf(third, 'v2'), versionWith(third, CURRENT)], [[], [PREVIOUS], 'v3']);
});

test('a version with a label of its own changes nothing else', () => {
  const second = stagesWithNew(first, 'v2', ['blue', PENDING]);
  assert.deepEqual([labelsOf(second, 'v1'), labelsOf(second, 'v2')], [[CURRENT], [PENDING, 'blue']]);
  assert.deepEqual(labelsOf(stagesWithNew(second, 'v3', ['blue']), 'v2'), [PENDING]);
});

test('a pending version that is made current keeps its labels, until another replaces it', () => {
  const pending = stagesWithNew(first, 'v2', [PENDING]);
  const current = attach(pending, CURRENT, 'v2');
  assert.deepEqual([labelsOf(current, 'v1'), labelsOf(current, 'v2')], [[PREVIOUS], [CURRENT, PENDING]]);
  assert.deepEqual(labelsOf(stagesWithNew(current, 'v3', [CURRENT]), 'v2'), [PREVIOUS]);
});

test('moving AWSCURRENT back swaps the two', () => {
  const back = attach(stagesWithNew(first, 'v2', [CURRENT]), CURRENT, 'v1');
  assert.deepEqual([labelsOf(back, 'v1'), labelsOf(back, 'v2')], [[CURRENT], [PREVIOUS]]);
});

test('attaching a label where it is changes nothing', () => {
  assert.deepEqual(labelsOf(attach(first, CURRENT, 'v1'), 'v1'), [CURRENT]);
});

test('a label that is no ordinary name is a label', () => {
  const odd: Stages = attach(first, '__proto__', 'v1');
  assert.equal(versionWith(odd, '__proto__'), 'v1');
  assert.equal(versionWith(first, '__proto__'), undefined);
  assert.equal(versionWith(detach(odd, '__proto__'), '__proto__'), undefined);
});
