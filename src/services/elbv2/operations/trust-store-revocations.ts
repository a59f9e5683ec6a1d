import type { RevocationContent } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../api/context.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { named } from '../authorization.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { countRevoked } from '../domain/revocation-list.ts';
import { invalid, notInEnum, revocationNotFound, tooMany } from '../errors.ts';
import { trustStoreOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { page } from '../paging.ts';
import { storedText } from '../stored-files.ts';
import { revocationKey, revocations, trustStores, type RevocationRow } from '../tables.ts';

const LARGEST_LIST_BYTES = 16 * 1024 * 1024;

/** Lists are read once, in the caller's name. */
export const AddTrustStoreRevocations = operation('AddTrustStoreRevocations', {
  resources: (input) => named([input.TrustStoreArn]),
  handle: async (ctx, input) => {
    const { RevocationContents: contents = [] } = input;
    if (contents.length === 0) throw invalid('At least one revocation content must be specified');
    await ctx.read((tx) => trustStoreOf(tx, ctx, input.TrustStoreArn));
    const lists = await Promise.all(contents.map((content) => listOf(ctx, content)));
    const added = await ctx.write(async (tx) => {
      const store = await trustStoreOf(tx, ctx, input.TrustStoreArn);
      const known = await tx.list(revocations, { where: ['trustStore', store.arn] });
      const entries = [...known, ...lists].reduce((sum, list) => sum + list.entries, 0);
      if (entries > QUOTAS.revocationEntries) {
        throw tooMany(
          'TooManyTrustStoreRevocationEntriesException',
          'The limit on the number of revocation entries has been reached',
        );
      }
      await tx.put(trustStores, { ...store, lastRevocationId: store.lastRevocationId + lists.length });
      const { account, region, arn: trustStoreArn, lastRevocationId } = store;
      const rows = lists.map((list, at) => ({
        account,
        region,
        trustStoreArn,
        revocationId: lastRevocationId + at + 1,
        ...list,
      }));
      return Promise.all(rows.map((row) => tx.put<RevocationRow>(revocations, row)));
    });
    return { TrustStoreRevocations: added.map(revocationView) };
  },
});

async function listOf(ctx: Context, content: RevocationContent) {
  const { S3Bucket: bucket = '', S3Key: key = '', RevocationType: type = 'CRL' } = content;
  if (type !== 'CRL') throw notInEnum(type, 'revocationContents.1.member.revocationType', ['CRL']);
  const place = { bucket, key, version: content.S3ObjectVersion };
  const notFound = (message: string) => new ServiceError('RevocationContentNotFoundException', message);
  const list = await storedText(ctx, place, LARGEST_LIST_BYTES, notFound);
  const entries = countRevoked(list);
  if (entries === undefined) {
    throw new ServiceError(
      'InvalidRevocationContentException',
      `The revocation file '${key}' is not a CRL in PEM format`,
    );
  }
  return { list, entries };
}

function revocationView(row: RevocationRow) {
  return {
    TrustStoreArn: row.trustStoreArn,
    RevocationId: row.revocationId,
    RevocationType: 'CRL' as const,
    NumberOfRevokedEntries: row.entries,
  };
}

export const DescribeTrustStoreRevocations = operation('DescribeTrustStoreRevocations', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { RevocationIds: ids = [] } = input;
    const rows = await ctx.read(async (tx) => {
      const { arn } = await trustStoreOf(tx, ctx, input.TrustStoreArn);
      return tx.list(revocations, { where: ['trustStore', arn] });
    });
    const missing = ids.find((id) => !rows.some((row) => row.revocationId === id));
    if (missing !== undefined) throw revocationNotFound(missing);
    const found = ids.length === 0 ? rows : rows.filter((row) => ids.includes(row.revocationId));
    const { items, next } = page(found, revocationKey, input);
    return { TrustStoreRevocations: items.map(revocationView), ...next };
  },
});

export const RemoveTrustStoreRevocations = operation('RemoveTrustStoreRevocations', {
  resources: (input) => named([input.TrustStoreArn]),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const store = await trustStoreOf(tx, ctx, input.TrustStoreArn);
      for (const revocationId of input.RevocationIds ?? []) {
        const key = revocationKey({ trustStoreArn: store.arn, revocationId });
        if (!(await tx.get(revocations, key))) throw revocationNotFound(revocationId);
        await tx.delete(revocations, key);
      }
    });
    return {};
  },
});
