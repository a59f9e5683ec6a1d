import type { CreateTrustStoreInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../api/context.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx } from '../../../store/store.ts';
import { named, tagOnCreate } from '../authorization.ts';
import { checkName, trustStoreArn } from '../domain/names.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { countCertificates } from '../domain/revocation-list.ts';
import { withTags } from '../domain/tags.ts';
import { invalid, tooMany, trustStoreNotFound } from '../errors.ts';
import { inScope, trustStoreOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { page } from '../paging.ts';
import { storedText } from '../stored-files.ts';
import { listeners, revocationKey, revocations, trustStores, type TrustStoreRow } from '../tables.ts';

const LARGEST_BUNDLE_BYTES = 1024 * 1024;

/** The bundle is read once, in the caller's name: a change of the object in S3 changes nothing. */
export const CreateTrustStore = operation('CreateTrustStore', {
  resources: (input, scope) => [trustStoreArn(scope, input.Name ?? '*', '*')],
  also: (input, scope) => tagOnCreate(input, 'CreateTrustStore', trustStoreArn(scope, input.Name ?? '*', '*')),
  handle: async (ctx, input) => {
    const { Name: name = '' } = input;
    checkName('Trust store', name);
    const bundle = await bundleOf(ctx, input);
    const id = ctx.ids.hex(16);
    const row = await ctx.write(async (tx) => {
      const others = await tx.list(trustStores, { where: ['scope', scopeKey(ctx)] });
      if (others.some((other) => other.name === name)) {
        throw new ServiceError('DuplicateTrustStoreNameException', `A trust store with the name '${name}' exists`);
      }
      if (others.length >= QUOTAS.trustStores) {
        throw tooMany('TooManyTrustStoresException', 'The limit on the number of trust stores has been reached');
      }
      return tx.put<TrustStoreRow>(trustStores, {
        account: ctx.account,
        region: ctx.region,
        arn: trustStoreArn(ctx, name, id),
        id,
        name,
        ...bundle,
        lastRevocationId: 0,
        tags: withTags({}, input.Tags),
      });
    });
    return { TrustStores: [trustStoreView(row, 0)] };
  },
});

async function bundleOf(ctx: Context, input: Omit<CreateTrustStoreInput, 'Name'>) {
  const { CaCertificatesBundleS3Bucket: bucket = '', CaCertificatesBundleS3Key: key = '' } = input;
  const place = { bucket, key, version: input.CaCertificatesBundleS3ObjectVersion };
  const notFound = (message: string) => new ServiceError('CaCertificatesBundleNotFoundException', message);
  const authorities = await storedText(ctx, place, LARGEST_BUNDLE_BYTES, notFound);
  const numberOfAuthorities = countCertificates(authorities);
  if (numberOfAuthorities === undefined) {
    throw new ServiceError('InvalidCaCertificatesBundleException', 'The CA certificate bundle is invalid or empty');
  }
  return { authorities, numberOfAuthorities };
}

function trustStoreView(row: TrustStoreRow, revoked: number) {
  return {
    Name: row.name,
    TrustStoreArn: row.arn,
    Status: 'ACTIVE' as const,
    NumberOfCaCertificates: row.numberOfAuthorities,
    TotalRevokedEntries: revoked,
  };
}

async function revokedBy(tx: ReadTx, arn: string): Promise<number> {
  const lists = await tx.list(revocations, { where: ['trustStore', arn] });
  return lists.reduce((sum, list) => sum + list.entries, 0);
}

export const DescribeTrustStores = operation('DescribeTrustStores', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { TrustStoreArns: arns = [], Names: names = [] } = input;
    if (arns.length > 0 && names.length > 0) {
      throw invalid('Trust store ARNs and names cannot be specified at the same time');
    }
    return ctx.read(async (tx) => {
      const all = await tx.list(trustStores, { where: ['scope', scopeKey(ctx)] });
      const asked = [...arns, ...names];
      const isAsked = (row: TrustStoreRow) => asked.includes(row.arn) || asked.includes(row.name);
      const found = asked.length === 0 ? all : all.filter(isAsked);
      if (asked.length > 0 && found.length < new Set(asked).size) throw trustStoreNotFound();
      const sorted = found.toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
      const { items, next } = page(sorted, (row) => row.arn, input);
      const views = items.map(async (row) => trustStoreView(row, await revokedBy(tx, row.arn)));
      return { TrustStores: await Promise.all(views), ...next };
    });
  },
});

/** Puts another bundle in the place of the one before; what is revoked stays so. */
export const ModifyTrustStore = operation('ModifyTrustStore', {
  resources: (input) => named([input.TrustStoreArn]),
  handle: async (ctx, input) => {
    await ctx.read((tx) => trustStoreOf(tx, ctx, input.TrustStoreArn));
    const bundle = await bundleOf(ctx, input);
    const view = await ctx.write(async (tx) => {
      const before = await trustStoreOf(tx, ctx, input.TrustStoreArn);
      return trustStoreView(await tx.put(trustStores, { ...before, ...bundle }), await revokedBy(tx, before.arn));
    });
    return { TrustStores: [view] };
  },
});

export const DeleteTrustStore = operation('DeleteTrustStore', {
  resources: (input) => named([input.TrustStoreArn]),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const { arn } = await trustStoreOf(tx, ctx, input.TrustStoreArn);
      if ((await tx.list(listeners, { where: ['trustStore', arn], limit: 1 })).length > 0) {
        throw new ServiceError('TrustStoreInUseException', `Trust store '${arn}' is currently in use by a listener`);
      }
      for (const list of await tx.list(revocations, { where: ['trustStore', arn] })) {
        await tx.delete(revocations, revocationKey(list));
      }
      await tx.delete(trustStores, arn);
    });
    return {};
  },
});

/** The listeners that verify with it. */
export const DescribeTrustStoreAssociations = operation('DescribeTrustStoreAssociations', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const rows = await ctx.read(async (tx) => {
      const { arn } = await trustStoreOf(tx, ctx, input.TrustStoreArn);
      return (await tx.list(listeners, { where: ['trustStore', arn] })).filter((row) => inScope(row, ctx));
    });
    const { items, next } = page(
      rows.toSorted((a, b) => (a.arn < b.arn ? -1 : 1)),
      (row) => row.arn,
      input,
    );
    return { TrustStoreAssociations: items.map((row) => ({ ResourceArn: row.arn })), ...next };
  },
});
