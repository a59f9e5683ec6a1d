import type { PlacementStrategy } from '@aws-sdk/client-ecs';
import { invalidParameter } from '../../errors.ts';

const MOST_STRATEGIES = 5;
const ZONE = 'attribute:ecs.availability-zone';
const ATTRIBUTE = /^attribute:[\w./\\-]{1,128}$/;

/** One strategy of a chain, as the placer takes it. */
export type Strategy =
  | { readonly kind: 'random' }
  /** `attribute` is a name without its prefix; without one, the spread is over instances. */
  | { readonly kind: 'spread'; readonly attribute?: string }
  | { readonly kind: 'binpack'; readonly resource: 'cpu' | 'memory' };

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html */
export const SERVICE_STRATEGY: readonly PlacementStrategy[] = [{ type: 'spread', field: ZONE }];
export const TASK_STRATEGY: readonly PlacementStrategy[] = [{ type: 'random' }];

/**
 * The strategies of RunTask, CreateService and UpdateService, as ECS keeps and shows them: `host` as `instanceId`, a
 * binpack's field in upper case.
 * @throws InvalidParameterException
 */
export function normaliseStrategies(given: readonly PlacementStrategy[] = []): PlacementStrategy[] {
  if (given.length > MOST_STRATEGIES) throw invalidParameter(`Maximum number of strategies is ${MOST_STRATEGIES}`);
  return given.map(normalised);
}

/** Compiles what was normalised before. */
export function compileStrategies(chain: readonly PlacementStrategy[]): Strategy[] {
  return chain.map(({ type, field = '' }): Strategy => {
    if (type === 'binpack') return { kind: 'binpack', resource: field.toUpperCase() === 'CPU' ? 'cpu' : 'memory' };
    if (type !== 'spread') return { kind: 'random' };
    return { kind: 'spread', ...(field !== 'instanceId' && { attribute: field.slice('attribute:'.length) }) };
  });
}

function normalised({ type, field = '' }: PlacementStrategy): PlacementStrategy {
  const refused = (wanted: string) =>
    invalidParameter(`Invalid field '${field}' for placement strategy ${type}: ${wanted}.`);
  switch (type) {
    case 'random':
      if (field) throw refused('random takes no field');
      return { type };
    case 'binpack':
      if (!['cpu', 'memory'].includes(field.toLowerCase())) throw refused('it must be cpu or memory');
      return { type, field: field.toUpperCase() };
    case 'spread':
      if (['instanceid', 'host'].includes(field.toLowerCase())) return { type, field: 'instanceId' };
      if (!ATTRIBUTE.test(field)) throw refused('it must be instanceId, host or attribute:NAME');
      return { type, field };
    default:
      throw invalidParameter(`Invalid placement strategy type: ${String(type)}.`);
  }
}
