import type { Tag } from '@aws-sdk/client-auto-scaling';
import { parseArn } from '../../kernel/arn.ts';
import { checkTags, type Tags } from '../../kernel/tags.ts';
import type { ReadTx } from '../../store/store.ts';
import { invalid } from './errors.ts';
import { groupArn, groupKey, groups, type GroupRow, type GroupTag } from './tables.ts';

/** The tags of a request, of which each may name another group's: that is refused where the group is known. */
export function tagsFrom(
  input: readonly Tag[],
  groupName?: string,
  before: readonly GroupTag[] = [],
): readonly GroupTag[] {
  const tags = new Map(before.map((tag) => [tag.key, tag]));
  for (const { Key: key = '', Value: value = '', PropagateAtLaunch, ResourceId, ResourceType } of input) {
    if (ResourceType !== undefined && ResourceType !== 'auto-scaling-group') {
      throw invalid(`Tag's resourceType is not valid: ${ResourceType}`);
    }
    if (groupName !== undefined && ResourceId !== undefined && ResourceId !== groupName) {
      throw invalid(`The resource of the tag ${key} is not the group ${groupName}.`);
    }
    tags.set(key, { key, value, propagates: PropagateAtLaunch ?? tags.get(key)?.propagates ?? false });
  }
  const problem = checkTags(Object.fromEntries([...tags.values()].map(({ key, value }) => [key, value])));
  if (problem) throw invalid(problem.message);
  return [...tags.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** For aws:ResourceTag. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const parsed = parseArn(arn);
  const name = /^autoScalingGroup:[^:]*:autoScalingGroupName\/(.+)$/.exec(parsed?.resource ?? '')?.[1];
  if (!parsed || name === undefined) return undefined;
  const row = await tx.get(groups, groupKey({ account: parsed.account, region: parsed.region, name }));
  return row && groupArn(row) === arn ? tagMap(row) : undefined;
}

function tagMap(row: GroupRow): Tags {
  return Object.fromEntries(row.tags.map(({ key, value }) => [key, value]));
}
