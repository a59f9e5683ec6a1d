import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CertificateMaterial, CertificateRow } from '../tables.ts';
import { planCertificate } from './certificate-plan.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);

function row(change: Partial<CertificateRow> = {}): CertificateRow {
  return {
    account: '123456789012',
    region: 'us-east-1',
    arn: 'arn',
    type: 'AMAZON_ISSUED',
    domainName: 'a.example.com',
    subjectAlternativeNames: ['a.example.com'],
    keyAlgorithm: 'EC_prime256v1',
    status: 'PENDING_VALIDATION',
    createdAtMs: NOW,
    validations: [{ domainName: 'a.example.com', status: 'PENDING_VALIDATION', recordName: '_n.', recordValue: '_v.' }],
    transparencyLogging: 'ENABLED',
    tags: {},
    ...change,
  };
}

function issued(notAfterMs: number, change: Partial<CertificateRow> = {}): CertificateRow {
  const material: CertificateMaterial = {
    certificatePem: '',
    sealedPrivateKey: '',
    serial: '',
    subject: '',
    issuer: '',
    signatureAlgorithm: '',
    notBeforeMs: NOW,
    notAfterMs,
    extendedKeyUsages: [],
  };
  return row({ status: 'ISSUED', material, ...change });
}

describe('the plan for a certificate', () => {
  const cases: readonly [string, CertificateRow, number, readonly string[], number | undefined][] = [
    ['waits for its names', row(), NOW, ['validate-names'], NOW + 3 * DAY_MS],
    ['gives up after 72 hours', row(), NOW + 3 * DAY_MS, ['set-status'], undefined],
    ['rests once issued', issued(NOW + 397 * DAY_MS), NOW, [], NOW + 337 * DAY_MS],
    ['is renewed 60 days before its end', issued(NOW + 60 * DAY_MS), NOW, ['renew'], NOW + 60 * DAY_MS],
    ['ends', issued(NOW), NOW, ['set-status'], undefined],
    ['is not renewed when imported', issued(NOW + DAY_MS, { type: 'IMPORTED' }), NOW, [], NOW + DAY_MS],
    [
      'is renewed when asked for',
      issued(NOW + 397 * DAY_MS, { renewal: { status: 'PENDING_AUTO_RENEWAL', updatedAtMs: NOW } }),
      NOW,
      ['renew'],
      NOW + 397 * DAY_MS,
    ],
    [
      'is not renewed again within a day, even if its end could not be moved out',
      issued(NOW + 30 * DAY_MS, { renewal: { status: 'SUCCESS', updatedAtMs: NOW } }),
      NOW + 1,
      [],
      NOW + DAY_MS,
    ],
    ['is over when timed out', row({ status: 'VALIDATION_TIMED_OUT' }), NOW, [], undefined],
  ];
  for (const [name, observed, now, types, wakeAt] of cases) {
    test(name, () => {
      const plan = planCertificate(observed, now);
      assert.deepEqual(
        plan.actions.map((action) => action.type),
        types,
      );
      assert.equal(plan.wakeAt, wakeAt);
    });
  }
});

test('managed renewal: looked at once a day, a certificate never ends within 59 days, and is renewed once a life', () => {
  let certificate = issued(NOW + 397 * DAY_MS);
  const renewedOn: number[] = [];
  for (let day = 0; day < 3 * 397; day += 1) {
    const now = NOW + day * DAY_MS;
    for (const { type } of planCertificate(certificate, now).actions) {
      assert.equal(type, 'renew');
      certificate = issued(now + 397 * DAY_MS, { renewal: { status: 'SUCCESS', updatedAtMs: now } });
      renewedOn.push(day);
    }
    assert.ok((certificate.material?.notAfterMs ?? 0) >= now + 59 * DAY_MS, `day ${day}`);
  }
  assert.deepEqual(renewedOn, [337, 674, 1011]);
});
