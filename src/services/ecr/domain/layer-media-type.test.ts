import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../../registry/digest.ts';
import { imageOf, indexOf } from '../../../registry/testing.ts';
import { layerMediaType } from './layer-media-type.ts';

test('the config and each layer have their own', () => {
  const manifest = imageOf('config', ['layer']);
  assert.equal(layerMediaType(manifest, digestOf('config')), 'application/vnd.oci.image.config.v1+json');
  assert.equal(layerMediaType(manifest, digestOf('layer')), 'application/vnd.oci.image.layer.v1.tar+gzip');
  assert.equal(layerMediaType(manifest, digestOf('none')), undefined);
  assert.equal(layerMediaType(indexOf([manifest]), digestOf('layer')), undefined);
});

test('what a manifest need not have, and what one of a type of its own has otherwise', () => {
  const [digest, mediaType] = [digestOf('thing'), 'application/vnd.thing'];
  const thing = { digest, mediaType, size: 5 };
  const manifests: readonly [object, string | undefined][] = [
    [{ config: thing, layers: null }, mediaType],
    [{ config: null, layers: thing }, mediaType],
    [{ blobs: [thing] }, mediaType],
    [{ config: 'x', layers: [null, 1, { ...thing, mediaType: 2 }, thing] }, mediaType],
    [{ layers: {}, blobs: 1 }, undefined],
  ];
  for (const [manifest, expected] of manifests) {
    const body = JSON.stringify(manifest);
    assert.equal(layerMediaType(body, digest), expected, body);
  }
});
