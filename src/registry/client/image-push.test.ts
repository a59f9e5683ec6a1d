import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import type { RuntimeError } from '../../kernel/errors.ts';
import { digestOf } from '../digest.ts';
import { startRegistryServer } from '../http/testing.ts';
import type { RegistryServer } from '../http/testing.ts';
import { startUpstream } from '../pull-through/testing.ts';
import {
  IMAGE,
  INDEX,
  SCOPE,
  descriptorOf,
  imageOf,
  indexOf,
  openTestRegistry,
  pushBlob,
  pushImage,
  pushManifest,
  testRepository,
} from '../testing.ts';
import type { TestRegistry } from '../testing.ts';
import { ImagePush } from './image-push.ts';
import { RegistryClient } from './registry-client.ts';

const APP = testRepository('app');

let here: TestRegistry;
let there: RegistryServer;
let images: ImagePush;

beforeEach(async () => {
  here = openTestRegistry();
  there = await startRegistryServer();
  images = new ImagePush(here.registry);
});

afterEach(async () => {
  await there.close();
  await here.close();
});

/** A push of an image of `app` to the other's `other`. */
function push(digest: string, tags: readonly string[] = [], host = there.host): Promise<void> {
  const credentials = { username: 'AWS', password: there.password };
  const client = new RegistryClient({ url: host, clock: new FakeClock(), credentials });
  return images.run(APP, digest, { client, repository: 'other', registry: 'there' }, tags);
}

const get = (path: string) => there.send('GET', `/v2/other/${path}`);

test('an index goes with its images, their layers first, byte for byte, and under its tags', async () => {
  const children = [
    await pushImage(here, APP, { config: 'amd64', layers: ['shared', 'one'] }),
    await pushImage(here, APP, { config: 'arm64', layers: ['shared', ''] }),
  ];
  const text = indexOf(children);
  await pushManifest(here, APP, text, 'v1');
  await push(digestOf(text), ['v1']);
  const pulled = await get('manifests/v1');
  assert.equal(pulled.headers.get('content-type'), INDEX);
  assert.equal(await pulled.text(), text);
  for (const child of children) assert.equal(await (await get(`manifests/${digestOf(child)}`)).text(), child);
  for (const layer of ['shared', 'one', '']) {
    assert.equal(await (await get(`blobs/${digestOf(layer)}`)).text(), layer);
  }
});

test('what is there is not sent again, and a tag that is another image’s by now is left', async () => {
  const text = await pushImage(here, APP, { config: 'config', layers: ['layer'], tag: 'v1' });
  await push(digestOf(text), ['v1']);
  const rows = () => there.store.read((tx) => there.registry.images.listTags(tx, testRepository('other')));
  await pushImage(here, APP, { config: 'later', layers: ['layer'], tag: 'v1' });
  await push(digestOf(text), ['v1', 'v2']);
  assert.deepEqual(
    (await rows()).map(({ tag, digest }) => [tag, digest]),
    [['v1', digestOf(text)]],
  );
});

test('an artifact is found among the referrers of its subject', async () => {
  const text = await pushImage(here, APP, { config: 'config', layers: ['layer'] });
  const artifact = imageOf('config', [], { artifactType: 'example/sbom', subject: descriptorOf(IMAGE, text) });
  await pushManifest(here, APP, artifact);
  await push(digestOf(artifact));
  const { manifests } = (await (await get(`referrers/${digestOf(text)}`)).json()) as {
    manifests: { digest: string }[];
  };
  assert.deepEqual(
    manifests.map(({ digest }) => digest),
    [digestOf(artifact)],
  );
  assert.equal((await get(`manifests/${digestOf(text).replace(':', '-')}`)).status, 404);
});

/** Another registry that takes everything, unless `answer` does something else. */
async function lenient(
  answer: (method: string, path: string) => { status: number; headers?: Record<string, string> } | undefined,
) {
  const upstream = await startUpstream();
  const received: Record<string, string> = {};
  upstream.intercept = (req, res) => {
    const [path = ''] = (req.url ?? '').split('?');
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.once('end', () => {
      const { method = '' } = req;
      if (method === 'PUT') received[path] = Buffer.concat(chunks).toString();
      const location = { Location: '/v2/other/blobs/uploads/1?_state=a' };
      const usual = { HEAD: 404, POST: 202, PATCH: 202, PUT: 201 }[method] ?? 404;
      const { status, headers } = answer(method, path) ?? { status: usual, headers: location };
      res.writeHead(status, headers).end();
    });
    return true;
  };
  return { upstream, received };
}

test('a registry that keeps no referrers gets the list of them under a tag', async (t) => {
  const { upstream, received } = await lenient(() => undefined);
  t.after(() => upstream.close());
  await pushBlob(here.registry, 'app', 'config');
  const subject = descriptorOf(IMAGE, 'an image');
  const artifact = imageOf('config', [], { artifactType: 'example/sbom', subject });
  await pushManifest(here, APP, artifact);
  await push(digestOf(artifact), [], upstream.host);
  const list = JSON.parse(received[`/v2/other/manifests/${subject.digest.replace(':', '-')}`] ?? '{}');
  assert.deepEqual(list.manifests, [{ ...descriptorOf(IMAGE, artifact), artifactType: 'example/sbom' }]);
  assert.ok(upstream.requests.some((request) => request.startsWith('PUT /v2/other/blobs/uploads/1?_state=a&digest=')));
});

test('a refusal, an overload and other bytes than were pushed are told apart', async (t) => {
  const text = await pushImage(here, APP, { config: 'config', layers: ['layer'] });
  const cases = [
    ['POST', { status: 403 }, 'rejected', /answered 403 to POST/],
    ['PATCH', { status: 503 }, 'temporary', /answered 503 to PATCH/],
    ['PUT', { status: 201, headers: { 'Docker-Content-Digest': digestOf('else') } }, 'rejected', /has sha256:.* where/],
    ['POST', { status: 202 }, 'rejected', /does not say where its upload is/],
    ['POST', { status: 202, headers: { Location: 'http://192.0.2.1/x' } }, 'rejected', /sends us to http:\/\/192/],
  ] as const;
  for (const [wanted, answer, kind, message] of cases) {
    const { upstream } = await lenient((method) => (method === wanted ? answer : undefined));
    t.after(() => upstream.close());
    await assert.rejects(push(digestOf(text), [], upstream.host), (error: RuntimeError) => {
      assert.equal(error.kind, kind, error.message);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('an image that is gone is said to be', async () => {
  await assert.rejects(push(digestOf('nothing')), { code: 'ImageNotFoundException' });
  const { registry } = here;
  assert.equal(await registry.links.use(SCOPE, 'app', digestOf('nothing')), undefined);
});
