/** ACM gives up on a request after this long: three days. */
export const VALIDATION_TIMEOUT_MS = 259_200_000;

export type CertificateAction =
  | { readonly type: 'validate-names' | 'issue' | 'order' | 'renew'; readonly arn: string }
  | { readonly type: 'set-status'; readonly arn: string; readonly status: 'VALIDATION_TIMED_OUT' | 'EXPIRED' };
