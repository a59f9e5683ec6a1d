import type { Ids } from '../../kernel/ids.ts';
import type { WriteTx } from '../../store/store.ts';
import { beginActivity, newActivity } from './activity.ts';
import type { GroupFacts, Launch, Removal } from './domain/capacity-plan.ts';
import { launchSource } from './domain/group-plan.ts';
import { launchWeight } from './domain/launch-source.ts';
import { isWarmed } from './domain/members.ts';
import { runRequests } from './domain/run-request.ts';
import { activities, activityKey, configurations, groupKey, members, type MemberRow } from './tables.ts';

/** The row of an instance to be: EC2 is asked for it afterwards, by its client token. */
export async function writeLaunch(
  tx: WriteTx,
  facts: Pick<GroupFacts, 'group' | 'refresh'>,
  { place, market, cause, isExtra, intoPool }: Launch,
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
    newActivity(group, { kind: intoPool ? 'warm' : 'launch', id: launchId, cause, now, where: place }),
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
    ...(launchWeight(source) !== 1 && { weight: launchWeight(source) }),
    state: intoPool ? 'Warmed:Pending' : 'Pending',
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
  const { isTold: _, isFromPool: __, isReused: ___, ...rest } = begun;
  await tx.put<MemberRow>(members, {
    ...rest,
    state: isWarmed(member) ? 'Warmed:Terminating' : 'Terminating',
    waiting: [],
  });
}

interface Moving {
  readonly ids: Ids;
  readonly now: number;
}

/** An instance leaves the warm pool for the group. */
export async function writeStart(
  tx: WriteTx,
  { group }: Pick<GroupFacts, 'group'>,
  { member, cause }: Removal,
  { ids, now }: Moving,
): Promise<void> {
  const { instanceId = '' } = member;
  const begun = await beginActivity(tx, group, member, { kind: 'draw', id: ids.uuid(), cause, now, instanceId });
  const { isTold: _, ...rest } = begun;
  await tx.put<MemberRow>(members, { ...rest, state: 'Pending', isFromPool: true, isProtected: group.protectsNew });
}

/** An instance leaves service for the warm pool. */
export async function writeReturn(
  tx: WriteTx,
  { group }: Pick<GroupFacts, 'group'>,
  { member, cause }: Removal,
  { ids, now }: Moving,
): Promise<void> {
  const { instanceId = '' } = member;
  const begun = await beginActivity(tx, group, member, { kind: 'reuse', id: ids.uuid(), cause, now, instanceId });
  const { inServiceAtMs: _, isExtra: __, skipsTargetGroups: ___, ...rest } = begun;
  await tx.put<MemberRow>(members, { ...rest, state: 'Warmed:Pending', isReused: true });
}
