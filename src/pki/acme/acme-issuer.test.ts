import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { systemClock } from '../../kernel/clock.ts';
import type { AcmeIssuer, AcmeState } from '../acme.ts';
import { ChallengeListener } from './challenge-listener.ts';
import { openAcmeIssuer } from './open-issuer.ts';
import { TestAcmeServer } from './testing-acme-server.ts';
import { testSigner } from './testing-signer.ts';

/** The text at a path of a server on a unix socket. */
function fetchOver(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject).end();
  });
}

describe('an ACME issuer', () => {
  let folder: string;
  let socketPath: string;
  let listener: ChallengeListener;
  let server: TestAcmeServer;
  let issuer: AcmeIssuer;
  let accountKey: string | undefined;
  let states: AcmeState[];
  let breaks: boolean;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longshore-acme-'));
    socketPath = join(folder, 'run/acme.sock');
    listener = new ChallengeListener();
    await listener.listen(socketPath);
  });
  after(async () => {
    await listener.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    [states, breaks, accountKey] = [[], false, undefined];
    const { sign } = await testSigner(Date.now());
    const fetchChallenge = async (_name: string, path: string) => (breaks ? 'nothing' : fetchOver(socketPath, path));
    server = new TestAcmeServer({ sign, fetchChallenge });
    await server.listen();
    issuer = open();
  });
  afterEach(() => server.close());

  const open = () =>
    openAcmeIssuer({
      directoryUrl: server.directoryUrl,
      email: 'ops@example.com',
      keys: {
        read: async () => accountKey,
        keep: async (pem) => (accountKey ??= pem),
      },
      answers: listener,
      clock: systemClock,
    });
  const issue = (
    more: { names?: string[]; keyAlgorithm?: 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1'; state?: AcmeState } = {},
  ) =>
    issuer.issue({
      names: more.names ?? ['www.example.com', 'example.com'],
      keyAlgorithm: more.keyAlgorithm ?? 'EC_prime256v1',
      state: more.state ?? {},
      progress: async (state) => void states.push(state),
    });

  for (const keyAlgorithm of ['EC_prime256v1', 'EC_secp384r1', 'RSA_2048'] as const) {
    test(`proves each name over HTTP and answers certificate, chain and key: ${keyAlgorithm}`, async () => {
      const issued = await issue({ keyAlgorithm });
      const leaf = new X509Certificate(issued.certificatePem);
      assert.equal(leaf.subjectAltName, 'DNS:www.example.com, DNS:example.com');
      assert.ok(leaf.checkPrivateKey(createPrivateKey(issued.privateKeyPem)));
      assert.ok(leaf.verify(new X509Certificate(issued.chainPem).publicKey));
      assert.equal(server.log.filter((path) => path.startsWith('/challenge/')).length, 2);
      assert.match(await fetchOver(socketPath, '/.well-known/acme-challenge/x'), /no such challenge/);
    });
  }

  test('one account serves many orders, and the next start', async () => {
    await issue({ names: ['a.example.com'] });
    await issue({ names: ['b.example.com'] });
    issuer = open();
    await issue({ names: ['c.example.com'] });
    assert.equal(server.accounts, 1);
  });

  test('a nonce that is refused is replaced', async () => {
    server.failures.push('badNonce', 'badNonce');
    await issue();
    server.failures.push(...Array.from({ length: 9 }, () => 'badNonce'));
    await assert.rejects(issue(), { name: 'AcmeProblem', type: 'badNonce' });
  });

  test('a rate limit says when to try again', async () => {
    await issue();
    server.failures.push('rateLimited');
    const began = Date.now();
    await assert.rejects(issue(), (error: { type?: string; retryAtMs?: number }) => {
      assert.equal(error.type, 'rateLimited');
      assert.ok((error.retryAtMs ?? 0) >= began + 3_600_000);
      return true;
    });
  });

  test('a challenge that is not there is told in the words of the authority', async () => {
    breaks = true;
    await assert.rejects(issue(), { name: 'AcmeProblem', type: 'unauthorized', message: /says: nothing/ });
  });

  test('an order that was begun is gone on with, under its key', async () => {
    await issue();
    const [begun, finalized] = states;
    assert.ok(begun?.orderUrl && begun.privateKeyPem === undefined);
    assert.ok(finalized?.privateKeyPem);
    const orders = server.log.filter((path) => path === '/order').length;
    const again = await issue({ state: finalized });
    assert.equal(server.log.filter((path) => path === '/order').length, orders);
    assert.equal(again.privateKeyPem, finalized.privateKeyPem);
    assert.ok(new X509Certificate(again.certificatePem).checkPrivateKey(createPrivateKey(again.privateKeyPem)));
  });
});
