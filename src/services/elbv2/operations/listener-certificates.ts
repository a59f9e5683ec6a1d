import type { Certificate } from '@aws-sdk/client-elastic-load-balancing-v2';
import { named } from '../authorization.ts';
import { requireCertificate } from '../certificates.ts';
import { isEncrypted } from '../domain/protocols.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { invalid, invalidConfiguration, notPermitted, tooMany } from '../errors.ts';
import { listenerOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { page } from '../paging.ts';
import { listeners, type ListenerRow } from '../tables.ts';

/** Adding one that is in the list already changes nothing. */
export const AddListenerCertificates = operation('AddListenerCertificates', {
  resources: (input) => named([input.ListenerArn]),
  handle: async (ctx, input) => {
    const added = arnsOf(input.Certificates);
    for (const arn of added) await requireCertificate(ctx, arn);
    await ctx.write(async (tx) => {
      const row = await listenerOf(tx, ctx, input.ListenerArn);
      checkHttps(row);
      const certificateArns = [...new Set([...row.certificateArns, ...added])];
      // The default certificate does not count.
      if (certificateArns.length > QUOTAS.certificates + 1) {
        throw tooMany('TooManyCertificatesException', 'The limit on the number of certificates has been reached');
      }
      await tx.put(listeners, { ...row, certificateArns });
    });
    return { Certificates: added.map((arn) => ({ CertificateArn: arn, IsDefault: false })) };
  },
});

export const RemoveListenerCertificates = operation('RemoveListenerCertificates', {
  resources: (input) => named([input.ListenerArn]),
  handle: async (ctx, input) => {
    const removed = arnsOf(input.Certificates);
    await ctx.write(async (tx) => {
      const row = await listenerOf(tx, ctx, input.ListenerArn);
      checkHttps(row);
      const [defaultArn] = row.certificateArns;
      if (defaultArn !== undefined && removed.includes(defaultArn)) {
        throw notPermitted('The default certificate of a listener cannot be removed');
      }
      await tx.put(listeners, { ...row, certificateArns: row.certificateArns.filter((arn) => !removed.includes(arn)) });
    });
    return {};
  },
});

/** The default certificate too, with IsDefault. */
export const DescribeListenerCertificates = operation('DescribeListenerCertificates', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => listenerOf(tx, ctx, input.ListenerArn));
    const all = row.certificateArns.map((arn, at) => ({ CertificateArn: arn, IsDefault: at === 0 }));
    const keyOf = (certificate: (typeof all)[number]) =>
      `${certificate.IsDefault ? 0 : 1} ${certificate.CertificateArn}`;
    const { items, next } = page(
      all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
      keyOf,
      input,
    );
    return { Certificates: [...items], ...next };
  },
});

function arnsOf(certificates: readonly Certificate[] = []): readonly string[] {
  if (certificates.length === 0) throw invalid('A certificate must be specified');
  if (certificates.some((certificate) => certificate.IsDefault !== undefined)) {
    throw invalid('IsDefault cannot be set here: use ModifyListener to change the default certificate');
  }
  return certificates.map((certificate) => certificate.CertificateArn ?? '');
}

function checkHttps(row: ListenerRow): void {
  if (!isEncrypted(row.protocol))
    throw invalidConfiguration('Certificates can only be specified for HTTPS and TLS listeners');
}
