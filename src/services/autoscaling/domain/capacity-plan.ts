import type { GroupRow, HookRow, MemberRow, Place, RefreshRow } from '../tables.ts';
import type { Market } from './launch-source.ts';

/** All that is known of a group. */
export interface GroupFacts {
  readonly group: GroupRow;
  readonly members: readonly MemberRow[];
  readonly hooks: readonly HookRow[];
  /** The one that goes on. */
  readonly refresh?: RefreshRow;
}

export interface Launch {
  readonly place: Place;
  readonly market: Market;
  readonly cause: string;
  readonly isExtra?: true;
  /** It waits in the warm pool. */
  readonly intoPool?: true;
}

export interface Removal {
  readonly member: MemberRow;
  readonly cause: string;
  /** The group shrinks. */
  readonly isScaleIn?: true;
}

export interface CapacityPlan {
  readonly launches: readonly Launch[];
  readonly removals: readonly Removal[];
  /** Instances that leave the warm pool for the group, and those that return to it. */
  readonly starts: readonly Removal[];
  readonly returns: readonly Removal[];
  readonly refresh?: RefreshRow;
  /** What has been told in the causes; nothing is left to tell. */
  readonly isTold: boolean;
}
