import { certificateUses } from '../domain/certificate-uses.ts';
import { inUse, invalidState, noSuchCertificate, stillPending } from '../errors.ts';
import { certificateOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { certificates } from '../tables.ts';
import { certificateDetail } from '../views.ts';

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html */
export const DescribeCertificate = operation('DescribeCertificate', {
  resources: (input) => [input.CertificateArn ?? '*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => certificateOf(tx, ctx, input.CertificateArn));
    const uses = row.status === 'ISSUED' ? await certificateUses(ctx.call) : new Map<string, readonly string[]>();
    return { Certificate: certificateDetail(row, uses.get(row.arn) ?? []) };
  },
});

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_GetCertificate.html */
export const GetCertificate = operation('GetCertificate', {
  resources: (input) => [input.CertificateArn ?? '*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => certificateOf(tx, ctx, input.CertificateArn));
    if (row.status === 'PENDING_VALIDATION') throw stillPending(row.arn);
    if (!row.material) throw noSuchCertificate(row.arn);
    return {
      Certificate: row.material.certificatePem,
      ...(row.material.chainPem !== undefined && { CertificateChain: row.material.chainPem }),
    };
  },
});

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html; refused while a listener uses it. */
export const DeleteCertificate = operation('DeleteCertificate', {
  resources: (input) => [input.CertificateArn ?? '*'],
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => certificateOf(tx, ctx, input.CertificateArn));
    if ((await certificateUses(ctx.call)).has(row.arn)) throw inUse(row.arn, ctx.account);
    await ctx.write((tx) => tx.delete(certificates, row.arn));
    return {};
  },
});

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_RenewCertificate.html; done by the reconciler. */
export const RenewCertificate = operation('RenewCertificate', {
  resources: (input) => [input.CertificateArn ?? '*'],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await certificateOf(tx, ctx, input.CertificateArn);
      if (row.type !== 'AMAZON_ISSUED' || row.status !== 'ISSUED') {
        throw invalidState(`Certificate ${row.arn} cannot be renewed: it is ${row.type} and ${row.status}.`);
      }
      await tx.put(certificates, { ...row, renewal: { status: 'PENDING_AUTO_RENEWAL', updatedAtMs: ctx.now } });
    });
    return {};
  },
});
