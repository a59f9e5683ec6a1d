import { retireAlarms } from '../../api/scaling/policy-alarms.ts';
import type { WriteTx } from '../../store/store.ts';
import type { StoredFacts } from './facts.ts';
import {
  groupKey,
  groups,
  hooks,
  namedKey,
  policies,
  refreshes,
  retiredAlarms,
  scheduledActions,
  signals,
  type PolicyRow,
} from './tables.ts';

/** Takes a group's rows away; its activities stay for six weeks. */
export async function removeGroup(tx: WriteTx, { group, ...facts }: StoredFacts): Promise<void> {
  const key = groupKey(group);
  for (const hook of facts.hooks) await tx.delete(hooks, namedKey(hook));
  for (const policy of facts.policies) await removePolicy(tx, policy);
  for (const row of facts.scheduled) await tx.delete(scheduledActions, namedKey(row));
  for (const row of await tx.list(refreshes, { where: ['group', key] })) await tx.delete(refreshes, refreshes.key(row));
  await tx.delete(groups, key);
}

/** A policy goes, and with it what its alarms have said, and they themselves. */
export async function removePolicy(tx: WriteTx, row: PolicyRow): Promise<void> {
  const { account, region, alarms, groupName, name } = row;
  await retireAlarms(tx, retiredAlarms, row, alarms);
  const heard = await tx.list(signals, { where: ['group', groupKey({ account, region, name: groupName })] });
  for (const signal of heard.filter((one) => one.policyName === name)) await tx.delete(signals, signals.key(signal));
  await tx.delete(policies, namedKey(row));
}
