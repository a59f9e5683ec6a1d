import type { PlacementConstraint } from '@aws-sdk/client-ecs';
import { clientError, invalidParameter } from '../../errors.ts';
import { asksAttributesOnly, compileQuery } from './cluster-query.ts';
import type { ClusterQuery } from './cluster-query.ts';

const MOST_CONSTRAINTS = 10;

/** Constraints as the placer takes them: a task definition's and a task's or a service's together. */
export interface Constraints {
  /** No other task of the group on the same instance. */
  readonly isDistinct: boolean;
  readonly memberOf: readonly ClusterQuery[];
  /** Those of `memberOf` that ask for attributes only, which instances seldom change. */
  readonly ofAttributes: readonly ClusterQuery[];
  /** The others. */
  readonly ofState: readonly ClusterQuery[];
  /** What `memberOf` was compiled from. */
  readonly expressions: readonly string[];
}

/**
 * The constraints of RunTask, CreateService and UpdateService, as ECS keeps and shows them.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html
 * @throws InvalidParameterException
 */
export function normaliseConstraints(given: readonly PlacementConstraint[] = []): PlacementConstraint[] {
  if (given.length > MOST_CONSTRAINTS) throw invalidParameter(`Maximum number of constraints is ${MOST_CONSTRAINTS}`);
  return given.map(({ type, expression }) => {
    if (type === 'distinctInstance') {
      // An empty one is refused too, as ECS does.
      if (expression !== undefined) throw invalidParameter('distinctInstance expression should not be specified.');
      return { type };
    }
    if (type !== 'memberOf') throw invalidParameter(`Invalid placement constraint type: ${type ?? ''}.`);
    return { type, expression: checkedExpression(expression) };
  });
}

/**
 * The constraints of a task definition, which can be memberOf only.
 * @throws ClientException for a type, InvalidParameterException for an expression
 */
export function checkDefinitionConstraints(given: readonly PlacementConstraint[] = []): void {
  if (given.length > MOST_CONSTRAINTS) throw clientError('Too many placement constraints.');
  for (const { type, expression } of given) {
    if (type !== 'memberOf') throw clientError(`Invalid placement constraint type: ${type}.`);
    if (!expression) throw clientError('Placement constraint expression should not be null or empty.');
    compileQuery(expression);
  }
}

/** Compiles what was checked before: lists of a task definition, and of the task or service. */
export function compileConstraints(...lists: readonly (readonly PlacementConstraint[] | undefined)[]): Constraints {
  const all = lists.flatMap((list) => list ?? []);
  const expressions = all.flatMap(({ type, expression = '' }) => (type === 'memberOf' ? [expression] : []));
  return {
    isDistinct: all.some(({ type }) => type === 'distinctInstance'),
    memberOf: expressions.map(compileQuery),
    ofAttributes: expressions.filter(asksAttributesOnly).map(compileQuery),
    ofState: expressions.filter((one) => !asksAttributesOnly(one)).map(compileQuery),
    expressions,
  };
}

function checkedExpression(expression: string | undefined): string {
  if (!expression) throw invalidParameter('Placement constraint expression should not be null or empty.');
  compileQuery(expression);
  return expression;
}
