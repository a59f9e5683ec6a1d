import type { PartWork, Site } from '../site.ts';
import { managedTags, unless } from '../site.ts';
import { ensureZone, upsert } from './zone.ts';

const KEY_ALGORITHM = 'EC_prime256v1';

/** The certificate of the endpoint's name, and of nothing else. */
export const certificate: PartWork = {
  wish: ({ row }) => row.hostname,
  async make(site) {
    const { call, row } = site;
    const found = await certificateArn(site);
    if (found === undefined) {
      await call('acm', 'RequestCertificate', {
        DomainName: row.hostname,
        ValidationMethod: 'DNS',
        KeyAlgorithm: KEY_ALGORITHM,
        IdempotencyToken: row.id,
        Tags: managedTags(row),
      });
      return false;
    }
    const { Certificate } = await call('acm', 'DescribeCertificate', { CertificateArn: found });
    if (Certificate?.Status === 'ISSUED') return true;
    const record = Certificate?.DomainValidationOptions?.[0]?.ResourceRecord;
    // Names below localhost need no proof; an operator's own domain is proved in the zone of the name.
    if (record?.Value !== undefined && !row.hostname.endsWith('.localhost')) {
      const { Name, Type, Value } = record;
      await upsert(site, await ensureZone(site), { Name, Type, TTL: 60, ResourceRecords: [{ Value }] });
    }
    return false;
  },
  async remove(site) {
    const found = await certificateArn(site);
    if (found === undefined) return true;
    const deleted = site.call('acm', 'DeleteCertificate', { CertificateArn: found });
    return (await unless(deleted, 'ResourceInUseException')) !== undefined;
  },
};

/** By its name: the name has the service's id in it, so there is one at most. */
export async function certificateArn({ call, row }: Pick<Site, 'call' | 'row'>): Promise<string | undefined> {
  let token: string | undefined;
  do {
    const page = await call('acm', 'ListCertificates', {
      Includes: { keyTypes: [KEY_ALGORITHM] },
      ...(token !== undefined && { NextToken: token }),
    });
    const found = page.CertificateSummaryList?.find((one) => one.DomainName === row.hostname);
    if (found) return found.CertificateArn;
    token = page.NextToken;
  } while (token !== undefined);
  return undefined;
}
