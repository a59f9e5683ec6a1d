import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challengeIn } from './challenge.ts';

test('reads the challenges of Docker Hub, GHCR and Quay', () => {
  assert.deepEqual(
    challengeIn(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
    ),
    {
      scheme: 'bearer',
      realm: 'https://auth.docker.io/token',
      service: 'registry.docker.io',
      scope: 'repository:library/nginx:pull',
    },
  );
  assert.deepEqual(challengeIn('Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull"'), {
    scheme: 'bearer',
    realm: 'https://ghcr.io/token',
    service: 'ghcr.io',
    scope: 'repository:a/b:pull',
  });
  assert.deepEqual(challengeIn('Bearer realm="https://quay.io/v2/auth",service="quay.io"'), {
    scheme: 'bearer',
    realm: 'https://quay.io/v2/auth',
    service: 'quay.io',
  });
});

test('reads Basic, plain words and quoted quotes', () => {
  assert.deepEqual(challengeIn('Basic realm="Registry"'), { scheme: 'basic' });
  assert.deepEqual(challengeIn('basic'), { scheme: 'basic' });
  assert.deepEqual(challengeIn(String.raw`bearer realm=https://a/t, service="say \"hi\""`), {
    scheme: 'bearer',
    realm: 'https://a/t',
    service: 'say "hi"',
  });
});

test('takes the first challenge that it knows, and none for what it does not', () => {
  assert.deepEqual(challengeIn('Negotiate, Basic realm="x"'), { scheme: 'basic' });
  assert.equal(challengeIn('Negotiate'), undefined);
  assert.equal(challengeIn('Bearer service="x"'), undefined);
  assert.equal(challengeIn(null), undefined);
});
