/** What is known of a call besides who makes it and what it asks: for condition keys and for the audit trail. */
export interface CallFacts {
  /** An address; the calling service's principal for a call from within. */
  readonly sourceIp: string;
  readonly userAgent?: string;
  readonly referer?: string;
  /** The host that was called. */
  readonly host?: string;
  /** Came over TLS. */
  readonly secure: boolean;
  /** A call from within: the resource that it is made for. */
  readonly sourceArn?: string;
}
