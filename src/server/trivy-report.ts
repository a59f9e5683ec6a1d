import { ScanFailed } from '../services/ecr/index.ts';
import type { ScanFinding } from '../services/ecr/index.ts';

/** AWS's limit on an attribute. */
const MOST_ATTRIBUTE_CHARACTERS = 256;
const SEVERITIES: Readonly<Record<string, ScanFinding['severity']>> = {
  CRITICAL: 'CRITICAL',
  HIGH: 'HIGH',
  MEDIUM: 'MEDIUM',
  LOW: 'LOW',
};

/** What is read of `trivy image --format json`; https://trivy.dev/latest/docs/configuration/reporting/#json */
interface Report {
  readonly Metadata?: { readonly OS?: { readonly Family?: string; readonly Name?: string; readonly EOSL?: boolean } };
  readonly Results?: readonly {
    readonly Class?: string;
    readonly Vulnerabilities?: readonly Vulnerability[];
  }[];
}

interface Vulnerability {
  readonly VulnerabilityID?: string;
  readonly PkgName?: string;
  readonly InstalledVersion?: string;
  readonly Severity?: string;
  readonly SeveritySource?: string;
  readonly PrimaryURL?: string;
  readonly Title?: string;
  readonly Description?: string;
  readonly CVSS?: Readonly<Record<string, Cvss>>;
}

interface Cvss {
  readonly V2Vector?: string;
  readonly V2Score?: number;
  readonly V3Vector?: string;
  readonly V3Score?: number;
}

/**
 * The findings in what Trivy printed. ECR's basic scanning is of the packages of operating systems, so those of languages
 * are left out.
 * @throws ScanFailed where Trivy knows no packages of an operating system: that is not the same as no findings
 */
export function readReport(text: string): { readonly findings: readonly ScanFinding[]; readonly warning?: string } {
  const { Metadata, Results } = parse(text);
  const ofSystem = (Results ?? []).filter((result) => result.Class === 'os-pkgs');
  if (ofSystem.length === 0) {
    throw new ScanFailed('UnsupportedImageError: The operating system and/or package manager are not supported.');
  }
  const { Family = '', Name = '', EOSL = false } = Metadata?.OS ?? {};
  const findings = ofSystem.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities.map(findingOf));
  if (!EOSL) return { findings };
  return { findings, warning: `Its vendor supports ${Family} ${Name} no longer: findings may be missing.` };
}

/** When the database was last updated, by `trivy version --format json`; undefined where it does not say. */
export function readDatabaseTime(text: string): number | undefined {
  try {
    const { VulnerabilityDB }: { VulnerabilityDB?: { UpdatedAt?: string } } = JSON.parse(text);
    const at = Date.parse(VulnerabilityDB?.UpdatedAt ?? '');
    return Number.isNaN(at) ? undefined : at;
  } catch {
    return undefined;
  }
}

function parse(text: string): Report {
  try {
    const report: unknown = JSON.parse(text);
    if (typeof report === 'object' && report !== null) return report;
  } catch {
    // Said below.
  }
  throw new ScanFailed('Trivy did not print a report in JSON.');
}

function findingOf(found: Vulnerability): ScanFinding {
  const { VulnerabilityID: name = 'UNKNOWN', Severity = '', PrimaryURL: uri } = found;
  const description = found.Description ?? found.Title;
  return {
    name,
    severity: SEVERITIES[Severity] ?? 'UNDEFINED',
    ...(description !== undefined && { description }),
    ...(uri !== undefined && { uri }),
    attributes: attributesOf(found),
  };
}

/** Under ECR's keys. */
function attributesOf({ PkgName, InstalledVersion, SeveritySource, CVSS = {} }: Vulnerability): Record<string, string> {
  const score = CVSS[SeveritySource ?? ''] ?? CVSS['nvd'] ?? Object.values(CVSS)[0] ?? {};
  const attributes = {
    package_name: PkgName,
    package_version: InstalledVersion,
    CVSS2_VECTOR: score.V2Vector,
    CVSS2_SCORE: score.V2Score,
    CVSS3_VECTOR: score.V3Vector,
    CVSS3_SCORE: score.V3Score,
  };
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, String(value).slice(0, MOST_ATTRIBUTE_CHARACTERS)]],
    ),
  );
}
