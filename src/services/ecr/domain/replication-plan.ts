import { scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReplicaStatus } from '../tables.ts';

/** An image of a repository that some rule is about. */
export interface ReplicatedImage {
  readonly pushedAtMs: number;
  /** With when each was set. */
  readonly tags: Readonly<Record<string, number>>;
  /** Where it goes, and the time from which on what is pushed goes there. */
  readonly destinations: readonly (Scope & { readonly sinceMs: number })[];
  readonly statuses: readonly ReplicaStatus[];
}

/** What one destination has not been told yet. */
export interface Due {
  readonly destination: Scope;
  /** All tags that it will have been told of then. */
  readonly tags: Readonly<Record<string, number>>;
  /** Those of them that are new. */
  readonly newTags: readonly string[];
}

/** What has come of a push to another registry. */
export interface Pushed {
  readonly failureCode?: string;
}

/** The copies to make. What failed is not tried again until something is pushed. */
export function dueReplicas({ pushedAtMs, tags, destinations, statuses }: ReplicatedImage): Due[] {
  return destinations.flatMap(({ account, region, sinceMs }) => {
    const status = statuses.find((one) => scopeKey(one) === scopeKey({ account, region }));
    const isNew = !status && pushedAtMs >= sinceMs;
    const newTags = Object.entries(tags).filter(
      ([tag, setAtMs]) => setAtMs >= sinceMs && status?.tags[tag] !== setAtMs,
    );
    if (!isNew && newTags.length === 0) return [];
    const told = { ...status?.tags, ...Object.fromEntries(newTags) };
    return [{ destination: { account, region }, tags: told, newTags: newTags.map(([tag]) => tag) }];
  });
}
