import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import type { CertificateDetail, RequestCertificateCommandInput } from '@aws-sdk/client-acm';
import { openTestService, type TestService } from '../../api/testing.ts';
import { FakeClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import type { CertificateAuthority } from '../../pki/authority.ts';
import { openAuthority } from '../../pki/open-authority.ts';
import { acm, certificateBundle } from './index.ts';
import { certificates } from './tables.ts';

const DAY_MS = 86_400_000;
const EC = { ValidationMethod: 'DNS', KeyAlgorithm: 'EC_prime256v1' } as const;

describe('Certificate Manager', () => {
  const box = new SealedBox(Buffer.alloc(32, 1), 'acm-private-keys', systemIds);
  let folder: string;
  let authority: CertificateAuthority;
  let service: TestService<'acm'>;
  /** The CNAME records of the account's one public zone, and who listens with which certificate. */
  let records: Map<string, string>;
  let listening: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longshore-acm-'));
    authority = await openAuthority({ folder, clock: new FakeClock(), ids: systemIds });
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    records = new Map();
    listening = [];
    const calls = {
      'route53:ListHostedZones': () => ({
        HostedZones: [{ Id: '/hostedzone/Z1', Name: 'example.com.', Config: { PrivateZone: false } }],
        IsTruncated: false,
      }),
      'route53:ListResourceRecordSets': ({ StartRecordName }: { StartRecordName: string }) => {
        const value = records.get(StartRecordName);
        const found = { Name: StartRecordName, Type: 'CNAME', ResourceRecords: [{ Value: value }] };
        return { ResourceRecordSets: value === undefined ? [] : [found] };
      },
      'elbv2:DescribeLoadBalancers': () => ({ LoadBalancers: [{ LoadBalancerArn: 'arn:lb' }] }),
      'elbv2:DescribeListeners': () => ({
        Listeners: [
          { ListenerArn: 'arn:l', Certificates: listening.slice(0, 1).map((CertificateArn) => ({ CertificateArn })) },
        ],
      }),
      'elbv2:DescribeListenerCertificates': () => ({
        Certificates: listening.map((CertificateArn) => ({ CertificateArn })),
      }),
    };
    service = openTestService('acm', acm, { authority, box }, { calls });
  });
  afterEach(() => service.close());

  const request = async (DomainName: string, more: Partial<RequestCertificateCommandInput> = {}) =>
    (await service.call('RequestCertificate', { ...EC, DomainName, ...more })).CertificateArn ?? '';
  const describeOne = async (CertificateArn: string): Promise<CertificateDetail> =>
    (await service.call('DescribeCertificate', { CertificateArn })).Certificate ?? {};
  /** As if the time until shortly before the end had passed. */
  const endsAt = (arn: string, notAfterMs: number) =>
    service.store.write(async (tx) => {
      const row = await tx.get(certificates, arn);
      if (row?.material) await tx.put(certificates, { ...row, material: { ...row.material, notAfterMs } });
    });
  const prove = (certificate: CertificateDetail) => {
    for (const { ResourceRecord } of certificate.DomainValidationOptions ?? []) {
      records.set(ResourceRecord?.Name ?? '', (ResourceRecord?.Value ?? '').replace(/\.$/, ''));
    }
  };

  test('names of this machine are validated at once', async () => {
    const arn = await request('web.localhost', { SubjectAlternativeNames: ['*.web.localhost', 'web.localhost'] });
    assert.match(arn, /^arn:aws:acm:us-east-1:123456789012:certificate\/[0-9a-f-]{36}$/);
    await assert.rejects(service.call('GetCertificate', { CertificateArn: arn }), {
      code: 'RequestInProgressException',
    });
    await service.reconcile();
    const certificate = await describeOne(arn);
    assert.equal(certificate.Status, 'ISSUED');
    assert.deepEqual(certificate.SubjectAlternativeNames, ['web.localhost', '*.web.localhost']);
    assert.equal(certificate.SignatureAlgorithm, 'SHA256WITHECDSA');
    assert.equal(certificate.Subject, 'CN=web.localhost');
    assert.deepEqual(certificate.ExtendedKeyUsages, [
      { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' },
    ]);
    assert.equal(certificate.NotAfter?.getTime(), service.clock.now() + 397 * DAY_MS);
    const pem = await service.call('GetCertificate', { CertificateArn: arn });
    const leaf = new X509Certificate(pem.Certificate ?? '');
    assert.ok(leaf.verify(new X509Certificate(pem.CertificateChain ?? '').publicKey));
    assert.equal(leaf.checkHost('a.web.localhost'), '*.web.localhost');
  });

  test('the private key is sealed at rest; the bundle is what TLS needs', async () => {
    const arn = await request('web.localhost');
    const bundle = certificateBundle(service.store, box);
    assert.equal(await bundle(arn), undefined);
    await service.reconcile();
    const row = await service.store.read((tx) => tx.get(certificates, arn));
    assert.ok(!JSON.stringify(row).includes('PRIVATE KEY'));
    const { pem = '', weakness } = (await bundle(arn)) ?? {};
    assert.equal(weakness, undefined);
    assert.equal(pem.match(/BEGIN CERTIFICATE/g)?.length, 2);
    createSecureContext({ cert: pem, key: pem });
  });

  test('other names wait for their CNAME in a hosted zone', async () => {
    const arn = await request('www.example.com', { SubjectAlternativeNames: ['web.localhost', '*.www.example.com'] });
    await service.reconcile();
    const pending = await describeOne(arn);
    assert.equal(pending.Status, 'PENDING_VALIDATION');
    const [first, second, third] = pending.DomainValidationOptions ?? [];
    assert.equal(second?.ValidationStatus, 'SUCCESS');
    assert.match(first?.ResourceRecord?.Name ?? '', /^_[0-9a-f]{32}\.www\.example\.com\.$/);
    assert.match(first?.ResourceRecord?.Value ?? '', /^_[0-9a-f]{32}\.acm-validations\.aws\.$/);
    assert.deepEqual(third?.ResourceRecord, first?.ResourceRecord);
    prove(pending);
    await service.reconcile();
    assert.equal((await describeOne(arn)).Status, 'ISSUED');
  });

  test('a change of a hosted zone wakes what waits in its account', () => {
    const [reconciler] = acm.reconcilers({ ports: { authority, box } } as Parameters<typeof acm.reconcilers>[0]);
    const indexes = { account: ['123456789012'] };
    const change = { sequence: 1, table: 'route53.record-sets', key: 'k', deleted: false, indexes };
    assert.deepEqual(reconciler?.keys(change), ['waiting/123456789012']);
  });

  test('after 72 hours the request has timed out', async () => {
    const arn = await request('www.example.com');
    service.clock.advance(3 * DAY_MS);
    await service.reconcile();
    const certificate = await describeOne(arn);
    assert.equal(certificate.Status, 'VALIDATION_TIMED_OUT');
    assert.equal(certificate.DomainValidationOptions?.[0]?.ValidationStatus, 'FAILED');
  });

  test('is renewed 60 days before its end under the same ARN, once its names are proven again', async () => {
    const arn = await request('www.example.com');
    prove(await describeOne(arn));
    await service.reconcile();
    const first = await describeOne(arn);
    records.clear();
    await endsAt(arn, service.clock.now() + 59 * DAY_MS);
    await service.reconcile();
    assert.equal((await describeOne(arn)).RenewalSummary?.RenewalStatus, 'PENDING_VALIDATION');
    prove(first);
    await service.reconcile();
    const second = await describeOne(arn);
    assert.equal(second.RenewalSummary?.RenewalStatus, 'SUCCESS');
    assert.notEqual(second.Serial, first.Serial);
    assert.equal(second.NotAfter?.getTime(), service.clock.now() + 397 * DAY_MS);
    await service.call('RenewCertificate', { CertificateArn: arn });
    await service.reconcile();
    assert.notEqual((await describeOne(arn)).Serial, second.Serial);
  });

  test('a certificate that a listener uses is not deleted', async () => {
    const arn = await request('web.localhost');
    await service.reconcile();
    // By its name only: another is the listener's default.
    listening.push('arn:other', arn);
    assert.deepEqual((await describeOne(arn)).InUseBy, ['arn:lb']);
    await assert.rejects(service.call('DeleteCertificate', { CertificateArn: arn }), {
      code: 'ResourceInUseException',
    });
    listening.length = 0;
    await service.call('DeleteCertificate', { CertificateArn: arn });
    await assert.rejects(describeOne(arn), {
      code: 'ResourceNotFoundException',
      message: `Could not find certificate ${arn}.`,
    });
  });

  test('the same token asks for the same certificate, for an hour', async () => {
    const arn = await request('web.localhost', { IdempotencyToken: 'once' });
    assert.equal(await request('web.localhost', { IdempotencyToken: 'once' }), arn);
    assert.notEqual(await request('api.localhost', { IdempotencyToken: 'once' }), arn);
    service.clock.advance(3_600_000);
    assert.notEqual(await request('web.localhost', { IdempotencyToken: 'once' }), arn);
  });

  test('what is not built or not allowed is refused by name', async () => {
    await assert.rejects(request('a.localhost', { ValidationMethod: 'EMAIL' }), /ValidationMethod EMAIL/);
    await assert.rejects(request('a.localhost', { ValidationMethod: undefined }), /EMAIL \(the default\)/);
    await assert.rejects(request('a.localhost', { KeyAlgorithm: 'RSA_4096' }), /KeyAlgorithm RSA_4096/);
    await assert.rejects(request('a.localhost', { CertificateAuthorityArn: 'arn' }), /CertificateAuthorityArn/);
    await assert.rejects(request('not a name'), { code: 'ValidationException' });
    await assert.rejects(request('*.*.localhost'), { code: 'ValidationException' });
    await assert.rejects(describeOne('arn:aws:s3:::x'), { code: 'InvalidArnException' });
  });

  test('lists by status, and RSA 2048 only unless asked for more', async () => {
    const rsa = await request('rsa.localhost', { KeyAlgorithm: 'RSA_2048' });
    service.clock.advance(1000);
    const ec = await request('www.example.com');
    await service.reconcile();
    const list = async (input: object) =>
      (await service.call('ListCertificates', input)).CertificateSummaryList?.map((each) => each.CertificateArn);
    const both = { Includes: { keyTypes: ['RSA_2048', 'EC_prime256v1'] }, SortBy: 'CREATED_AT' };
    assert.deepEqual(await list({}), [rsa]);
    assert.deepEqual(await list({ ...both, SortOrder: 'ASCENDING' }), [rsa, ec]);
    assert.deepEqual(await list({ ...both, SortOrder: 'DESCENDING' }), [ec, rsa]);
    assert.deepEqual(await list({ ...both, SortOrder: 'DESCENDING', CertificateStatuses: ['ISSUED'] }), [rsa]);
    const page = await service.call('ListCertificates', { ...both, SortOrder: 'DESCENDING', MaxItems: 1 } as object);
    assert.deepEqual(await list({ ...both, SortOrder: 'DESCENDING', NextToken: page.NextToken }), [rsa]);
  });

  test('tags come and go, by key or by key and value', async () => {
    const CertificateArn = await request('a.localhost', { Tags: [{ Key: 'a', Value: '1' }] });
    await service.call('AddTagsToCertificate', { CertificateArn, Tags: [{ Key: 'b', Value: '2' }] });
    await service.call('RemoveTagsFromCertificate', { CertificateArn, Tags: [{ Key: 'a', Value: 'x' }, { Key: 'b' }] });
    const { Tags } = await service.call('ListTagsForCertificate', { CertificateArn });
    assert.deepEqual(Tags, [{ Key: 'a', Value: '1' }]);
    await assert.rejects(service.call('AddTagsToCertificate', { CertificateArn, Tags: [{ Key: 'aws:x' }] }), {
      code: 'InvalidTagException',
    });
  });
});
