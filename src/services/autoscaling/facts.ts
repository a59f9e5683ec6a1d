import type { ReadTx, Stored } from '../../store/store.ts';
import type { GroupFacts } from './domain/capacity-plan.ts';
import {
  groups,
  hooks,
  members,
  policies,
  refreshes,
  scheduledActions,
  signals,
  type GroupRow,
  type MemberRow,
  type PolicyRow,
  type RefreshRow,
  type ScheduledRow,
  type SignalRow,
} from './tables.ts';

/** All that is known of a group, as it is stored. */
export interface StoredFacts extends GroupFacts {
  readonly group: Stored<GroupRow>;
  readonly members: readonly Stored<MemberRow>[];
  readonly refresh?: Stored<RefreshRow>;
  readonly policies: readonly PolicyRow[];
  readonly signals: readonly Stored<SignalRow>[];
  readonly scheduled: readonly Stored<ScheduledRow>[];
}

export async function readFacts(tx: ReadTx, key: string): Promise<StoredFacts | undefined> {
  const group = await tx.get(groups, key);
  if (!group) return undefined;
  const where = ['group', key] as const;
  const [refresh] = await tx.list(refreshes, { where: ['open', key] });
  return {
    group,
    members: await tx.list(members, { where }),
    hooks: await tx.list(hooks, { where }),
    policies: await tx.list(policies, { where }),
    signals: await tx.list(signals, { where }),
    scheduled: await tx.list(scheduledActions, { where }),
    ...(refresh && { refresh }),
  };
}
