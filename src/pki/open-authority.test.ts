import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { openAuthority } from './open-authority.ts';

const run = promisify(execFile);
const DAY_MS = 86_400_000;
const STRICT = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname'];
const KEY_ALGORITHMS = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'] as const;

describe('the certificate authority', () => {
  let base: string;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'longshore-pki-'));
  });
  after(() => rm(base, { recursive: true, force: true }));

  const openIn = (name: string) =>
    openAuthority({ folder: join(base, name), clock: systemClock, ids: systemIds, instanceId: '0a1b2c3d' });

  test('is made once, with a key for nobody else to read', async () => {
    const first = await openIn('once');
    const second = await openIn('once');
    assert.equal(second.certificatePem, first.certificatePem);
    assert.equal(await readFile(join(base, 'once/ca.pem'), 'utf8'), first.certificatePem);
    assert.equal((await stat(join(base, 'once/ca.key'))).mode & 0o777, 0o600);
    assert.deepEqual((await readdir(join(base, 'once'))).toSorted(), ['ca.key', 'ca.pem']);
    const root = new X509Certificate(first.certificatePem);
    assert.equal(root.subject, 'CN=Longshore Root CA 0a1b2c3d');
    assert.equal(root.ca, true);
    assert.ok(root.verify(root.publicKey));
    const years = (Date.parse(root.validTo) - systemClock.now()) / (365.25 * DAY_MS);
    assert.ok(years > 9.9 && years < 10.1, `${years} years`);
  });

  test('one that a crash left half-made is made anew', async () => {
    await openIn('half');
    await rm(join(base, 'half/ca.pem'));
    await writeFile(join(base, 'half/ca.key'), 'half a key');
    await writeFile(join(base, 'half/ca.pem.new'), 'half a certificate');
    const authority = await openIn('half');
    assert.ok((await authority.issue(request(['a.localhost']))).certificatePem.includes('BEGIN CERTIFICATE'));
  });

  test('refuses to replace a trusted root whose key is missing or another', async () => {
    await openIn('lost');
    await openIn('other');
    await rm(join(base, 'lost/ca.key'));
    await assert.rejects(openIn('lost'), /ca\.key is missing/);
    await writeFile(join(base, 'lost/ca.key'), await readFile(join(base, 'other/ca.key')));
    await assert.rejects(openIn('lost'), /not the key of the certificate/);
  });

  for (const keyAlgorithm of KEY_ALGORITHMS) {
    test(`openssl accepts a leaf with a ${keyAlgorithm} key`, async () => {
      const authority = await openIn('openssl');
      const leaf = await authority.issue(request(['web.localhost', '*.web.localhost'], keyAlgorithm));
      const file = join(base, `${keyAlgorithm}.pem`);
      await writeFile(file, leaf.certificatePem);
      const verify = (hostname: string) =>
        run('openssl', ['verify', ...STRICT, hostname, '-CAfile', join(base, 'openssl/ca.pem'), file]);
      assert.match((await verify('web.localhost')).stdout, /OK/);
      assert.match((await verify('a.web.localhost')).stdout, /OK/);
      await assert.rejects(verify('other.localhost'));
      assert.ok(new X509Certificate(leaf.certificatePem).checkPrivateKey(createPrivateKey(leaf.privateKeyPem)));
    });
  }

  test('a leaf says what it is', async () => {
    const authority = await openIn('leaf');
    const leaf = await authority.issue(request(['web.localhost', 'api.localhost']));
    const { stdout } = await run('sh', ['-c', `echo '${leaf.certificatePem}' | openssl x509 -noout -text`]);
    assert.match(stdout, /Subject: CN = web\.localhost/);
    assert.match(stdout, /DNS:web\.localhost, DNS:api\.localhost/);
    assert.match(stdout, /TLS Web Server Authentication/);
    assert.match(stdout, /CA:FALSE/);
    assert.match(stdout, /Subject Key Identifier/);
    assert.match(stdout, /Authority Key Identifier/);
    assert.match(leaf.serial, /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    const parsed = new X509Certificate(leaf.certificatePem);
    assert.equal(parsed.serialNumber.toLowerCase(), leaf.serial.replaceAll(':', ''));
    assert.equal(leaf.chainPem, authority.certificatePem);
  });

  test('a leaf never outlives the root, and a long first name stands in the SAN only', async () => {
    const authority = await openIn('limits');
    const long = `${'a'.repeat(60)}.localhost`;
    const leaf = await authority.issue({ ...request([long]), notAfterMs: systemClock.now() + 20 * 365 * DAY_MS });
    const parsed = new X509Certificate(leaf.certificatePem);
    assert.equal(parsed.validTo, new X509Certificate(authority.certificatePem).validTo);
    assert.equal(parsed.subject ?? '', '');
    assert.equal(parsed.subjectAltName, `DNS:${long}`);
  });
});

function request(names: readonly string[], keyAlgorithm: (typeof KEY_ALGORITHMS)[number] = 'EC_prime256v1') {
  return {
    names,
    keyAlgorithm,
    notBeforeMs: systemClock.now() - 3_600_000,
    notAfterMs: systemClock.now() + 397 * DAY_MS,
  };
}
