import type { ListCertificatesRequest } from '@aws-sdk/client-acm';
import { scopeKey } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import { certificateUses } from '../domain/certificate-uses.ts';
import { invalid, notSupported } from '../errors.ts';
import { operation } from '../operation.ts';
import { certificates, type CertificateRow } from '../tables.ts';
import { certificateSummary, extendedKeyUsageNames, keyUsageNames } from '../views.ts';

const MAX_ITEMS = 1000;
/** What ACM lists when no key types are asked for. */
const DEFAULT_KEY_TYPES: readonly string[] = ['RSA_1024', 'RSA_2048'];

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html */
export const ListCertificates = operation('ListCertificates', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    checkList(input);
    const rows = await ctx.read((tx) => tx.list(certificates, { where: ['scope', scopeKey(ctx)] }));
    const matching = rows.filter((row) => matches(row, input));
    const descending = input.SortOrder === 'DESCENDING';
    const lastTime = 10 ** TIME_DIGITS - 1;
    // One ascending key in either order, so that a page token works for both.
    const orderKey = (row: CertificateRow) => {
      if (input.SortBy !== 'CREATED_AT') return row.arn;
      const time = descending ? lastTime - row.createdAtMs : row.createdAtMs;
      return `${String(time).padStart(TIME_DIGITS, '0')} ${row.arn}`;
    };
    const page = paginate(
      matching.map((row) => ({ row, key: orderKey(row) })).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      (item) => item.key,
      {
        limit: input.MaxItems ?? MAX_ITEMS,
        token: input.NextToken,
        onBadToken: () => {
          throw invalid('The NextToken is not valid.');
        },
      },
    );
    const uses = page.items.length > 0 ? await certificateUses(ctx.call) : new Map();
    return {
      CertificateSummaryList: page.items.map(({ row }) => certificateSummary(row, uses.has(row.arn))),
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});

const TIME_DIGITS = 15;

function checkList(input: ListCertificatesRequest): void {
  if (input.MaxItems !== undefined && (input.MaxItems < 1 || input.MaxItems > MAX_ITEMS)) {
    throw invalid(`MaxItems must be between 1 and ${MAX_ITEMS}.`);
  }
  if ((input.SortBy === undefined) !== (input.SortOrder === undefined)) {
    throw invalid('SortBy and SortOrder must be given together.');
  }
  if (input.CertificateKeyPairOrigins?.length) throw notSupported('CertificateKeyPairOrigins', 'Leave it out.');
}

function matches(row: CertificateRow, input: ListCertificatesRequest): boolean {
  const includes = input.Includes ?? {};
  if (input.CertificateStatuses?.length && !input.CertificateStatuses.includes(row.status)) return false;
  const keyTypes: readonly string[] = includes.keyTypes?.length ? includes.keyTypes : DEFAULT_KEY_TYPES;
  if (!keyTypes.includes(row.keyAlgorithm)) return false;
  if (!overlaps(includes.keyUsage, keyUsageNames(row))) return false;
  if (!overlaps(includes.extendedKeyUsage, extendedKeyUsageNames(row))) return false;
  if (includes.exportOption && (includes.exportOption === 'ENABLED') !== (row.exportable ?? false)) return false;
  return includes.managedBy === undefined;
}

function overlaps(asked: readonly string[] | undefined, has: readonly string[]): boolean {
  return !asked?.length || asked.includes('ANY') || asked.some((each) => has.includes(each));
}
