import { QueryScanner } from './query-scanner.ts';

/** As they are written with symbols; the words mean the same. */
export type QueryOperator = '==' | '!=' | '>' | '>=' | '<' | '<=' | '=~' | '!~' | 'in' | '!in' | 'exists' | '!exists';

export interface Comparison {
  readonly kind: 'comparison';
  readonly subject: string;
  readonly operator: QueryOperator;
  /** One for most operators, any number for `in` and `!in`, none for `exists` and `!exists`. */
  readonly values: readonly string[];
}

export type QueryExpression =
  | Comparison
  | { readonly kind: 'and' | 'or'; readonly left: QueryExpression; readonly right: QueryExpression }
  | { readonly kind: 'not'; readonly of: QueryExpression };

const OPERATORS: ReadonlyMap<string, QueryOperator> = new Map<string, QueryOperator>([
  ['==', '=='],
  ['equals', '=='],
  ['!=', '!='],
  ['not_equals', '!='],
  ['>', '>'],
  ['greater_than', '>'],
  ['>=', '>='],
  ['greater_than_equal', '>='],
  ['<', '<'],
  ['less_than', '<'],
  ['<=', '<='],
  ['less_than_equal', '<='],
  ['=~', '=~'],
  ['matches', '=~'],
  ['!~', '!~'],
  ['not_matches', '!~'],
  ['in', 'in'],
  ['!in', '!in'],
  ['not_in', '!in'],
  ['exists', 'exists'],
  ['!exists', '!exists'],
  ['not_exists', '!exists'],
]);
/** Deeper than anybody writes, and shallow enough for the stack. */
const MOST_NESTED = 100;

/**
 * Parses an expression of the cluster query language. `not` binds tighter than `and`, `and` tighter than `or`.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
 * @throws InvalidParameterException
 */
export function parseQuery(text: string): QueryExpression {
  const scanner = new QueryScanner(text);
  const expression = disjunction(scanner, 0);
  if (!scanner.isAtEnd()) throw scanner.unexpected("'and', 'or' or the end of the expression");
  return expression;
}

function disjunction(scanner: QueryScanner, depth: number): QueryExpression {
  let left = conjunction(scanner, depth);
  while (scanner.take('or', '||')) left = { kind: 'or', left, right: conjunction(scanner, depth) };
  return left;
}

function conjunction(scanner: QueryScanner, depth: number): QueryExpression {
  let left = negation(scanner, depth);
  while (scanner.take('and', '&&')) left = { kind: 'and', left, right: negation(scanner, depth) };
  return left;
}

function negation(scanner: QueryScanner, depth: number): QueryExpression {
  if (depth > MOST_NESTED) throw scanner.unexpected('fewer nested parentheses');
  if (scanner.take('not', '!')) return { kind: 'not', of: negation(scanner, depth + 1) };
  if (!scanner.take('(')) return comparison(scanner);
  const inner = disjunction(scanner, depth + 1);
  scanner.expect(')');
  return inner;
}

function comparison(scanner: QueryScanner): Comparison {
  const subject = scanner.word('a subject');
  const operator = OPERATORS.get(scanner.peek());
  if (!operator) throw scanner.unexpected('an operator');
  scanner.take(scanner.peek());
  return { kind: 'comparison', subject, operator, values: argument(scanner, operator) };
}

function argument(scanner: QueryScanner, operator: QueryOperator): readonly string[] {
  if (operator === 'exists' || operator === '!exists') return [];
  if (operator === '=~' || operator === '!~') return [scanner.pattern()];
  if (operator !== 'in' && operator !== '!in') return [scanner.value()];
  scanner.expect('[');
  const values = [scanner.value()];
  while (scanner.take(',')) values.push(scanner.value());
  scanner.expect(']');
  return values;
}
