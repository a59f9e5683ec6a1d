import { certificateOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { certificates } from '../tables.ts';
import { tagsFrom } from '../tags.ts';

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_AddTagsToCertificate.html */
export const AddTagsToCertificate = operation('AddTagsToCertificate', {
  resources: (input) => [input.CertificateArn ?? '*'],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await certificateOf(tx, ctx, input.CertificateArn);
      await tx.put(certificates, { ...row, tags: tagsFrom(input.Tags, row.tags) });
    });
    return {};
  },
});

/** Takes away the tags with these keys, and where a value is given with that value only. */
export const RemoveTagsFromCertificate = operation('RemoveTagsFromCertificate', {
  resources: (input) => [input.CertificateArn ?? '*'],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await certificateOf(tx, ctx, input.CertificateArn);
      const removed = ([key, value]: [string, string]) =>
        (input.Tags ?? []).some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
      const tags = Object.fromEntries(Object.entries(row.tags).filter((entry) => !removed(entry)));
      await tx.put(certificates, { ...row, tags });
    });
    return {};
  },
});

export const ListTagsForCertificate = operation('ListTagsForCertificate', {
  resources: (input) => [input.CertificateArn ?? '*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => certificateOf(tx, ctx, input.CertificateArn));
    return { Tags: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })) };
  },
});
