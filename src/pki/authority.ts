/** The built-in certificate authority: made at the first start, trusted by whoever installs its certificate. */
export interface CertificateAuthority {
  /** The root's certificate, PEM: what clients trust. */
  readonly certificatePem: string;
  issue(request: CertificateRequest): Promise<IssuedCertificate>;
}

export interface CertificateRequest {
  /** DNS names; the first is the common name. `*.` wildcards are allowed. */
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly keyAlgorithm: 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1';
}

export interface IssuedCertificate {
  readonly certificatePem: string;
  /** Issuers, leaf's first, root's last. */
  readonly chainPem: string;
  /** PKCS #8, PEM. */
  readonly privateKeyPem: string;
  /** `aa:bb:...` as ACM shows it. */
  readonly serial: string;
}
