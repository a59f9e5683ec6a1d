import { X509Certificate } from 'node:crypto';
import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Plan, Reconciler } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import { factsOf } from '../domain/certificate-facts.ts';
import { planCertificate, type CertificateAction } from '../domain/certificate-plan.ts';
import { proveNames } from '../domain/name-proof.ts';
import type { AcmPorts } from '../operation.ts';
import { orderCertificate } from './acme-order.ts';
import { certificates, waitsForNames, type CertificateMaterial, type CertificateRow } from '../tables.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const VALID_FOR_MS = 397 * DAY_MS;
const RESYNC_MS = 60_000;
/** The key of all that waits for hosted zones of one account; other keys are ARNs of certificates. */
const WAITING = 'waiting/';
const ZONE_TABLES: readonly string[] = ['route53.hosted-zones', 'route53.record-sets'];

type Observed = readonly CertificateRow[];

/**
 *   PENDING_VALIDATION --names proven--> (issue) ISSUED --60 days before the end--> (renew) --the end--> EXPIRED
 *            \--72 hours--> VALIDATION_TIMED_OUT
 */
export function certificateReconciler(env: ServiceEnvironment<AcmPorts>): Reconciler<Observed, CertificateAction> {
  return {
    name: 'acm.certificate',
    resyncEveryMs: RESYNC_MS,
    keys(change) {
      if (change.table === certificates.name) return [change.key];
      if (!ZONE_TABLES.includes(change.table)) return [];
      return (change.indexes['account'] ?? []).map((account) => `${WAITING}${account}`);
    },
    allKeys: async (tx) => (await tx.list(certificates)).map((row) => row.arn),
    async observe(tx, key) {
      if (key.startsWith(WAITING)) {
        const rows = await tx.list(certificates, { where: ['waiting', key.slice(WAITING.length)] });
        return rows.length > 0 ? rows : undefined;
      }
      const row = await tx.get(certificates, key);
      return row && [row];
    },
    plan: (rows, now) => planAll(rows, now),
    apply: (action) => apply(env, action),
  };
}

function planAll(rows: Observed, now: number): Plan<CertificateAction> {
  const plans = rows.map((row) => planCertificate(row, now));
  // What lies further off is left to a resync: no timer reaches over months.
  const wakes = plans.flatMap((plan) => plan.wakeAt ?? []).filter((wakeAt) => wakeAt < now + RESYNC_MS);
  return {
    actions: plans.flatMap((plan) => plan.actions),
    ...(wakes.length > 0 && { wakeAt: Math.min(...wakes) }),
    why: plans.map((plan) => plan.why).join(' '),
  };
}

async function apply(env: ServiceEnvironment<AcmPorts>, action: CertificateAction): Promise<void> {
  const row = await env.store.read((tx) => tx.get(certificates, action.arn));
  if (!row) return;
  switch (action.type) {
    case 'validate-names':
      return validate(env, row);
    case 'issue':
      return issue(env, row);
    case 'order':
      return orderCertificate(env, row);
    case 'renew':
      return renew(env, row);
    case 'set-status':
      return update(env, row, { status: action.status, ...failedNames(row, action.status) });
  }
}

async function validate(env: ServiceEnvironment<AcmPorts>, row: Stored<CertificateRow>): Promise<void> {
  if (row.status !== 'PENDING_VALIDATION') return;
  const validations = await proveNames(env.callIn(row), row.validations);
  const changed = validations.some((each, at) => each.status !== row.validations[at]?.status);
  if (changed) await update(env, row, { validations });
}

async function issue(env: ServiceEnvironment<AcmPorts>, row: Stored<CertificateRow>): Promise<void> {
  if (row.status !== 'PENDING_VALIDATION') return;
  const material = await makeMaterial(env, row);
  await update(env, row, { status: 'ISSUED', issuedAtMs: env.clock.now(), material });
  env.log.info('A certificate was issued.', { certificate: row.arn, domainName: row.domainName });
}

async function renew(env: ServiceEnvironment<AcmPorts>, row: Stored<CertificateRow>): Promise<void> {
  if (row.status !== 'ISSUED' || row.type !== 'AMAZON_ISSUED') return;
  const updatedAtMs = env.clock.now();
  const validations = await proveNames(env.callIn(row), row.validations);
  if (validations.some((each) => each.status !== 'SUCCESS')) {
    if (waitsForNames(row)) return;
    await update(env, row, { validations, renewal: { status: 'PENDING_VALIDATION', updatedAtMs } });
    return;
  }
  const material = await makeMaterial(env, row);
  await update(env, row, { validations, material, renewal: { status: 'SUCCESS', updatedAtMs } });
  env.log.info('A certificate was renewed.', { certificate: row.arn, domainName: row.domainName });
}

async function makeMaterial(env: ServiceEnvironment<AcmPorts>, row: CertificateRow): Promise<CertificateMaterial> {
  const { authority, box } = env.ports;
  const keyAlgorithm = row.keyAlgorithm;
  if (keyAlgorithm !== 'RSA_2048' && keyAlgorithm !== 'EC_prime256v1' && keyAlgorithm !== 'EC_secp384r1') {
    throw new Error(`The authority issues no ${keyAlgorithm} certificates.`);
  }
  const now = env.clock.now();
  const issued = await authority.issue({
    names: row.subjectAlternativeNames,
    keyAlgorithm,
    // In the past, for clients whose clocks are a little behind.
    notBeforeMs: now - HOUR_MS,
    notAfterMs: now + VALID_FOR_MS,
  });
  return {
    ...factsOf(new X509Certificate(issued.certificatePem)),
    certificatePem: issued.certificatePem,
    chainPem: issued.chainPem,
    sealedPrivateKey: box.seal(issued.privateKeyPem),
  };
}

function failedNames(row: CertificateRow, status: CertificateRow['status']): Partial<CertificateRow> {
  if (status !== 'VALIDATION_TIMED_OUT') return {};
  return {
    validations: row.validations.map((each) =>
      each.status === 'PENDING_VALIDATION' ? { ...each, status: 'FAILED' } : each,
    ),
  };
}

/** Drops the change when the row has moved on since it was read: its next pass decides anew. */
async function update(
  env: ServiceEnvironment<AcmPorts>,
  row: Stored<CertificateRow>,
  change: Partial<CertificateRow>,
): Promise<void> {
  await env.store.write(async (tx) => {
    const current = await tx.get(certificates, row.arn);
    if (current?.revision !== row.revision) return;
    await tx.put(certificates, { ...current, ...change });
  });
}
