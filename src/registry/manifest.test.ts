import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from './digest.ts';
import { MAX_MANIFEST_BYTES, parseManifest } from './manifest.ts';
import { IMAGE, INDEX, descriptorOf, imageOf, indexOf } from './testing.ts';

const parse = (text: string, type?: string) => parseManifest(Buffer.from(text), type);
const refuses = (text: string, message: RegExp, type?: string) =>
  assert.throws(() => parse(text, type), { code: 'InvalidParameterException', message });

test('reads an image: what it is made of, each blob once, and its digest over the bytes as sent', () => {
  const text = ` ${imageOf('config', ['a', 'b', 'a'])}\n`;
  const manifest = parse(text, IMAGE);
  assert.deepEqual(manifest.blobs, [digestOf('config'), digestOf('a'), digestOf('b')]);
  assert.equal(manifest.digest, digestOf(text));
  assert.equal(manifest.body, text);
  assert.equal(manifest.sizeBytes, Buffer.byteLength(text));
  assert.equal(manifest.configMediaType, 'application/vnd.oci.image.config.v1+json');
});

test('reads an index, an artifact with a subject, and annotations', () => {
  assert.deepEqual(parse(indexOf(['x', 'y'])).manifests, [digestOf('x'), digestOf('y')]);
  const subject = descriptorOf(IMAGE, 'some image');
  const artifact = parse(imageOf('{}', [], { subject, artifactType: 'example/sbom', annotations: { a: 'b' } }));
  assert.equal(artifact.subject, subject.digest);
  assert.equal(artifact.artifactType, 'example/sbom');
  assert.deepEqual(artifact.annotations, { a: 'b' });
});

test('takes the type from outside where the manifest does not say it, and refuses two that differ', () => {
  const text = imageOf('c', [], { mediaType: undefined });
  assert.equal(parse(text, IMAGE).mediaType, IMAGE);
  refuses(text, /media type of the manifest must be given/);
  refuses(text, /must be given/, 'application/json');
  refuses(imageOf('c', []), /is not the/, INDEX);
  refuses(text, /'text\/plain' are not supported/, 'text/plain');
});

test('keeps a manifest of a type of its own, with what it names', () => {
  const subject = descriptorOf(IMAGE, 'some image');
  const type = 'application/vnd.oci.artifact.manifest.v1+json';
  const blobs = [descriptorOf('m', 'a'), descriptorOf('m', 'b'), { digest: 'odd' }];
  const manifest = parse(
    JSON.stringify({ mediaType: type, blobs, subject, artifactType: 'x/y', annotations: { a: 1 } }),
  );
  assert.equal(manifest.mediaType, type);
  assert.deepEqual(manifest.blobs, [digestOf('a'), digestOf('b')]);
  assert.equal(manifest.subject, subject.digest);
  assert.equal(manifest.artifactType, 'x/y');
  assert.equal(manifest.annotations, undefined);
  assert.deepEqual(parse('{"config":7,"manifests":"none"}', 'application/vnd.x+json').blobs, []);
});

test('takes null for an empty list, as Go writes it', () => {
  assert.deepEqual(parse(imageOf('c', [], { layers: null })).blobs, [digestOf('c')]);
});

test('does not ask for layers that stay elsewhere', () => {
  const foreign = descriptorOf('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'elsewhere');
  assert.deepEqual(parse(imageOf('c', [], { layers: [foreign] })).blobs, [digestOf('c')]);
});

test('says what is wrong', () => {
  refuses('{', /Invalid JSON syntax/);
  refuses('[]', /must be a JSON object/);
  refuses('{"schemaVersion":1}', /schemaVersion 2/, IMAGE);
  const schema1 = 'application/vnd.docker.distribution.manifest.v1';
  for (const type of [`${schema1}+json`, `${schema1}+prettyjws`, 'application/vnd.x.v1+xml', 'x\ny/z+json']) {
    refuses('{"schemaVersion":1}', /are not supported/, type);
  }
  refuses(imageOf('c', [], { config: undefined }), /'config' must be a descriptor/);
  refuses(imageOf('c', [], { layers: [{ digest: 'sha256:x', size: 1, mediaType: 'm' }] }), /layers\[0\]\.digest/);
  refuses(imageOf('c', [], { layers: [{ ...descriptorOf('m', 'x'), size: -1 }] }), /layers\[0\]\.size/);
  refuses(imageOf('c', [], { annotations: { a: 1 } }), /annotations\.a/);
  assert.throws(() => parseManifest(Buffer.from([0x22, 0xff, 0x22]), IMAGE), { message: /Invalid JSON syntax/ });
  assert.throws(() => parseManifest(Buffer.alloc(MAX_MANIFEST_BYTES + 1, 0x20), IMAGE), { message: /must not exceed/ });
});
