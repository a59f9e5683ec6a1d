import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDatabaseTime, readReport } from './trivy-report.ts';
import { DEBIAN_REPORT } from './testing-trivy.ts';

test("Trivy's vulnerabilities of the operating system are ECR's findings", () => {
  const { findings, warning } = readReport(JSON.stringify(DEBIAN_REPORT));
  assert.equal(warning, undefined);
  assert.deepEqual(
    findings.map(({ name, severity }) => [name, severity]),
    [
      ['CVE-2099-0001', 'LOW'],
      ['CVE-2099-0002', 'CRITICAL'],
      ['TEMP-0000001-ABCDEF', 'UNDEFINED'],
    ],
  );
  assert.deepEqual(findings[1], {
    name: 'CVE-2099-0002',
    severity: 'CRITICAL',
    description: 'A buffer is written past its end.',
    uri: 'https://avd.aquasec.com/nvd/cve-2099-0002',
    attributes: {
      package_name: 'libssl3',
      package_version: '3.0.11-1~deb12u2',
      CVSS2_VECTOR: 'AV:N/AC:L/Au:N/C:C/I:C/A:C',
      CVSS2_SCORE: '10',
      CVSS3_VECTOR: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
      CVSS3_SCORE: '9.8',
    },
  });
  assert.deepEqual(findings[2]?.attributes, { package_name: 'perl-base', package_version: '5.36.0-7' });
});

test('an image without packages of a known system is not a clean one', () => {
  const scratch = { SchemaVersion: 2, Metadata: {}, Results: [{ Class: 'lang-pkgs', Type: 'gobinary' }] };
  for (const report of [scratch, { SchemaVersion: 2 }, {}]) {
    assert.throws(() => readReport(JSON.stringify(report)), {
      message: /^UnsupportedImageError: The operating system/,
    });
  }
  assert.throws(() => readReport('2099-01-01 INFO'), { message: 'Trivy did not print a report in JSON.' });
  assert.throws(() => readReport('null'), { message: 'Trivy did not print a report in JSON.' });
  const clean = { ...DEBIAN_REPORT, Results: [{ Class: 'os-pkgs', Type: 'debian' }] };
  assert.deepEqual(readReport(JSON.stringify(clean)), { findings: [] });
});

test('a system that its vendor supports no longer is said to be one', () => {
  const Metadata = { OS: { Family: 'debian', Name: '9.13', EOSL: true } };
  assert.equal(
    readReport(JSON.stringify({ ...DEBIAN_REPORT, Metadata })).warning,
    'Its vendor supports debian 9.13 no longer: findings may be missing.',
  );
});

test('when the database was updated', () => {
  const text = JSON.stringify({
    Version: '0.57.1',
    VulnerabilityDB: { Version: 2, UpdatedAt: '2026-01-02T03:04:05Z' },
  });
  assert.equal(readDatabaseTime(text), Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.equal(readDatabaseTime('{"Version":"0.57.1"}'), undefined);
  assert.equal(readDatabaseTime('Version: 0.57.1'), undefined);
});
