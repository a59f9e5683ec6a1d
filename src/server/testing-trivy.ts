import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const UPDATED_AT = '2026-01-02T03:04:05.678Z';

/** In the shape of `trivy image --format json` of version 0.57, with made-up vulnerabilities. */
export const DEBIAN_REPORT = {
  SchemaVersion: 2,
  ArtifactName: '127.0.0.1:4566/app',
  ArtifactType: 'container_image',
  Metadata: { OS: { Family: 'debian', Name: '12.4' }, ImageConfig: { architecture: 'amd64', os: 'linux' } },
  Results: [
    {
      Target: '127.0.0.1:4566/app (debian 12.4)',
      Class: 'os-pkgs',
      Type: 'debian',
      Vulnerabilities: [
        {
          VulnerabilityID: 'CVE-2099-0001',
          PkgID: 'bash@5.2.15-2+b2',
          PkgName: 'bash',
          InstalledVersion: '5.2.15-2+b2',
          Status: 'affected',
          SeveritySource: 'debian',
          PrimaryURL: 'https://avd.aquasec.com/nvd/cve-2099-0001',
          Title: 'bash: something small',
          Severity: 'LOW',
        },
        {
          VulnerabilityID: 'CVE-2099-0002',
          PkgID: 'libssl3@3.0.11-1~deb12u2',
          PkgName: 'libssl3',
          InstalledVersion: '3.0.11-1~deb12u2',
          FixedVersion: '3.0.11-1~deb12u3',
          Status: 'fixed',
          SeveritySource: 'nvd',
          PrimaryURL: 'https://avd.aquasec.com/nvd/cve-2099-0002',
          Title: 'openssl: something large',
          Description: 'A buffer is written past its end.',
          Severity: 'CRITICAL',
          CVSS: {
            nvd: {
              V2Vector: 'AV:N/AC:L/Au:N/C:C/I:C/A:C',
              V3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
              V2Score: 10,
              V3Score: 9.8,
            },
            redhat: { V3Vector: 'CVSS:3.1/AV:L/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H', V3Score: 7.4 },
          },
        },
        {
          VulnerabilityID: 'TEMP-0000001-ABCDEF',
          PkgName: 'perl-base',
          InstalledVersion: '5.36.0-7',
          Severity: 'UNKNOWN',
        },
      ],
    },
    {
      Target: 'usr/lib/app/package-lock.json',
      Class: 'lang-pkgs',
      Type: 'npm',
      Vulnerabilities: [{ VulnerabilityID: 'CVE-2099-0003', PkgName: 'left-pad', Severity: 'HIGH' }],
    },
  ],
};

/**
 * Writes a program that answers as `trivy` does; answers its path. Each run adds its arguments and TRIVY_* variables to
 * `calls` in the folder.
 * @param image lines of sh that stand for `trivy image`; `report.json` and `$reference` are there
 */
export async function writeFakeTrivy(folder: string, image = 'cat "$folder/report.json"'): Promise<string> {
  const program = join(folder, 'trivy');
  const lines = [
    '#!/bin/sh',
    `folder='${folder}'`,
    'echo "$*" >> "$folder/calls"',
    'if [ "$1" = version ]; then',
    `  echo '{"Version":"0.57.1","VulnerabilityDB":{"Version":2,"UpdatedAt":"${UPDATED_AT}"}}'`,
    '  exit 0',
    'fi',
    'env | grep ^TRIVY_ | sort >> "$folder/calls"',
    'for reference; do :; done',
    image,
  ];
  await writeFile(join(folder, 'report.json'), JSON.stringify(DEBIAN_REPORT));
  await writeFile(program, `${lines.join('\n')}\n`, { mode: 0o755 });
  return program;
}
