import type { ResourceTagSet } from '@aws-sdk/client-route-53';
import { checkTags } from '../../../kernel/tags.ts';
import { invalidInput, noSuchHealthCheck } from '../errors.ts';
import { hostedZoneOf } from '../lookup.ts';
import { bareId, operation, zoneArn } from '../operation.ts';
import { hostedZones, type HostedZoneRow } from '../tables.ts';

const MAX_RESOURCES = 10;

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html */
export const ChangeTagsForResource = operation('ChangeTagsForResource', {
  resources: (input) => [zoneArn(input.ResourceId)],
  handle: async (ctx, input) => {
    refuseHealthCheck(input.ResourceType, input.ResourceId);
    if (!input.AddTags?.length && !input.RemoveTagKeys?.length) {
      throw invalidInput('Invalid request: AddTags or RemoveTagKeys must be given');
    }
    await ctx.write(async (tx) => {
      const zone = await hostedZoneOf(tx, ctx.account, input.ResourceId);
      const kept = Object.entries(zone.tags).filter(([key]) => !input.RemoveTagKeys?.includes(key));
      const added = (input.AddTags ?? []).map((tag): [string, string] => [tag.Key ?? '', tag.Value ?? '']);
      const tags = Object.fromEntries([...kept, ...added]);
      const problem = checkTags(tags);
      if (problem) throw invalidInput(problem.message);
      await tx.put(hostedZones, { ...zone, tags });
    });
    return {};
  },
});

export const ListTagsForResource = operation('ListTagsForResource', {
  resources: (input) => [zoneArn(input.ResourceId)],
  readOnly: true,
  handle: async (ctx, input) => {
    refuseHealthCheck(input.ResourceType, input.ResourceId);
    const zone = await ctx.read((tx) => hostedZoneOf(tx, ctx.account, input.ResourceId));
    return { ResourceTagSet: tagSet(zone) };
  },
});

export const ListTagsForResources = operation('ListTagsForResources', {
  resources: (input) => (input.ResourceIds ?? []).map(zoneArn),
  readOnly: true,
  handle: async (ctx, input) => {
    const ids = input.ResourceIds ?? [];
    if (ids.length < 1 || ids.length > MAX_RESOURCES) {
      throw invalidInput(`Invalid request: ResourceIds must have 1 to ${MAX_RESOURCES} members`);
    }
    refuseHealthCheck(input.ResourceType, ids[0]);
    const zones = await ctx.read((tx) => Promise.all(ids.map((id) => hostedZoneOf(tx, ctx.account, id))));
    return { ResourceTagSets: zones.map(tagSet) };
  },
});

/** There are no health checks here to have tags. */
function refuseHealthCheck(type: string | undefined, id: string | undefined): void {
  if (type === 'healthcheck') throw noSuchHealthCheck(bareId(id));
  if (type !== 'hostedzone') throw invalidInput(`Invalid request: ResourceType must not be ${type}`);
}

function tagSet(zone: HostedZoneRow): ResourceTagSet {
  return {
    ResourceType: 'hostedzone',
    ResourceId: zone.zoneId,
    Tags: Object.entries(zone.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}
