import { named } from '../authorization.ts';
import { revocationNotFound } from '../errors.ts';
import { trustStoreOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { revocationKey, revocations } from '../tables.ts';

/** A URL that needs no signature and ends after ten minutes. */
export const GetTrustStoreCaCertificatesBundle = operation('GetTrustStoreCaCertificatesBundle', {
  readOnly: true,
  resources: (input) => named([input.TrustStoreArn]),
  handle: async (ctx, input) => {
    const { arn: trustStoreArn } = await ctx.read((tx) => trustStoreOf(tx, ctx, input.TrustStoreArn));
    return { Location: ctx.endpoint + ctx.ports.trustStoreFiles.pathOf({ trustStoreArn }, ctx.now) };
  },
});

/** As above, for one list of what is revoked. */
export const GetTrustStoreRevocationContent = operation('GetTrustStoreRevocationContent', {
  readOnly: true,
  resources: (input) => named([input.TrustStoreArn]),
  handle: async (ctx, input) => {
    const { RevocationId: revocationId = 0 } = input;
    const trustStoreArn = await ctx.read(async (tx) => {
      const { arn } = await trustStoreOf(tx, ctx, input.TrustStoreArn);
      if (!(await tx.get(revocations, revocationKey({ trustStoreArn: arn, revocationId })))) {
        throw revocationNotFound(revocationId);
      }
      return arn;
    });
    return { Location: ctx.endpoint + ctx.ports.trustStoreFiles.pathOf({ trustStoreArn, revocationId }, ctx.now) };
  },
});
