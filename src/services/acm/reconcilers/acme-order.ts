import { X509Certificate } from 'node:crypto';
import type { ServiceEnvironment } from '../../../api/service.ts';
import type { AcmeCertificate, AcmeProblem, AcmeState } from '../../../pki/acme.ts';
import { retryAfterRefusal } from '../domain/acme-plan.ts';
import { factsOf } from '../domain/certificate-facts.ts';
import type { AcmPorts } from '../operation.ts';
import { certificates, type AcmeProgress, type CertificateRow } from '../tables.ts';

/** Refusals that no patience helps against, as ACM tells them. */
const FINAL: Readonly<Record<string, NonNullable<CertificateRow['failureReason']>>> = {
  caa: 'CAA_ERROR',
  rejectedIdentifier: 'DOMAIN_NOT_ALLOWED',
  unsupportedIdentifier: 'DOMAIN_NOT_ALLOWED',
};

/** Orders a certificate from the ACME directory, or goes on with the order that was begun. */
export async function orderCertificate(env: ServiceEnvironment<AcmPorts>, row: CertificateRow): Promise<void> {
  const { acme, box } = env.ports;
  if (!acme) throw new Error('The server was started without --acme-directory, which issues this certificate.');
  const keyAlgorithm = row.keyAlgorithm;
  if (keyAlgorithm !== 'RSA_2048' && keyAlgorithm !== 'EC_prime256v1' && keyAlgorithm !== 'EC_secp384r1') {
    throw new Error(`No ${keyAlgorithm} certificates are ordered.`);
  }
  const failures = row.acme?.failures ?? 0;
  const sealed = row.acme?.sealedPrivateKey;
  const privateKeyPem = sealed === undefined ? undefined : box.open(sealed);
  const state: AcmeState = {
    ...(row.acme?.orderUrl === undefined ? {} : { orderUrl: row.acme.orderUrl }),
    ...(privateKeyPem === undefined ? {} : { privateKeyPem }),
  };
  const progress = async ({ orderUrl, privateKeyPem: pem }: AcmeState) => {
    // A write wakes this certificate again: one that says nothing new would make a failing order go round at once.
    if (orderUrl === state.orderUrl && pem === state.privateKeyPem) return;
    await change(env, row.arn, (current) => ({
      ...current,
      acme: {
        failures,
        ...(orderUrl === undefined ? {} : { orderUrl }),
        ...(pem === undefined ? {} : { sealedPrivateKey: box.seal(pem) }),
      },
    }));
  };
  try {
    const issued = await acme.issue({ names: row.subjectAlternativeNames, keyAlgorithm, state, progress });
    await change(env, row.arn, (current) => received(env, current, issued));
    env.log.info('A certificate was issued by the ACME directory.', {
      certificate: row.arn,
      domainName: row.domainName,
    });
  } catch (error) {
    if (!isProblem(error)) throw error;
    await change(env, row.arn, (current) => refused(current, error, env.clock.now()));
    env.log.warn('The ACME directory refused a certificate.', { certificate: row.arn, problem: error.message });
  }
}

function received(env: ServiceEnvironment<AcmPorts>, row: CertificateRow, issued: AcmeCertificate): CertificateRow {
  const { acme: _, ...rest } = row;
  const now = env.clock.now();
  return {
    ...rest,
    status: 'ISSUED',
    validations: row.validations.map((each) => ({ ...each, status: 'SUCCESS' })),
    ...(row.status === 'ISSUED' ? { renewal: { status: 'SUCCESS', updatedAtMs: now } } : { issuedAtMs: now }),
    material: {
      ...factsOf(new X509Certificate(issued.certificatePem)),
      certificatePem: issued.certificatePem,
      chainPem: issued.chainPem,
      sealedPrivateKey: env.ports.box.seal(issued.privateKeyPem),
    },
  };
}

/** The order is spent; a new one is made later, unless there is no hope. A certificate that is issued stays so. */
function refused(row: CertificateRow, problem: AcmeProblem, now: number): CertificateRow {
  const failures = (row.acme?.failures ?? 0) + 1;
  const failureReason = FINAL[problem.type];
  if (failureReason && row.status === 'PENDING_VALIDATION') {
    const { acme: _, ...rest } = row;
    return { ...rest, status: 'FAILED', failureReason };
  }
  const acme: AcmeProgress = {
    failures,
    retryAtMs: retryAfterRefusal(failures, now, problem.retryAtMs),
    lastProblem: problem.message,
  };
  return { ...row, acme };
}

/** Errors cross layers by name: only their types may be imported here. */
function isProblem(error: unknown): error is AcmeProblem {
  return error instanceof Error && error.name === 'AcmeProblem';
}

async function change(
  env: ServiceEnvironment<AcmPorts>,
  arn: string,
  to: (row: CertificateRow) => CertificateRow,
): Promise<void> {
  await env.store.write(async (tx) => {
    const current = await tx.get(certificates, arn);
    if (current) await tx.put(certificates, { ...to(current), revision: current.revision });
  });
}
