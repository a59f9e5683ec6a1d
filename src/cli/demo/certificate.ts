import {
  type CertificateDetail,
  DescribeCertificateCommand,
  ListCertificatesCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import { CliError } from '../cli-error.ts';
import { upsertRecord } from './hosted-zone.ts';
import { type SiteSession, must, sessionWait } from './session.ts';

const ISSUE_TIMEOUT_MS = 60_000;
const DEAD = new Set(['FAILED', 'VALIDATION_TIMED_OUT', 'REVOKED', 'EXPIRED']);

/** Requests a certificate, proves the name with the record that ACM asks for, and waits until it is issued. */
export async function ensureCertificate(session: SiteSession, hostedZoneId: string): Promise<string> {
  const arn = (await findCertificate(session)) ?? (await requestCertificate(session));
  let isProved = false;
  return sessionWait(session, 'the certificate is issued', ISSUE_TIMEOUT_MS, async () => {
    const certificate = await describe(session, arn);
    if (certificate.Status === 'ISSUED') return arn;
    if (DEAD.has(certificate.Status ?? '')) {
      throw new CliError(`the certificate is ${certificate.Status}: ${certificate.FailureReason ?? 'no reason given'}`);
    }
    const record = certificate.DomainValidationOptions?.[0]?.ResourceRecord;
    if (record && !isProved) {
      await upsertRecord(session, hostedZoneId, {
        Name: record.Name,
        Type: record.Type,
        TTL: 60,
        ResourceRecords: [{ Value: record.Value }],
      });
      isProved = true;
    }
    return undefined;
  });
}

export async function findCertificate({ clients, site }: SiteSession): Promise<string | undefined> {
  const { CertificateSummaryList = [] } = await clients.acm.send(
    new ListCertificatesCommand({ CertificateStatuses: ['ISSUED', 'PENDING_VALIDATION'] }),
  );
  return CertificateSummaryList.find((certificate) => certificate.DomainName === site.domain)?.CertificateArn;
}

async function requestCertificate({ clients, site }: SiteSession): Promise<string> {
  const requested = await clients.acm.send(
    new RequestCertificateCommand({ DomainName: site.domain, ValidationMethod: 'DNS' }),
  );
  return must(requested.CertificateArn, 'CertificateArn');
}

async function describe({ clients }: SiteSession, arn: string): Promise<CertificateDetail> {
  const { Certificate } = await clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
  return must(Certificate, 'Certificate');
}
