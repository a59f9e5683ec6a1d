import { scopeKey } from '../../../kernel/arn.ts';
import { invalidTimeRange, invalidToken } from '../errors.ts';
import { operation } from '../operation.ts';
import { keyValidity } from '../signing.ts';
import { signingKeys } from '../tables.ts';

const DAY_MS = 24 * 60 * 60_000;

/** The region's keys that were valid at some time of the range. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html */
export const ListPublicKeys = operation('ListPublicKeys', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.NextToken !== undefined) return invalidToken();
    const toMs = input.EndTime?.getTime() ?? ctx.now;
    const fromMs = input.StartTime?.getTime() ?? toMs - DAY_MS;
    if (fromMs > toMs) throw invalidTimeRange('The start time must be before the end time.');
    const rows = await ctx.read((tx) => tx.list(signingKeys, { prefix: `${scopeKey(ctx)}/` }));
    return {
      PublicKeyList: rows
        .map((row) => ({ row, ...keyValidity(row) }))
        .filter((key) => key.fromMs <= toMs && key.toMs >= fromMs)
        .map(({ row, ...validity }) => ({
          Value: Buffer.from(row.publicKey, 'base64'),
          ValidityStartTime: new Date(validity.fromMs),
          ValidityEndTime: new Date(validity.toMs),
          Fingerprint: row.fingerprint,
        })),
    };
  },
});
