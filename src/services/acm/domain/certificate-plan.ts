import type { Plan } from '../../../reconcile/reconciler.ts';
import type { CertificateRow } from '../tables.ts';
import { planAcmeCertificate } from './acme-plan.ts';
import { VALIDATION_TIMEOUT_MS, type CertificateAction } from './certificate-action.ts';

export type { CertificateAction } from './certificate-action.ts';

const DAY_MS = 86_400_000;
/** Managed renewal begins this long before the end. */
export const RENEW_BEFORE_MS = 60 * DAY_MS;
/** So that a certificate whose end cannot be moved out (the root ends too) is not made again and again. */
const RENEWAL_PAUSE_MS = DAY_MS;

/** What a certificate needs next. Pure. */
export function planCertificate(row: CertificateRow, now: number): Plan<CertificateAction> {
  const { arn } = row;
  if (row.issuer === 'ACME') return planAcmeCertificate(row, now);
  if (row.status === 'PENDING_VALIDATION') return planRequest(row, now);
  if (row.status !== 'ISSUED' || !row.material) return { actions: [], why: `The certificate is ${row.status}.` };
  const endsAt = row.material.notAfterMs;
  if (now >= endsAt) {
    return { actions: [{ type: 'set-status', arn, status: 'EXPIRED' }], why: 'The certificate has reached its end.' };
  }
  if (row.type === 'IMPORTED') {
    return { actions: [], wakeAt: endsAt, why: 'Imported certificates are renewed by whoever imported them.' };
  }
  const renewAt = renewalDueAt(row, endsAt);
  if (now < renewAt) {
    return {
      actions: [],
      wakeAt: Math.min(renewAt, endsAt),
      why: 'The certificate is issued, and not due for renewal.',
    };
  }
  return { actions: [{ type: 'renew', arn }], wakeAt: endsAt, why: 'The certificate is due for renewal.' };
}

function planRequest(row: CertificateRow, now: number): Plan<CertificateAction> {
  const { arn } = row;
  const givesUpAt = row.createdAtMs + VALIDATION_TIMEOUT_MS;
  const pending = row.validations.filter((validation) => validation.status !== 'SUCCESS');
  if (pending.length === 0) return { actions: [{ type: 'issue', arn }], why: 'Every name is validated.' };
  if (now >= givesUpAt) {
    return {
      actions: [{ type: 'set-status', arn, status: 'VALIDATION_TIMED_OUT' }],
      why: 'The names were not validated within 72 hours.',
    };
  }
  return {
    actions: [{ type: 'validate-names', arn }],
    wakeAt: givesUpAt,
    why: `Waiting for the validation of ${pending.map((validation) => validation.domainName).join(', ')}.`,
  };
}

function renewalDueAt(row: CertificateRow, endsAt: number): number {
  if (row.renewal && row.renewal.status !== 'SUCCESS') return row.renewal.updatedAtMs;
  const dueAt = endsAt - RENEW_BEFORE_MS;
  return row.renewal ? Math.max(dueAt, row.renewal.updatedAtMs + RENEWAL_PAUSE_MS) : dueAt;
}
