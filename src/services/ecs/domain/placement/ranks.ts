import type { Instance } from './instance.ts';
import type { Strategy } from './strategies.ts';

/**
 * What instances are compared by: the lower comes first.
 * - `value`: how many tasks of the group run on all instances with the same value of an attribute
 * - `own`: how many run on the instance itself
 * - `free`: what is left of a resource
 */
export type Level =
  | { readonly kind: 'value'; readonly attribute: string }
  | { readonly kind: 'own' }
  | { readonly kind: 'free'; readonly resource: 'cpu' | 'memory' };

export interface Ranking {
  readonly levels: readonly Level[];
  /** Equals are drawn from; otherwise the one that registered first comes first. */
  readonly isRandom: boolean;
}

/**
 * The levels of a chain of strategies: each decides between those that the ones before it find equal. Nothing comes after
 * random. Where a chain only spreads, an instance with fewer tasks of the group is favoured among equals.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
 */
export function rankingOf(strategies: readonly Strategy[]): Ranking {
  const random = strategies.findIndex(({ kind }) => kind === 'random');
  const levels = (random < 0 ? strategies : strategies.slice(0, random)).flatMap(levelOf);
  const onlySpreads = levels.every(({ kind }) => kind === 'value');
  return { levels: random < 0 && onlySpreads ? [...levels, { kind: 'own' }] : levels, isRandom: random >= 0 };
}

function levelOf(strategy: Strategy): Level[] {
  if (strategy.kind === 'binpack') return [{ kind: 'free', resource: strategy.resource }];
  if (strategy.kind === 'random') return [];
  return strategy.attribute === undefined ? [{ kind: 'own' }] : [{ kind: 'value', attribute: strategy.attribute }];
}

/** An instance without the attribute shares a value with the others without it. */
export function valueOf({ attributes }: Instance, attribute: string): string {
  return attributes.get(attribute) ?? '';
}

/** The rank of an instance by itself: 0 for a level that looks at others. */
export function ownRank(instance: Instance, level: Level, group: string): number {
  if (level.kind === 'free') return level.resource === 'cpu' ? instance.freeCpu : instance.freeMemory;
  return level.kind === 'own' ? (instance.groups.get(group) ?? 0) : 0;
}
