import { parseArn } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { Tags } from '../../../kernel/tags.ts';
import type { ReadTx, Stored, Table } from '../../../store/store.ts';
import { tagList, tagsOf } from '../domain/tag-list.ts';
import { clientError, invalidParameter, resourceNotFound } from '../errors.ts';
import { getInScope } from '../lookups.ts';
import { operation } from '../operation.ts';
import { clusters, services, taskDefinitions, tasks } from '../tables.ts';

interface Tagged extends Scope {
  readonly arn: string;
  readonly tags: Tags;
}

const TABLES: Readonly<Record<string, Table<any>>> = {
  cluster: clusters,
  service: services,
  task: tasks,
  'task-definition': taskDefinitions,
};

async function findTagged(
  tx: ReadTx,
  scope: Scope,
  arn: string,
): Promise<{ table: Table<Tagged>; row: Stored<Tagged> }> {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'ecs') throw invalidParameter('Invalid ARN.');
  const table: Table<Tagged> | undefined = TABLES[parsed.resource.split('/')[0] ?? ''];
  if (!table) throw clientError(`Longshore does not support tags on ${parsed.resource.split('/')[0]} yet.`);
  const row = await getInScope(tx, table, scope, arn);
  if (!row) throw resourceNotFound();
  return { table, row };
}

export const TagResource = operation('TagResource', {
  resources: (input) => [input.resourceArn ?? ''],
  async handle(ctx, input) {
    const added = tagsOf(input.tags);
    await ctx.write(async (tx) => {
      const { table, row } = await findTagged(tx, ctx, input.resourceArn ?? '');
      const tags = { ...row.tags, ...added };
      if (Object.keys(tags).length > 50) throw invalidParameter('Tags can have at most 50 items.');
      await tx.put(table, { ...row, tags });
    });
    return {};
  },
});

export const UntagResource = operation('UntagResource', {
  resources: (input) => [input.resourceArn ?? ''],
  async handle(ctx, input) {
    await ctx.write(async (tx) => {
      const { table, row } = await findTagged(tx, ctx, input.resourceArn ?? '');
      const kept = Object.entries(row.tags).filter(([key]) => !input.tagKeys?.includes(key));
      await tx.put(table, { ...row, tags: Object.fromEntries(kept) });
    });
    return {};
  },
});

export const ListTagsForResource = operation('ListTagsForResource', {
  readOnly: true,
  resources: (input) => [input.resourceArn ?? ''],
  handle: (ctx, input) =>
    ctx.read(async (tx) => ({ tags: tagList((await findTagged(tx, ctx, input.resourceArn ?? '')).row.tags) })),
});
