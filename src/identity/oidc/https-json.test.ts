import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { messageOf, ServiceError } from '../../kernel/errors.ts';
import { httpsJson } from './https-json.ts';
import { openTestProvider } from './testing.ts';
import type { TestProvider } from './testing.ts';

let provider: TestProvider;
before(async () => {
  provider = await openTestProvider();
});
after(() => provider.close());

const keysUrl = (): URL => new URL(`https://${provider.url}/keys`);

async function refused(promise: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ServiceError, messageOf(error));
  return error;
}

test("a provider whose authority nobody knows is trusted by its chain's last certificate", async () => {
  const document = await httpsJson(keysUrl(), ['0'.repeat(40), provider.thumbprint.toUpperCase()]);
  assert.equal((document as { keys: unknown[] }).keys.length, 1);
});

test('another thumbprint, none, and that of a certificate that is not the last are refused', async () => {
  for (const thumbprints of [['0'.repeat(40)], [], [provider.leafThumbprint]]) {
    const error = await refused(httpsJson(keysUrl(), thumbprints));
    assert.equal(error.code, 'InvalidIdentityTokenException');
    assert.match(error.message, /HTTPS certificate doesn't match configured thumbprint/);
  }
});

test('a registered thumbprint does not help a certificate of another name, or one that has ended', async () => {
  for (const certificate of [{ names: ['elsewhere.example'] }, { notAfterMs: Date.now() - 3_600_000 }]) {
    const other = await openTestProvider(certificate);
    try {
      const error = await refused(httpsJson(new URL(`https://${other.url}/keys`), [other.thumbprint]));
      assert.equal(error.code, 'IDPCommunicationErrorException');
      assert.deepEqual(other.asked, []);
    } finally {
      await other.close();
    }
  }
});

test('redirects, other statuses, other texts and endless answers are refused', async () => {
  provider.answers.set('/moved', (response) => response.writeHead(302, { location: '/keys' }).end());
  provider.answers.set('/text', (response) => response.end('<html>'));
  provider.answers.set('/endless', (response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  });
  for (const path of ['/moved', '/nothing', '/text', '/endless']) {
    const error = await refused(httpsJson(new URL(`https://${provider.url}${path}`), [provider.thumbprint]));
    assert.equal(error.code, 'InvalidIdentityTokenException', path);
    assert.match(error.message, /Couldn't retrieve verification key/);
  }
  assert.ok(!provider.asked.slice(-4).includes('/keys'));
});

test('a provider that does not answer', async () => {
  const gone = await openTestProvider();
  await gone.close();
  const error = await refused(httpsJson(new URL(`https://${gone.url}/keys`), [gone.thumbprint]));
  assert.equal(error.code, 'IDPCommunicationErrorException');
});
