import { scopeKey } from '../../../kernel/arn.ts';
import { invalid, invalidState } from '../errors.ts';
import { certificateOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { accountConfigurations, certificates } from '../tables.ts';

const DEFAULT_DAYS = 45;

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_UpdateCertificateOptions.html */
export const UpdateCertificateOptions = operation('UpdateCertificateOptions', {
  resources: (input) => [input.CertificateArn ?? '*'],
  handle: async (ctx, input) => {
    const preference = input.Options?.CertificateTransparencyLoggingPreference;
    await ctx.write(async (tx) => {
      const row = await certificateOf(tx, ctx, input.CertificateArn);
      if (row.type !== 'AMAZON_ISSUED') throw invalidState(`Certificate ${row.arn} is imported: it has no options.`);
      const wanted = input.Options?.Export;
      if (wanted !== undefined && (wanted === 'ENABLED') !== (row.exportable ?? false)) {
        throw invalid('Whether a certificate can be exported is chosen when it is requested.');
      }
      if (preference !== undefined) await tx.put(certificates, { ...row, transparencyLogging: preference });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_GetAccountConfiguration.html */
export const GetAccountConfiguration = operation('GetAccountConfiguration', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx) => {
    const row = await ctx.read((tx) => tx.get(accountConfigurations, scopeKey(ctx)));
    return { ExpiryEvents: { DaysBeforeExpiry: row?.daysBeforeExpiry ?? DEFAULT_DAYS } };
  },
});

/** Kept and answered; there is no EventBridge here to send expiry events to. */
export const PutAccountConfiguration = operation('PutAccountConfiguration', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    if (!/^\w{1,32}$/.test(input.IdempotencyToken ?? '')) {
      throw invalid('IdempotencyToken must be 1 to 32 letters, digits and underscores.');
    }
    const daysBeforeExpiry = input.ExpiryEvents?.DaysBeforeExpiry;
    if (daysBeforeExpiry !== undefined && (!Number.isInteger(daysBeforeExpiry) || daysBeforeExpiry < 1)) {
      throw invalid('DaysBeforeExpiry must be at least 1.');
    }
    await ctx.write(async (tx) => {
      const before = await tx.get(accountConfigurations, scopeKey(ctx));
      const row = { account: ctx.account, region: ctx.region, daysBeforeExpiry: daysBeforeExpiry ?? DEFAULT_DAYS };
      await tx.put(accountConfigurations, before ? { ...row, revision: before.revision } : row);
    });
    return {};
  },
});
