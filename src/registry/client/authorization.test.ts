import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../kernel/clock.ts';
import { startUpstream } from '../pull-through/testing.ts';
import { RegistryAuthorization } from './authorization.ts';

test('a token that has expired is forgotten with the next one: no clock that is set back brings it to life', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  upstream.intercept = (_req, res) => {
    res.writeHead(200).end(JSON.stringify({ token: 't', expires_in: 60 }));
    return true;
  };
  let nowMs = 0;
  const clock: Clock = { now: () => nowMs, after: () => () => {} };
  const origin = `http://${upstream.host}`;
  const authorization = new RegistryAuthorization({ line: { clock }, origin });
  const challenge = { scheme: 'bearer', realm: `${origin}/token` } as const;
  await authorization.answer(challenge, 'repository:a:pull');
  nowMs = 30_000;
  await authorization.answer(challenge, 'repository:b:pull');
  nowMs = 60_000;
  await authorization.answer(challenge, 'repository:c:pull');
  nowMs = 30_000;
  assert.equal(authorization.held('repository:a:pull'), undefined);
  assert.equal(authorization.held('repository:b:pull'), 'Bearer t');
  assert.equal(authorization.held('repository:c:pull'), 'Bearer t');
});

test('a registry that asked for a user name and password once gets them at once, whatever the scope', async () => {
  const clock: Clock = { now: () => 0, after: () => () => {} };
  const options = { line: { clock }, origin: 'https://registry.example.com' };
  const authorization = new RegistryAuthorization({ ...options, credentials: { username: 'me', password: 'secret' } });
  assert.equal(authorization.held('repository:a:pull'), undefined);
  const basic = `Basic ${btoa('me:secret')}`;
  assert.equal(await authorization.answer({ scheme: 'basic' }, 'repository:a:pull'), basic);
  assert.equal(authorization.held('repository:a:pull'), basic);
  assert.equal(authorization.held('repository:b:pull'), basic);
  const stranger = new RegistryAuthorization(options);
  assert.equal(await stranger.answer({ scheme: 'basic' }, 'repository:a:pull'), undefined);
  assert.equal(stranger.held('repository:a:pull'), undefined);
});
