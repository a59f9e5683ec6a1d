import type { Plan } from '../../../reconcile/reconciler.ts';
import type { CertificateRow } from '../tables.ts';
import { VALIDATION_TIMEOUT_MS, type CertificateAction } from './certificate-action.ts';

const MINUTE_MS = 60_000;
const FIRST_PAUSE_MS = 5 * MINUTE_MS;
const LONGEST_PAUSE_MS = 360 * MINUTE_MS;
const DAY_MS = 86_400_000;
const RENEW_BEFORE_MS = 60 * DAY_MS;
/** Public authorities ask for a renewal when a third of the time is left. */
const LEFT_AT_RENEWAL = 1 / 3;

/** What a certificate that an ACME authority issues needs next. Pure. */
export function planAcmeCertificate(row: CertificateRow, now: number): Plan<CertificateAction> {
  const { arn, material } = row;
  if (row.status === 'PENDING_VALIDATION') {
    const givesUpAt = row.createdAtMs + VALIDATION_TIMEOUT_MS;
    if (now >= givesUpAt) {
      return {
        actions: [{ type: 'set-status', arn, status: 'VALIDATION_TIMED_OUT' }],
        why: 'The names were not validated within 72 hours.',
      };
    }
    return orderWhenDue(row, now, now, givesUpAt, 'The certificate is to be ordered.');
  }
  if (row.status !== 'ISSUED' || !material) return { actions: [], why: `The certificate is ${row.status}.` };
  const endsAt = material.notAfterMs;
  if (now >= endsAt) {
    return { actions: [{ type: 'set-status', arn, status: 'EXPIRED' }], why: 'The certificate has reached its end.' };
  }
  const lifetime = endsAt - material.notBeforeMs;
  const asked = row.renewal && row.renewal.status !== 'SUCCESS' ? row.renewal.updatedAtMs : Number.POSITIVE_INFINITY;
  const dueAt = Math.min(asked, endsAt - Math.min(RENEW_BEFORE_MS, lifetime * LEFT_AT_RENEWAL));
  if (now < dueAt) return { actions: [], wakeAt: dueAt, why: 'The certificate is issued, and not due for renewal.' };
  return orderWhenDue(row, now, dueAt, endsAt, 'The certificate is due for renewal.');
}

/** When to ask again after so many refusals in a row; the authority may ask for more patience. */
export function retryAfterRefusal(failures: number, now: number, asked = 0): number {
  return Math.max(asked, now + Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS));
}

function orderWhenDue(
  row: CertificateRow,
  now: number,
  dueAt: number,
  endsAt: number,
  why: string,
): Plan<CertificateAction> {
  const at = Math.max(dueAt, row.acme?.retryAtMs ?? 0);
  if (now < at)
    return { actions: [], wakeAt: Math.min(at, endsAt), why: `The authority refused: ${row.acme?.lastProblem}` };
  return { actions: [{ type: 'order', arn: row.arn }], wakeAt: endsAt, why };
}
