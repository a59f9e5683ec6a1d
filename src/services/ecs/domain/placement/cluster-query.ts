import { invalidParameter } from '../../errors.ts';
import { parseQuery } from './query-expression.ts';
import type { Comparison, QueryExpression, QueryOperator } from './query-expression.ts';
import { compilePattern } from './query-pattern.ts';
import { subjectOf } from './query-subject.ts';
import type { QueriedInstance } from './query-subject.ts';

/** Whether a container instance is one of those that an expression selects. */
export type ClusterQuery = (instance: QueriedInstance) => boolean;

const MOST_CHARACTERS = 2000;

/**
 * Compiles an expression of the cluster query language, as memberOf constraints and ListContainerInstances take it. A
 * negative operator is the opposite of the positive one: `!=`, `!in` and `!~` hold where the subject does not exist, and
 * for `task:group` where no task of the instance is of such a group.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
 * @throws InvalidParameterException
 */
export function compileQuery(expression: string): ClusterQuery {
  if (expression.length > MOST_CHARACTERS) {
    throw invalidParameter(`The expression can have a maximum length of ${MOST_CHARACTERS} characters.`);
  }
  return compiled(parseQuery(expression), expression);
}

/** Whether two instances with the same attributes are always both selected, or neither. */
export function asksAttributesOnly(expression: string): boolean {
  const isOfAttributes = (query: QueryExpression): boolean => {
    if (query.kind === 'comparison') return isAttribute(query);
    if (query.kind === 'not') return isOfAttributes(query.of);
    return isOfAttributes(query.left) && isOfAttributes(query.right);
  };
  return isOfAttributes(parseQuery(expression));
}

function compiled(query: QueryExpression, expression: string): ClusterQuery {
  if (query.kind === 'comparison') return comparison(query, expression);
  if (query.kind === 'not') {
    const of = compiled(query.of, expression);
    return (instance) => !of(instance);
  }
  const left = compiled(query.left, expression);
  const right = compiled(query.right, expression);
  if (query.kind === 'and') return (instance) => left(instance) && right(instance);
  return (instance) => left(instance) || right(instance);
}

function comparison(query: Comparison, expression: string): ClusterQuery {
  const { read } = subjectOf(query, expression);
  const accepts = acceptor(query, expression);
  const holds: ClusterQuery = (instance) => {
    for (const value of read(instance)) if (accepts(value)) return true;
    return false;
  };
  return query.operator.startsWith('!') ? (instance) => !holds(instance) : holds;
}

type Accepts = (value: string) => boolean;

/** Whether one value of the subject is what the operator, or the one that it negates, asks for. */
function acceptor(query: Comparison, expression: string): Accepts {
  const { operator, values } = query;
  const { order } = subjectOf(query, expression);
  const argument = values[0] ?? '';
  const positive = operator.startsWith('!') ? POSITIVE[operator] : operator;
  switch (positive) {
    case 'in':
      return (value) => values.includes(value);
    case '=~': {
      const pattern = compilePattern(argument, expression);
      return (value) => pattern.test(value);
    }
    case '>':
      return (value) => order(value, argument) > 0;
    case '>=':
      return (value) => order(value, argument) >= 0;
    case '<':
      return (value) => order(value, argument) < 0;
    case '<=':
      return (value) => order(value, argument) <= 0;
    case 'exists':
      return () => true;
    default:
      return isAttribute(query) ? (value) => value === argument : (value) => order(value, argument) === 0;
  }
}

const POSITIVE: Partial<Record<QueryOperator, QueryOperator>> = {
  '!=': '==',
  '!in': 'in',
  '!~': '=~',
  '!exists': 'exists',
};

/** Equality of attributes is that of strings: 1 is not 1.0. */
const isAttribute = ({ subject }: Comparison) => subject.startsWith('attribute:');
