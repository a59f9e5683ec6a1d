import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinnedReference } from './image-reference.ts';
import { pinDigests } from './image-pins.ts';
import { containerRow, definitionRow, deploymentRow, taskRow } from './testing-rows.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const pulled = (name: string, image = `${name}:1`) => containerRow(name, { image, imageDigest: DIGEST });

test('the first task’s digests are pinned, but for those that opt out or name one', () => {
  const definition = definitionRow([
    { name: 'web', image: 'web:1' },
    { name: 'side', image: 'side:1', versionConsistency: 'disabled' },
    { name: 'exact', image: `exact@${DIGEST}` },
    { name: 'late', image: 'late:1' },
  ]);
  const containers = [pulled('web'), pulled('side'), pulled('exact', `exact@${DIGEST}`), containerRow('late')];
  const deployment = deploymentRow('d1');
  const pinned = pinDigests(deployment, taskRow({ deploymentId: 'd1', containers }), definition);
  assert.deepEqual(pinned.imageDigests, { web: DIGEST });
  assert.equal(pinDigests(pinned, taskRow({ deploymentId: 'd1', containers }), definition), pinned);
  const later = taskRow({ deploymentId: 'd1', containers: [containerRow('web', { imageDigest: 'sha256:b' })] });
  assert.equal(pinDigests(pinned, later, definition), pinned);
  assert.equal(pinDigests(deployment, taskRow({ deploymentId: 'd0', containers }), definition), deployment);
});

test('a digest takes the place of a tag, not of a port', () => {
  assert.equal(pinnedReference('127.0.0.1:4566/1/web:v1', DIGEST), `127.0.0.1:4566/1/web@${DIGEST}`);
  assert.equal(pinnedReference('127.0.0.1:4566/1/web', DIGEST), `127.0.0.1:4566/1/web@${DIGEST}`);
  assert.equal(pinnedReference('httpd', DIGEST), `httpd@${DIGEST}`);
  assert.equal(pinnedReference('httpd:2.4', undefined), 'httpd:2.4');
  assert.equal(pinnedReference('httpd@sha256:b', DIGEST), 'httpd@sha256:b');
});
