import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openTestService, type TestService } from '../../api/testing.ts';
import { FakeClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { AcmeProblem, type AcmeRequest } from '../../pki/acme.ts';
import type { CertificateAuthority } from '../../pki/authority.ts';
import { openAuthority } from '../../pki/open-authority.ts';
import { acm, acmeAccountKeys, certificateBundle } from './index.ts';
import { certificates } from './tables.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describe('Certificate Manager over ACME', () => {
  const box = new SealedBox(Buffer.alloc(32, 1), 'acm-private-keys', systemIds);
  const clock = new FakeClock();
  let folder: string;
  let authority: CertificateAuthority;
  let service: TestService<'acm'>;
  let asked: AcmeRequest[];
  /** What the directory does with the next order, instead of issuing. */
  let failure: Error | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longshore-acm-acme-'));
    authority = await openAuthority({ folder, clock, ids: systemIds });
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    [asked, failure] = [[], undefined];
    const acme = {
      issue: async (request: AcmeRequest) => {
        asked.push(request);
        await request.progress({ orderUrl: 'order-1', privateKeyPem: 'sealed, I hope' });
        if (failure) throw failure;
        const now = service.clock.now();
        return authority.issue({ ...request, notBeforeMs: now, notAfterMs: now + 90 * DAY_MS });
      },
    };
    const calls = {
      'route53:ListHostedZones': () => ({
        HostedZones: [{ Id: '/hostedzone/Z1', Name: 'corp.example.com.', Config: { PrivateZone: true } }],
      }),
      'route53:ListResourceRecordSets': () => ({ ResourceRecordSets: [] }),
      'elbv2:DescribeLoadBalancers': () => ({ LoadBalancers: [] }),
    };
    service = openTestService('acm', acm, { authority, box, acme }, { calls });
  });
  afterEach(() => service.close());

  const request = async (DomainName: string, more: object = {}) =>
    (await service.call('RequestCertificate', { ValidationMethod: 'DNS', DomainName, ...more })).CertificateArn ?? '';
  const describeOne = async (CertificateArn: string) =>
    (await service.call('DescribeCertificate', { CertificateArn })).Certificate ?? {};
  const rowOf = (arn: string) => service.store.read((tx) => tx.get(certificates, arn));

  test('a public name is certified by the directory', async () => {
    const arn = await request('www.example.com', { SubjectAlternativeNames: ['example.com'] });
    await service.reconcile();
    const { Status, DomainValidationOptions } = await describeOne(arn);
    assert.equal(Status, 'ISSUED');
    assert.deepEqual(
      DomainValidationOptions?.map((one) => one.ValidationStatus),
      ['SUCCESS', 'SUCCESS'],
    );
    assert.deepEqual(asked[0]?.names, ['www.example.com', 'example.com']);
    assert.match(
      (await certificateBundle(service.store, box)(arn))?.pem ?? '',
      /BEGIN CERTIFICATE[^]*BEGIN PRIVATE KEY/,
    );
    assert.equal((await rowOf(arn))?.acme, undefined);
  });

  test('names of this machine, of private zones and of private domains are not its business', async () => {
    for (const name of ['web.localhost', 'a.corp.example.com', 'db.internal']) await request(name);
    await service.reconcile();
    assert.equal(asked.length, 0);
    await assert.rejects(request('*.example.com'), { code: 'ValidationException', message: /\*\.example\.com is not/ });
    await assert.rejects(
      request('example.com', { SubjectAlternativeNames: ['web.localhost'] }),
      /web\.localhost beside/,
    );
  });

  test('an order that is interrupted goes on, its key sealed meanwhile', async () => {
    const arn = await request('www.example.com');
    failure = new Error('the way there is broken');
    await service.reconcile();
    const row = await rowOf(arn);
    assert.equal(row?.acme?.orderUrl, 'order-1');
    assert.ok(!JSON.stringify(row).includes('sealed, I hope'));
    failure = undefined;
    await service.reconcile();
    assert.deepEqual(asked.at(-1)?.state, { orderUrl: 'order-1', privateKeyPem: 'sealed, I hope' });
    assert.equal((await describeOne(arn)).Status, 'ISSUED');
  });

  test('a rate limit is waited for, a refusal in growing steps', async () => {
    const arn = await request('www.example.com');
    failure = new AcmeProblem('rateLimited', 'rateLimited: too many', service.clock.now() + 2 * HOUR_MS);
    await service.reconcile();
    service.clock.advance(HOUR_MS);
    await service.reconcile();
    assert.equal(asked.length, 1);
    failure = new AcmeProblem('connection', 'connection: refused');
    service.clock.advance(HOUR_MS);
    await service.reconcile();
    assert.equal(asked.length, 2);
    assert.deepEqual((await rowOf(arn))?.acme, {
      failures: 2,
      retryAtMs: service.clock.now() + 10 * 60_000,
      lastProblem: 'connection: refused',
    });
    failure = undefined;
    service.clock.advance(10 * 60_000);
    await service.reconcile();
    assert.equal((await describeOne(arn)).Status, 'ISSUED');
  });

  test('a name that the authority will not certify has failed', async () => {
    const arn = await request('www.example.com');
    failure = new AcmeProblem('caa', 'caa: forbidden');
    await service.reconcile();
    const { Status, FailureReason } = await describeOne(arn);
    assert.deepEqual([Status, FailureReason], ['FAILED', 'CAA_ERROR']);
  });

  test('is renewed when a third of its time is left, under the same ARN', async () => {
    const arn = await request('www.example.com');
    await service.reconcile();
    const first = await describeOne(arn);
    service.clock.advance(59 * DAY_MS);
    await service.reconcile();
    assert.equal(asked.length, 1);
    failure = new AcmeProblem('caa', 'caa: forbidden for a while');
    service.clock.advance(2 * DAY_MS);
    await service.reconcile();
    assert.equal((await describeOne(arn)).Status, 'ISSUED');
    failure = undefined;
    service.clock.advance(HOUR_MS);
    await service.reconcile();
    const second = await describeOne(arn);
    assert.notEqual(second.Serial, first.Serial);
    assert.equal(second.RenewalSummary?.RenewalStatus, 'SUCCESS');
    await service.call('RenewCertificate', { CertificateArn: arn });
    await service.reconcile();
    assert.notEqual((await describeOne(arn)).Serial, second.Serial);
  });

  test('an exportable certificate is exported, its key under the passphrase', async () => {
    const arn = await request('web.localhost', { Options: { Export: 'ENABLED' } });
    const Passphrase = Buffer.from('open sesame');
    await assert.rejects(service.call('ExportCertificate', { CertificateArn: arn, Passphrase }), {
      code: 'RequestInProgressException',
    });
    await service.reconcile();
    const { Certificate = '', PrivateKey = '' } = await service.call('ExportCertificate', {
      CertificateArn: arn,
      Passphrase,
    });
    const key = createPrivateKey({ key: PrivateKey, passphrase: 'open sesame' });
    assert.ok(new X509Certificate(Certificate).checkPrivateKey(key));
    const { Options } = await describeOne(arn);
    assert.equal(Options?.Export, 'ENABLED');
    const other = await request('b.localhost');
    await service.reconcile();
    await assert.rejects(service.call('ExportCertificate', { CertificateArn: other, Passphrase }), /not exportable/);
  });

  test('options and the account configuration are kept', async () => {
    const arn = await request('web.localhost');
    const Options = { CertificateTransparencyLoggingPreference: 'DISABLED' } as const;
    await service.call('UpdateCertificateOptions', { CertificateArn: arn, Options });
    assert.equal((await describeOne(arn)).Options?.CertificateTransparencyLoggingPreference, 'DISABLED');
    await service.call('PutAccountConfiguration', { IdempotencyToken: 'a', ExpiryEvents: { DaysBeforeExpiry: 10 } });
    assert.deepEqual(await service.call('GetAccountConfiguration', {}), { ExpiryEvents: { DaysBeforeExpiry: 10 } });
  });

  test('the first account key that is kept stays', async () => {
    const keys = acmeAccountKeys(service.store, box, 'https://acme.example/directory');
    assert.equal(await keys.read(), undefined);
    assert.deepEqual([await keys.keep('one'), await keys.keep('two'), await keys.read()], ['one', 'one', 'one']);
  });
});
