import type { Context } from '../../../api/context.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { Tags } from '../../../kernel/tags.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { referencedArn } from '../arns.ts';
import { invalidResourceId, invalidResourceType, notSupported } from '../errors.ts';
import { operation } from '../operation.ts';
import { parameterKey, parameters, type ParameterRow } from '../tables.ts';
import { tagsFrom } from '../tags.ts';

const OTHER_TYPES: ReadonlySet<string> = new Set([
  'Association',
  'Automation',
  'CloudConnector',
  'Document',
  'MaintenanceWindow',
  'ManagedInstance',
  'OpsItem',
  'OpsMetadata',
  'PatchBaseline',
]);

interface Tagged {
  readonly ResourceType?: string | undefined;
  /** A parameter's name. */
  readonly ResourceId?: string | undefined;
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html; parameters only. */
export const AddTagsToResource = operation('AddTagsToResource', {
  resources: (input, scope) => [referencedArn(scope, input.ResourceId)],
  handle: async (ctx, input) => changeTags(ctx, input, (tags) => tagsFrom(input.Tags, tags)),
});

export const RemoveTagsFromResource = operation('RemoveTagsFromResource', {
  resources: (input, scope) => [referencedArn(scope, input.ResourceId)],
  handle: async (ctx, input) =>
    changeTags(ctx, input, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !(input.TagKeys ?? []).includes(key))),
    ),
});

export const ListTagsForResource = operation('ListTagsForResource', {
  readOnly: true,
  resources: (input, scope) => [referencedArn(scope, input.ResourceId)],
  handle: async (ctx, input) => {
    const { tags } = await ctx.read((tx) => taggedParameter(tx, ctx, input));
    return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
});

async function changeTags(ctx: Context, input: Tagged, change: (tags: Tags) => Tags) {
  await ctx.write(async (tx) => {
    const row = await taggedParameter(tx, ctx, input);
    await tx.put(parameters, { ...row, tags: change(row.tags) });
  });
  return {};
}

/** @throws InvalidResourceType, InvalidResourceId, ValidationException */
async function taggedParameter(tx: ReadTx, scope: Scope, input: Tagged): Promise<Stored<ParameterRow>> {
  const { ResourceType: type = '', ResourceId: name = '' } = input;
  if (OTHER_TYPES.has(type))
    throw notSupported(`ResourceType ${type}`, 'Of Systems Manager there are only parameters.');
  if (type !== 'Parameter') throw invalidResourceType();
  const row = await tx.get(parameters, parameterKey(scope, name));
  if (!row) throw invalidResourceId();
  return row;
}
