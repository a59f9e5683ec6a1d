import type { Context } from '../../../api/context.ts';
import { parseArn, type Scope } from '../../../kernel/arn.ts';
import { checkTags, type Tags } from '../../../kernel/tags.ts';
import type { ReadTx } from '../../../store/store.ts';
import { invalid, noSuchResource } from '../errors.ts';
import { operation } from '../operation.ts';
import { alarmKey, alarms, compositeAlarms } from '../tables.ts';

export const TagResource = operation('TagResource', {
  resources: (input) => [input.ResourceARN ?? '*'],
  handle: async (ctx, input) => {
    const added = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
    return change(ctx, input.ResourceARN, (tags) => ({ ...tags, ...added }));
  },
});

export const UntagResource = operation('UntagResource', {
  resources: (input) => [input.ResourceARN ?? '*'],
  handle: async (ctx, input) =>
    change(ctx, input.ResourceARN, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !(input.TagKeys ?? []).includes(key))),
    ),
});

export const ListTagsForResource = operation('ListTagsForResource', {
  resources: (input) => [input.ResourceARN ?? '*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const tags = await ctx.read((tx) => tagsOfArn(tx, input.ResourceARN ?? ''));
    if (!tags || !isIn(ctx, input.ResourceARN)) throw noSuchResource(input.ResourceARN ?? '');
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
});

async function change(ctx: Context, arn: string | undefined, next: (tags: Tags) => Tags) {
  await ctx.write(async (tx) => {
    const row = isIn(ctx, arn) ? await alarmOf(tx, arn ?? '') : undefined;
    if (!row) throw noSuchResource(arn ?? '');
    const tags = next(row.tags);
    const problem = checkTags(tags);
    if (problem) throw invalid(problem.message);
    if ('rule' in row) await tx.put(compositeAlarms, { ...row, tags });
    else await tx.put(alarms, { ...row, tags });
  });
  return {};
}

function isIn(scope: Scope, arn: string | undefined): boolean {
  const parsed = parseArn(arn ?? '');
  return parsed?.account === scope.account && parsed.region === scope.region;
}

async function alarmOf(tx: ReadTx, arn: string) {
  const parsed = parseArn(arn);
  const name = /^alarm:(.+)$/s.exec(parsed?.resource ?? '')?.[1];
  if (!parsed || name === undefined) return undefined;
  const key = alarmKey(parsed, name);
  return (await tx.get(alarms, key)) ?? tx.get(compositeAlarms, key);
}

/** For aws:ResourceTag. */
export const tagsOfArn = async (tx: ReadTx, arn: string): Promise<Tags | undefined> => (await alarmOf(tx, arn))?.tags;
