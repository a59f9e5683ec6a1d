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
