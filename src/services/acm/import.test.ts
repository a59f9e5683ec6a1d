import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openTestService, type TestService } from '../../api/testing.ts';
import { FakeClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import type { CertificateAuthority, IssuedCertificate } from '../../pki/authority.ts';
import { openAuthority } from '../../pki/open-authority.ts';
import { acm, certificateBundle } from './index.ts';
import { ec, testIdentity } from './testing-certificates.ts';

const DAY_MS = 86_400_000;

describe('importing a certificate', () => {
  const box = new SealedBox(Buffer.alloc(32, 1), 'acm-private-keys', systemIds);
  const clock = new FakeClock();
  let folder: string;
  let authority: CertificateAuthority;
  let leaf: IssuedCertificate;
  let service: TestService<'acm'>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longshore-acm-import-'));
    authority = await openAuthority({ folder, clock, ids: systemIds });
    leaf = await issue('shop.example.com');
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    const calls = { 'elbv2:DescribeLoadBalancers': () => ({ LoadBalancers: [] }) };
    service = openTestService('acm', acm, { authority, box }, { calls });
  });
  afterEach(() => service.close());

  const issue = (name: string) =>
    authority.issue({
      names: [name],
      keyAlgorithm: 'EC_prime256v1',
      notBeforeMs: clock.now() - 1000,
      notAfterMs: clock.now() + 30 * DAY_MS,
    });
  const importIt = (parts: { certificate?: string; key?: string; chain?: string; arn?: string }) =>
    service.call('ImportCertificate', {
      Certificate: Buffer.from(parts.certificate ?? leaf.certificatePem),
      PrivateKey: Buffer.from(parts.key ?? leaf.privateKeyPem),
      CertificateChain: parts.chain === '' ? undefined : Buffer.from(parts.chain ?? leaf.chainPem),
      CertificateArn: parts.arn,
    });

  test('answers what the certificate says, and serves it', async () => {
    const { CertificateArn } = await importIt({});
    const { Certificate } = await service.call('DescribeCertificate', { CertificateArn });
    assert.equal(Certificate?.Type, 'IMPORTED');
    assert.equal(Certificate?.Status, 'ISSUED');
    assert.equal(Certificate?.DomainName, 'shop.example.com');
    assert.equal(Certificate?.Serial, leaf.serial);
    assert.equal(Certificate?.DomainValidationOptions, undefined);
    assert.equal(Certificate?.RenewalEligibility, 'INELIGIBLE');
    const bundle = await certificateBundle(service.store, box)(CertificateArn ?? '');
    assert.deepEqual(bundle, { pem: leaf.certificatePem + leaf.chainPem + leaf.privateKeyPem });
    service.clock.advance(30 * DAY_MS);
    await service.reconcile();
    const ended = await service.call('DescribeCertificate', { CertificateArn });
    assert.equal(ended.Certificate?.Status, 'EXPIRED');
  });

  test('again under its ARN replaces it', async () => {
    const { CertificateArn } = await importIt({});
    const next = await issue('shop.example.com');
    const answer = await importIt({
      certificate: next.certificatePem,
      key: next.privateKeyPem,
      ...(CertificateArn !== undefined && { arn: CertificateArn }),
    });
    assert.equal(answer.CertificateArn, CertificateArn);
    const { Certificate } = await service.call('DescribeCertificate', { CertificateArn });
    assert.equal(Certificate?.Serial, next.serial);
  });

  test('a weak one is kept, and said to be weak; it replaces none that a load balancer can serve with', async () => {
    const by = await testIdentity('root', ec('SHA-1'));
    const weak = await testIdentity('shop.example.com', ec('SHA-256'), by);
    const parts = { certificate: weak.certificatePem, key: weak.privateKeyPem, chain: by.certificatePem };
    const { CertificateArn: arn = '' } = await importIt(parts);
    const bundle = await certificateBundle(service.store, box)(arn);
    assert.equal(bundle?.weakness, "'CN=shop.example.com' is signed with ecdsa-with-SHA1");
    await importIt({ ...parts, arn });
    await importIt({ arn });
    await assert.rejects(
      importIt({ ...parts, arn }),
      /cannot replace one that load balancers can serve with: 'CN=shop/,
    );
  });

  test('refuses a key, a chain or a certificate that does not belong', async () => {
    const other = await issue('other.example.com');
    await assert.rejects(importIt({ key: other.privateKeyPem }), /private key does not match/);
    await assert.rejects(importIt({ key: 'x' }), /private key is not a valid/);
    await assert.rejects(importIt({ chain: other.certificatePem }), /Could not validate the certificate/);
    await assert.rejects(importIt({ chain: '' }), /valid self-signed certificate or certificate chain/);
    await assert.rejects(importIt({ certificate: 'x' }), /not a valid PEM-encoded/);
    await assert.rejects(importIt({ certificate: leaf.certificatePem + leaf.chainPem }), /more than one certificate/);
    service.clock.advance(31 * DAY_MS);
    await assert.rejects(importIt({}), /has expired/);
  });
});
