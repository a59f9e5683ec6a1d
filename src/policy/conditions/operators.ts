import { isWithin, parseRange } from './ip-address.ts';
import { comparing, type Operator } from './operator.ts';
import { parseBinary, parseDate, parseNumber } from './scalars.ts';
import { equalBoolean, equalText, equalTextInAnyCase, likeArn, likeText } from './text.ts';

const is = (compile: Operator['compile']): Operator => ({ negated: false, compile });
const isNot = (compile: Operator['compile']): Operator => ({ negated: true, compile });

const equal = <T>(value: T, wanted: T) => value === wanted;
const inRange = comparing(parseRange, isWithin);

/** `NumericEquals` and its kin, for a type with an order. */
function ordered(prefix: string, parse: (text: string) => number | undefined): Record<string, Operator> {
  return {
    [`${prefix}Equals`]: is(comparing(parse, equal)),
    [`${prefix}NotEquals`]: isNot(comparing(parse, equal)),
    [`${prefix}LessThan`]: is(comparing(parse, (value, wanted) => value < wanted)),
    [`${prefix}LessThanEquals`]: is(comparing(parse, (value, wanted) => value <= wanted)),
    [`${prefix}GreaterThan`]: is(comparing(parse, (value, wanted) => value > wanted)),
    [`${prefix}GreaterThanEquals`]: is(comparing(parse, (value, wanted) => value >= wanted)),
  };
}

/**
 * By AWS's names, without qualifiers. `Null` is not among them: it asks for no value.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: is(equalText),
  StringNotEquals: isNot(equalText),
  StringEqualsIgnoreCase: is(equalTextInAnyCase),
  StringNotEqualsIgnoreCase: isNot(equalTextInAnyCase),
  StringLike: is(likeText),
  StringNotLike: isNot(likeText),
  ...ordered('Numeric', parseNumber),
  ...ordered('Date', parseDate),
  Bool: is(equalBoolean),
  BinaryEquals: is(comparing(parseBinary, equal)),
  IpAddress: is(inRange),
  NotIpAddress: isNot(inRange),
  ArnEquals: is(likeArn),
  ArnLike: is(likeArn),
  ArnNotEquals: isNot(likeArn),
  ArnNotLike: isNot(likeArn),
};

const BY_LOWER_NAME = new Map(Object.entries(OPERATORS).map(([name, operator]) => [name.toLowerCase(), operator]));

export interface OperatorName {
  readonly set?: 'all' | 'any';
  /** In lower case, e.g. `stringlike`. */
  readonly base: string;
  readonly ifExists: boolean;
}

const NAME = /^(?:(forallvalues|foranyvalue):)?(null|[a-z]+?)(ifexists)?$/;

/** Names are in any case; undefined for what is no operator. */
export function parseOperator(text: string): OperatorName | undefined {
  const [, set, base = '', ifExists] = NAME.exec(text.toLowerCase()) ?? [];
  if (base !== 'null' && !BY_LOWER_NAME.has(base)) return undefined;
  if (base === 'null' && ifExists !== undefined) return undefined;
  return {
    ...(set && { set: set === 'forallvalues' ? ('all' as const) : ('any' as const) }),
    base,
    ifExists: ifExists !== undefined,
  };
}

export function operatorOf(base: string): Operator | undefined {
  return BY_LOWER_NAME.get(base);
}
