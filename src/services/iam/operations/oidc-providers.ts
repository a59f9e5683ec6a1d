import type { ReadTx, Stored } from '../../../store/store.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { oidcProviderArn } from '../arns.ts';
import { checkClientIds, checkThumbprints, issuerOf } from '../domain/oidc-provider.ts';
import { checkQuota } from '../domain/quotas.ts';
import { operation } from '../operation.ts';
import { oidcProviders, type OidcProviderRow } from '../tables.ts';
import { tagList, tagMember, tagPage, tagsFrom, withoutTags } from '../tagging.ts';
import { wholeSeconds } from '../whole-seconds.ts';

type ByArn = { readonly OpenIDConnectProviderArn: string | undefined };
const providerResource = (input: ByArn): readonly string[] => [input.OpenIDConnectProviderArn ?? ''];

/**
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html. The provider is not asked for
 * its certificate: a thumbprint list that is left out is empty.
 */
export const CreateOpenIDConnectProvider = operation('CreateOpenIDConnectProvider', {
  resources: (input, { account }) => [newProviderArn(account, input.Url)],
  also: (input, { account }) =>
    input.Tags?.length
      ? [{ action: 'iam:TagOpenIDConnectProvider', resources: [newProviderArn(account, input.Url)] }]
      : [],
  handle: async (ctx, input) => {
    const { account, now } = ctx;
    const url = issuerOf(input.Url ?? '');
    const row: OidcProviderRow = {
      account,
      url,
      arn: oidcProviderArn(account, url),
      clientIds: checkClientIds(input.ClientIDList ?? []),
      thumbprints: checkThumbprints(input.ThumbprintList ?? []),
      createdAtMs: now,
      tags: tagsFrom(input.Tags),
    };
    await ctx.write(async (tx) => {
      if (await tx.get(oidcProviders, row.arn)) throw providerExists(url);
      const own = await tx.list(oidcProviders, { where: ['account', account] });
      checkQuota('OpenIDConnectProvidersPerAccount', own.length);
      await tx.put(oidcProviders, row);
    });
    return { OpenIDConnectProviderArn: row.arn, ...tagMember(row.tags) };
  },
});

function newProviderArn(account: string, url = ''): string {
  return oidcProviderArn(account, url.replace(/^https:\/\//, ''));
}

function providerExists(url: string): ServiceError {
  const message = `Provider with url https://${url} already exists.`;
  return new ServiceError('EntityAlreadyExistsException', message, { httpStatus: 409 });
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html */
export const GetOpenIDConnectProvider = operation('GetOpenIDConnectProvider', {
  resources: providerResource,
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => requireProvider(tx, ctx.account, input));
    return {
      Url: row.url,
      ClientIDList: [...row.clientIds],
      ThumbprintList: [...row.thumbprints],
      CreateDate: wholeSeconds(row.createdAtMs),
      Tags: tagList(row.tags),
    };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html */
export const ListOpenIDConnectProviders = operation('ListOpenIDConnectProviders', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx) => {
    const rows = await ctx.read((tx) => tx.list(oidcProviders, { where: ['account', ctx.account] }));
    return { OpenIDConnectProviderList: rows.map(({ arn }) => ({ Arn: arn })) };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html; one that is not there is no error. */
export const DeleteOpenIDConnectProvider = operation('DeleteOpenIDConnectProvider', {
  resources: providerResource,
  handle: async (ctx, { OpenIDConnectProviderArn: arn = '' }) => {
    await ctx.write(async (tx) => {
      const row = await tx.get(oidcProviders, arn);
      if (row?.account === ctx.account) await tx.delete(oidcProviders, arn);
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html; one that is there is no error. */
export const AddClientIDToOpenIDConnectProvider = operation('AddClientIDToOpenIDConnectProvider', {
  resources: providerResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireProvider(tx, ctx.account, input);
      const clientIds = checkClientIds([...row.clientIds, input.ClientID ?? '']);
      await tx.put(oidcProviders, { ...row, clientIds });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html; one that is not there is no error. */
export const RemoveClientIDFromOpenIDConnectProvider = operation('RemoveClientIDFromOpenIDConnectProvider', {
  resources: providerResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireProvider(tx, ctx.account, input);
      await tx.put(oidcProviders, { ...row, clientIds: row.clientIds.filter((id) => id !== input.ClientID) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html */
export const UpdateOpenIDConnectProviderThumbprint = operation('UpdateOpenIDConnectProviderThumbprint', {
  resources: providerResource,
  handle: async (ctx, input) => {
    const thumbprints = checkThumbprints(input.ThumbprintList ?? []);
    await ctx.write(async (tx) =>
      tx.put(oidcProviders, { ...(await requireProvider(tx, ctx.account, input)), thumbprints }),
    );
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagOpenIDConnectProvider.html */
export const TagOpenIDConnectProvider = operation('TagOpenIDConnectProvider', {
  resources: providerResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireProvider(tx, ctx.account, input);
      await tx.put(oidcProviders, { ...row, tags: tagsFrom(input.Tags, row.tags) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagOpenIDConnectProvider.html */
export const UntagOpenIDConnectProvider = operation('UntagOpenIDConnectProvider', {
  resources: providerResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireProvider(tx, ctx.account, input);
      await tx.put(oidcProviders, { ...row, tags: withoutTags(row.tags, input.TagKeys ?? []) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviderTags.html */
export const ListOpenIDConnectProviderTags = operation('ListOpenIDConnectProviderTags', {
  resources: providerResource,
  readOnly: true,
  handle: async (ctx, input) => {
    const { tags } = await ctx.read((tx) => requireProvider(tx, ctx.account, input));
    return tagPage(tags, input);
  },
});

async function requireProvider(
  tx: ReadTx,
  account: string,
  { OpenIDConnectProviderArn: arn = '' }: ByArn,
): Promise<Stored<OidcProviderRow>> {
  const row = await tx.get(oidcProviders, arn);
  if (row?.account === account) return row;
  const message = `OpenIDConnect Provider not found for arn ${arn}`;
  throw new ServiceError('NoSuchEntityException', message, { httpStatus: 404 });
}
