import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import type { RuntimeError } from '../../kernel/errors.ts';
import { digestOf } from '../digest.ts';
import { startUpstream } from '../pull-through/testing.ts';
import type { FakeUpstream } from '../pull-through/testing.ts';
import { IMAGE, imageOf } from '../testing.ts';
import { RegistryClient, registryOrigin } from './registry-client.ts';

let upstream: FakeUpstream;
let elsewhere: FakeUpstream;

before(async () => {
  upstream = await startUpstream();
  elsewhere = await startUpstream();
  upstream.add('library/app', 'v1', { config: 'config', layers: ['layer'] });
});

after(async () => {
  await upstream.close();
  await elsewhere.close();
});

function clientOf(options: { clock?: FakeClock; username?: string; password?: string } = {}) {
  const { clock = new FakeClock(), username, password = '' } = options;
  upstream.requests.length = 0;
  upstream.headers.length = 0;
  upstream.intercept = () => false;
  elsewhere.headers.length = 0;
  const credentials = username === undefined ? {} : { credentials: { username, password } };
  return new RegistryClient({ url: upstream.host, clock, ...credentials });
}

async function text(body: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const failsAs = (kind: RuntimeError['kind'], message: RegExp) => (error: RuntimeError) => {
  assert.equal(error.kind, kind, error.message);
  assert.match(error.message, message);
  return true;
};

test('pulls manifests and blobs without a name', async () => {
  const client = clientOf();
  const body = imageOf('config', ['layer']);
  await client.ping();
  assert.equal(await client.manifestDigest('library/app', 'v1'), digestOf(body));
  const manifest = await client.manifest('library/app', 'v1');
  assert.deepEqual([manifest?.digest, manifest?.mediaType], [digestOf(body), IMAGE]);
  assert.equal(manifest?.bytes.toString(), body);
  const blob = await client.blob('library/app', digestOf('layer'));
  assert.equal(blob?.sizeBytes, 5);
  assert.equal(await text(blob?.body), 'layer');
  assert.equal(upstream.headers[0]?.authorization, undefined);
});

test('what is not there is undefined', async () => {
  const client = clientOf();
  assert.equal(await client.manifest('library/app', 'v2'), undefined);
  assert.equal(await client.manifestDigest('library/app', 'v2'), undefined);
  assert.equal(await client.blob('library/app', digestOf('nothing')), undefined);
});

test('answers a Basic challenge with its credentials, and says when it has none', async () => {
  const client = clientOf({ username: 'me', password: 'secret' });
  upstream.intercept = (req, res) => {
    if (req.headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`) return false;
    res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    return true;
  };
  assert.ok(await client.manifest('library/app', 'v1'));
  const { intercept } = upstream;
  const stranger = clientOf();
  upstream.intercept = intercept;
  await assert.rejects(stranger.manifest('library/app', 'v1'), failsAs('rejected', /401 .*credentials/));
});

/** A registry that wants tokens, which are good for a minute. */
function tokensWanted(bodyOf: (count: number) => object): { fetched: string[] } {
  const fetched: string[] = [];
  upstream.intercept = (req, res) => {
    if (req.url?.startsWith('/token')) {
      fetched.push(req.url);
      res.writeHead(200).end(JSON.stringify(bodyOf(fetched.length)));
      return true;
    }
    if (req.headers.authorization === `Bearer t${fetched.length}`) return false;
    const scope = 'repository:library/app:pull';
    const challenge = `Bearer realm="http://${upstream.host}/token?a=1",service="reg",scope="${scope}"`;
    res.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    return true;
  };
  return { fetched };
}

test('fetches a bearer token where the challenge says, once until it expires', async () => {
  const clock = new FakeClock();
  const client = clientOf({ clock });
  const { fetched } = tokensWanted((count) => ({ token: `t${count}`, expires_in: 60 }));
  await client.manifest('library/app', 'v1');
  await client.blob('library/app', digestOf('layer')).then((blob) => text(blob?.body));
  assert.deepEqual(fetched, ['/token?a=1&service=reg&scope=repository%3Alibrary%2Fapp%3Apull']);
  clock.advance(60_000);
  await client.manifest('library/app', 'v1');
  assert.equal(fetched.length, 2);
});

test('takes access_token for token, and hands its credentials to the token service alone', async () => {
  const client = clientOf({ username: 'me', password: 'secret' });
  tokensWanted((count) => ({ access_token: `t${count}` }));
  await client.manifest('library/app', 'v1');
  const sent = upstream.headers.map((headers) => headers.authorization?.split(' ')[0]);
  assert.deepEqual(sent, [undefined, 'Basic', 'Bearer']);
});

test('a redirect is followed, without Authorization to another host', async () => {
  const client = clientOf();
  tokensWanted((count) => ({ token: `t${count}` }));
  const tokens = upstream.intercept;
  elsewhere.blobs.set(digestOf('layer'), 'layer');
  upstream.intercept = (req, res) => {
    if (tokens(req, res)) return true;
    res.writeHead(307, { Location: `http://${elsewhere.host}/v2/x/blobs/${digestOf('layer')}` }).end();
    return true;
  };
  assert.equal(await text((await client.blob('library/app', digestOf('layer')))?.body), 'layer');
  assert.equal(upstream.headers.at(-1)?.authorization, 'Bearer t1');
  assert.equal(elsewhere.headers.length, 1);
  assert.equal(elsewhere.headers[0]?.authorization, undefined);
});

test('a redirect that goes on for ever is given up', async () => {
  const client = clientOf();
  upstream.intercept = (req, res) => {
    res.writeHead(302, { Location: req.url ?? '' }).end();
    return true;
  };
  await assert.rejects(client.manifest('library/app', 'v1'), failsAs('rejected', /redirect/));
  assert.equal(upstream.requests.length, 6);
});

test('bytes that are not what their digest says fail before they are whole', async () => {
  const client = clientOf();
  upstream.intercept = (_req, res) => {
    res.writeHead(200, { 'Content-Length': 5 }).end('wrong');
    return true;
  };
  await assert.rejects(client.manifest('library/app', digestOf('right')), failsAs('rejected', /answered bytes of/));
  const blob = await client.blob('library/app', digestOf('right'));
  const seen: string[] = [];
  await assert.rejects(
    async () => {
      for await (const chunk of blob?.body ?? []) seen.push(String(chunk));
    },
    failsAs('rejected', /answered bytes of/),
  );
  assert.deepEqual(seen, []);
});

test('an overloaded registry is a temporary failure, one that refuses is not', async () => {
  const client = clientOf();
  for (const [status, kind] of [
    [429, 'temporary'],
    [503, 'temporary'],
    [403, 'rejected'],
  ] as const) {
    upstream.intercept = (_req, res) => {
      res.writeHead(status).end();
      return true;
    };
    await assert.rejects(client.manifest('library/app', 'v1'), failsAs(kind, new RegExp(`answered ${status}`)));
  }
});

test('a registry that is silent is given up after half a minute', async () => {
  const clock = new FakeClock();
  const client = clientOf({ clock });
  upstream.intercept = () => {
    clock.advance(30_000);
    return true;
  };
  await assert.rejects(client.manifest('library/app', 'v1'), failsAs('temporary', /nothing came for 30 seconds/));
});

test('a registry that is not there is a temporary failure', async () => {
  const gone = await startUpstream();
  await gone.close();
  const client = new RegistryClient({ url: gone.host, clock: new FakeClock() });
  await assert.rejects(client.ping(), failsAs('temporary', /does not answer/));
});

test('addresses: HTTPS unless it is said otherwise or is this machine', () => {
  assert.equal(registryOrigin('ghcr.io'), 'https://ghcr.io');
  assert.equal(registryOrigin('registry.example.com:5000'), 'https://registry.example.com:5000');
  assert.equal(registryOrigin('127.0.0.1:5000'), 'http://127.0.0.1:5000');
  assert.equal(registryOrigin('localhost:5000'), 'http://localhost:5000');
  assert.equal(registryOrigin('https://localhost:5000'), 'https://localhost:5000');
  assert.equal(registryOrigin('http://10.0.0.7:5000'), 'http://10.0.0.7:5000');
  for (const bad of ['', 'a b', 'ghcr.io/owner', 'ghcr.io/', 'ftp://a', 'http://u:p@a', 'a?b', '-', 'x y']) {
    if (bad !== '-') assert.equal(registryOrigin(bad), undefined, bad);
  }
});
