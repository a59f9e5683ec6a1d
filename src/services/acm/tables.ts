import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

export type CertificateStatus = 'PENDING_VALIDATION' | 'ISSUED' | 'EXPIRED' | 'VALIDATION_TIMED_OUT' | 'FAILED';
export type IssuedKeyAlgorithm = 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1';
export type KeyAlgorithm = IssuedKeyAlgorithm | 'RSA_1024' | 'RSA_3072' | 'RSA_4096' | 'EC_secp521r1';

export interface CertificateRow extends Scope {
  readonly arn: string;
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED';
  readonly domainName: string;
  /** The domain name first. */
  readonly subjectAlternativeNames: readonly string[];
  readonly keyAlgorithm: KeyAlgorithm;
  readonly status: CertificateStatus;
  readonly createdAtMs: number;
  readonly issuedAtMs?: number;
  readonly importedAtMs?: number;
  /** One for each name; none for imported certificates. */
  readonly validations: readonly DomainValidation[];
  readonly transparencyLogging: 'ENABLED' | 'DISABLED';
  /** What makes a repeated request the same request. */
  readonly idempotency?: { readonly token: string; readonly digest: string };
  /** Once issued or imported. */
  readonly material?: CertificateMaterial;
  readonly renewal?: Renewal;
  /** Who issues it, where it is not the built-in authority. */
  readonly issuer?: 'ACME';
  /** Of a certificate that is being ordered. */
  readonly acme?: AcmeProgress;
  readonly failureReason?: 'CAA_ERROR' | 'DOMAIN_NOT_ALLOWED';
  /** Asked for with Export ENABLED. */
  readonly exportable?: true;
  readonly exported?: true;
  readonly tags: Tags;
}

export interface AcmeProgress {
  readonly orderUrl?: string;
  readonly sealedPrivateKey?: string;
  /** Refusals in a row. */
  readonly failures: number;
  readonly retryAtMs?: number;
  /** The authority's words on the last one. */
  readonly lastProblem?: string;
}

/** The account with an ACME directory. */
export interface AcmeAccountRow {
  readonly directoryUrl: string;
  readonly sealedPrivateKey: string;
}

/** What is set for an account in a region. */
export interface AccountConfigurationRow extends Scope {
  readonly daysBeforeExpiry: number;
}

export interface DomainValidation {
  readonly domainName: string;
  readonly status: 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED';
  /** The CNAME that proves who owns the name; both with a final dot. */
  readonly recordName: string;
  readonly recordValue: string;
}

export interface CertificateMaterial extends CertificateFacts {
  readonly certificatePem: string;
  readonly chainPem?: string;
  readonly sealedPrivateKey: string;
}

/** What the certificate says of itself. */
export interface CertificateFacts {
  /** `aa:bb:...` */
  readonly serial: string;
  /** `CN=www.example.com` */
  readonly subject: string;
  readonly issuer: string;
  /** As ACM writes it: `SHA256WITHRSA`. */
  readonly signatureAlgorithm: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** OIDs. */
  readonly extendedKeyUsages: readonly string[];
}

export interface Renewal {
  readonly status: 'PENDING_AUTO_RENEWAL' | 'PENDING_VALIDATION' | 'SUCCESS';
  readonly updatedAtMs: number;
}

export const certificates = table<CertificateRow>('acm.certificates', (row) => row.arn, {
  scope: (row) => scopeKey(row),
  token: (row) => row.idempotency && `${scopeKey(row)}/${row.idempotency.token}`,
  /** Certificates that wait for records of a hosted zone of this account. */
  waiting: (row) => (waitsForNames(row) ? row.account : undefined),
});

export const acmeAccounts = table<AcmeAccountRow>('acm.acme-accounts', (row) => row.directoryUrl);

export const accountConfigurations = table<AccountConfigurationRow>('acm.account-configurations', (row) =>
  scopeKey(row),
);

export function waitsForNames(row: CertificateRow): boolean {
  if (row.issuer === 'ACME') return false;
  return row.status === 'PENDING_VALIDATION' || row.renewal?.status === 'PENDING_VALIDATION';
}
