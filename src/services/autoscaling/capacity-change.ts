import type { Ids } from '../../kernel/ids.ts';
import type { WriteTx } from '../../store/store.ts';
import { beginActivity, newActivity } from './activity.ts';
import type { GroupFacts, Launch, Removal } from './domain/group-plan.ts';
import { launchSource } from './domain/group-plan.ts';
import { counts } from './domain/members.ts';
import { runRequests } from './domain/run-request.ts';
import { activities, activityKey, configurations, groupKey, members, type MemberRow } from './tables.ts';

/** The row of an instance to be: EC2 is asked for it afterwards, by its client token. */
export async function writeLaunch(
  tx: WriteTx,
  facts: Pick<GroupFacts, 'group' | 'refresh'>,
  { place, market, cause, isExtra }: Launch,
  { ids, now }: { readonly ids: Ids; readonly now: number },
): Promise<void> {
  const { group } = facts;
  const { account, region } = group;
  const launchId = ids.uuid();
  const source = launchSource(facts);
  const configuration =
    source.kind === 'configuration'
      ? await tx.get(configurations, groupKey({ account, region, name: source.name }))
      : undefined;
  const [request = {}, ...alternatives] = runRequests({
    group,
    source,
    place,
    market,
    launchId,
    ...(configuration && { configuration: configuration.input }),
  });
  const activity = await tx.put(
    activities,
    newActivity(group, { kind: 'launch', id: launchId, cause, now, where: place }),
  );
  await tx.put<MemberRow>(members, {
    account,
    region,
    groupName: group.name,
    launchId,
    request,
    ...(alternatives.length > 0 && { alternatives }),
    zone: place.zone,
    zoneId: place.zoneId,
    ...(place.subnetId !== undefined && { subnetId: place.subnetId }),
    market,
    ...(source.kind === 'configuration' && { configurationName: source.name }),
    state: 'Pending',
    health: 'Healthy',
    isProtected: group.protectsNew,
    createdAtMs: now,
    ...(isExtra && { isExtra }),
    registered: [],
    draining: [],
    waiting: [],
    activityKey: activityKey(activity),
  });
}

/** Begins the end of an instance. */
export async function writeRemoval(
  tx: WriteTx,
  { group }: Pick<GroupFacts, 'group'>,
  { member, cause }: Removal,
  { ids, now }: { readonly ids: Ids; readonly now: number },
): Promise<void> {
  const { instanceId } = member;
  const begun = await beginActivity(tx, group, member, {
    kind: 'terminate',
    id: ids.uuid(),
    cause,
    now,
    ...(instanceId !== undefined && { instanceId }),
  });
  await tx.put<MemberRow>(members, { ...begun, state: 'Terminating', waiting: [] });
}

export const countedOf = (all: readonly MemberRow[]) => all.filter(counts).length;
