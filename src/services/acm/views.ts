import type {
  CertificateDetail,
  CertificateSummary,
  DomainValidation as DomainValidationView,
  ExtendedKeyUsageName,
  KeyUsageName,
  RenewalSummary,
} from '@aws-sdk/client-acm';
import type { CertificateRow, DomainValidation } from './tables.ts';

/** How many names ListCertificates shows of each certificate. */
const MAX_SUMMARY_NAMES = 100;

const EXTENDED_KEY_USAGES: Readonly<Record<string, ExtendedKeyUsageName>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
};

export function certificateDetail(row: CertificateRow, usedBy: readonly string[]): CertificateDetail {
  const material = row.material;
  return {
    CertificateArn: row.arn,
    DomainName: row.domainName,
    SubjectAlternativeNames: [...row.subjectAlternativeNames],
    Status: row.status,
    Type: row.type,
    KeyAlgorithm: row.keyAlgorithm,
    InUseBy: [...usedBy],
    RenewalEligibility: renewalEligibility(row, usedBy.length > 0),
    KeyUsages: keyUsageNames(row).map((Name) => ({ Name })),
    ExtendedKeyUsages: (material?.extendedKeyUsages ?? []).map((OID) => ({
      Name: EXTENDED_KEY_USAGES[OID] ?? 'CUSTOM',
      OID,
    })),
    ...times(row),
    ...(row.type === 'AMAZON_ISSUED' && {
      DomainValidationOptions: row.validations.map(validationView),
      Options: { CertificateTransparencyLoggingPreference: row.transparencyLogging, Export: exportOption(row) },
    }),
    ...(material && {
      Serial: material.serial,
      Subject: material.subject,
      Issuer: material.issuer,
      SignatureAlgorithm: material.signatureAlgorithm,
    }),
    ...(row.failureReason && { FailureReason: row.failureReason }),
    ...(row.renewal && { RenewalSummary: renewalSummary(row, row.renewal) }),
  };
}

export function certificateSummary(row: CertificateRow, isUsed: boolean): CertificateSummary {
  return {
    CertificateArn: row.arn,
    DomainName: row.domainName,
    SubjectAlternativeNameSummaries: row.subjectAlternativeNames.slice(0, MAX_SUMMARY_NAMES),
    HasAdditionalSubjectAlternativeNames: row.subjectAlternativeNames.length > MAX_SUMMARY_NAMES,
    Status: row.status,
    Type: row.type,
    KeyAlgorithm: row.keyAlgorithm,
    KeyUsages: [...keyUsageNames(row)],
    ExtendedKeyUsages: [...extendedKeyUsageNames(row)],
    ExportOption: exportOption(row),
    Exported: row.exported ?? false,
    InUse: isUsed,
    RenewalEligibility: renewalEligibility(row, isUsed),
    ...times(row),
  };
}

export function extendedKeyUsageNames(row: CertificateRow): readonly ExtendedKeyUsageName[] {
  return (row.material?.extendedKeyUsages ?? []).map((oid) => EXTENDED_KEY_USAGES[oid] ?? 'CUSTOM');
}

/** What the built-in authority puts into a leaf; not known of imported certificates. */
export function keyUsageNames(row: CertificateRow): readonly KeyUsageName[] {
  if (row.type === 'IMPORTED' || !row.material) return [];
  return row.keyAlgorithm.startsWith('RSA') ? ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT'] : ['DIGITAL_SIGNATURE'];
}

function exportOption(row: CertificateRow): 'DISABLED' | 'ENABLED' {
  return row.exportable ? 'ENABLED' : 'DISABLED';
}

function renewalEligibility(row: CertificateRow, isUsed: boolean): 'ELIGIBLE' | 'INELIGIBLE' {
  return row.type === 'AMAZON_ISSUED' && row.status === 'ISSUED' && isUsed ? 'ELIGIBLE' : 'INELIGIBLE';
}

function renewalSummary(row: CertificateRow, renewal: NonNullable<CertificateRow['renewal']>): RenewalSummary {
  return {
    RenewalStatus: renewal.status,
    DomainValidationOptions: row.validations.map(validationView),
    UpdatedAt: new Date(renewal.updatedAtMs),
  };
}

function validationView(validation: DomainValidation): DomainValidationView {
  return {
    DomainName: validation.domainName,
    ValidationDomain: validation.domainName.replace(/^\*\./, ''),
    ValidationStatus: validation.status,
    ValidationMethod: 'DNS',
    ResourceRecord: { Name: validation.recordName, Type: 'CNAME', Value: validation.recordValue },
  };
}

function times(row: CertificateRow) {
  return {
    CreatedAt: new Date(row.createdAtMs),
    ...(row.issuedAtMs !== undefined && { IssuedAt: new Date(row.issuedAtMs) }),
    ...(row.importedAtMs !== undefined && { ImportedAt: new Date(row.importedAtMs) }),
    ...(row.material && {
      NotBefore: new Date(row.material.notBeforeMs),
      NotAfter: new Date(row.material.notAfterMs),
    }),
  };
}
