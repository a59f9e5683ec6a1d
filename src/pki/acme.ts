/** Certificates from a public authority that speaks ACME (RFC 8555), its names proven over HTTP (HTTP-01). */
export interface AcmeIssuer {
  /**
   * Goes on with an order, or begins one, until it is issued. Whoever calls keeps what `progress` is told and gives it
   * again, so that a crash costs neither the order nor its key.
   * @throws AcmeProblem for a refusal; anything else is a failure of the way there: try again
   */
  issue(request: AcmeRequest): Promise<AcmeCertificate>;
}

export interface AcmeRequest {
  /** Public names without wildcards; the first is the common name. */
  readonly names: readonly string[];
  readonly keyAlgorithm: 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1';
  readonly state: AcmeState;
  readonly progress: (state: AcmeState) => Promise<void>;
}

/** Of one order. */
export interface AcmeState {
  readonly orderUrl?: string;
  /** PKCS #8, PEM: of the certificate. */
  readonly privateKeyPem?: string;
}

export interface AcmeCertificate {
  readonly certificatePem: string;
  /** Issuers, leaf's first. */
  readonly chainPem: string;
  readonly privateKeyPem: string;
}

/** What keeps the account's key over restarts. */
export interface AcmeAccountKeys {
  read(): Promise<string | undefined>;
  /** Keeps the first one that is given: two who are made at once must not differ. Answers which one is kept. */
  keep(privateKeyPem: string): Promise<string>;
}

/** Where challenges are laid out while the authority fetches them. */
export interface ChallengeAnswers {
  /** @param token names the file below /.well-known/acme-challenge/ */
  put(token: string, keyAuthorization: string): void;
  remove(token: string): void;
}

/** The authority's own words on why it refuses. */
export class AcmeProblem extends Error {
  override readonly name = 'AcmeProblem';
  /** The last part of the problem's URN: `rateLimited`, `rejectedIdentifier`, `caa`, `dns`, `connection`, ... */
  readonly type: string;
  /** When the authority says that trying again makes sense, in ms since the epoch. */
  readonly retryAtMs?: number;

  constructor(type: string, message: string, retryAtMs?: number) {
    super(message);
    this.type = type;
    if (retryAtMs !== undefined) this.retryAtMs = retryAtMs;
  }
}
