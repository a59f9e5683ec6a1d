import type { ResourceTagSet } from '@aws-sdk/client-route-53';
import { checkTags, type Tags } from '../../../kernel/tags.ts';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import { invalidInput } from '../errors.ts';
import { healthChecks } from '../health-tables.ts';
import { healthCheckOf, hostedZoneOf } from '../lookup.ts';
import { bareId, checkArn, operation, zoneArn } from '../operation.ts';
import { hostedZones } from '../tables.ts';

const MAX_RESOURCES = 10;

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html */
export const ChangeTagsForResource = operation('ChangeTagsForResource', {
  resources: (input) => [arnOf(input.ResourceType, input.ResourceId)],
  handle: async (ctx, input) => {
    if (!input.AddTags?.length && !input.RemoveTagKeys?.length) {
      throw invalidInput('Invalid request: AddTags or RemoveTagKeys must be given');
    }
    await ctx.write((tx) =>
      retag(tx, ctx.account, input, (present) => {
        const kept = Object.entries(present).filter(([key]) => !input.RemoveTagKeys?.includes(key));
        const added = (input.AddTags ?? []).map((tag): [string, string] => [tag.Key ?? '', tag.Value ?? '']);
        const tags = Object.fromEntries([...kept, ...added]);
        const problem = checkTags(tags);
        if (problem) throw invalidInput(problem.message);
        return tags;
      }),
    );
    return {};
  },
});

export const ListTagsForResource = operation('ListTagsForResource', {
  resources: (input) => [arnOf(input.ResourceType, input.ResourceId)],
  readOnly: true,
  handle: async (ctx, input) => ({
    ResourceTagSet: await ctx.read((tx) => tagSet(tx, ctx.account, input.ResourceType, input.ResourceId)),
  }),
});

export const ListTagsForResources = operation('ListTagsForResources', {
  resources: (input) => (input.ResourceIds ?? []).map((id) => arnOf(input.ResourceType, id)),
  readOnly: true,
  handle: async (ctx, input) => {
    const ids = input.ResourceIds ?? [];
    if (ids.length < 1 || ids.length > MAX_RESOURCES) {
      throw invalidInput(`Invalid request: ResourceIds must have 1 to ${MAX_RESOURCES} members`);
    }
    const type = input.ResourceType;
    return {
      ResourceTagSets: await ctx.read((tx) => Promise.all(ids.map((id) => tagSet(tx, ctx.account, type, id)))),
    };
  },
});

function arnOf(type: string | undefined, id: string | undefined): string {
  return type === 'healthcheck' ? checkArn(id) : zoneArn(id);
}

async function retag(
  tx: WriteTx,
  account: string,
  resource: { readonly ResourceType: string | undefined; readonly ResourceId: string | undefined },
  change: (present: Tags) => Tags,
): Promise<void> {
  if (checkedType(resource.ResourceType) === 'healthcheck') {
    const check = await healthCheckOf(tx, account, resource.ResourceId);
    await tx.put(healthChecks, { ...check, tags: change(check.tags) });
    return;
  }
  const zone = await hostedZoneOf(tx, account, resource.ResourceId);
  await tx.put(hostedZones, { ...zone, tags: change(zone.tags) });
}

async function tagSet(
  tx: ReadTx,
  account: string,
  type: string | undefined,
  id: string | undefined,
): Promise<ResourceTagSet> {
  const ResourceType = checkedType(type);
  const { tags } = await (ResourceType === 'healthcheck' ? healthCheckOf : hostedZoneOf)(tx, account, id);
  return {
    ResourceType,
    ResourceId: bareId(id),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

function checkedType(type: string | undefined): 'healthcheck' | 'hostedzone' {
  if (type === 'healthcheck' || type === 'hostedzone') return type;
  throw invalidInput(`Invalid request: ResourceType must not be ${type}`);
}
