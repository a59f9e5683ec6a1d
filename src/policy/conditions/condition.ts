import type { Condition, RequestContext } from '../model.ts';
import type { ValueTest } from './operator.ts';
import { operatorOf, parseOperator } from './operators.ts';

type Met = (context: RequestContext) => boolean;

/**
 * One operator on one key. Never throws: an operator that is none is never met.
 * @param variables whether the document's version has policy variables
 */
export function compileCondition(condition: Condition, variables: boolean): Met {
  const key = condition.key.toLowerCase();
  const name = parseOperator(condition.operator);
  if (name?.base === 'null') return compileNull(key, condition.values);
  const operator = name && operatorOf(name.base);
  if (!name || !operator) return () => false;
  const test = operator.compile(condition.values, variables);
  const holds: ValueTest = operator.negated ? (value, context) => !test(value, context) : test;
  return name.set
    ? compileSet(key, name.set, holds, name.ifExists)
    : compileSingle(key, holds, operator.negated || name.ifExists);
}

/** `true` asks that the key is not there, `false` that it is. */
function compileNull(key: string, values: readonly string[]): Met {
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  return (context) => wanted.has(String(!isPresent(context.get(key))));
}

/** A key with many values needs a set operator: without one nothing matches it. */
function compileSingle(key: string, holds: ValueTest, metIfMissing: boolean): Met {
  return (context) => {
    const value = context.get(key);
    if (typeof value === 'string') return holds(value, context);
    return isPresent(value) ? false : metIfMissing;
  };
}

/**
 * ForAllValues is met by no values at all, which a single empty text counts as; ForAnyValue is not.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function compileSet(key: string, set: 'all' | 'any', holds: ValueTest, ifExists: boolean): Met {
  return (context) => {
    const value = context.get(key);
    if (value === undefined) return set === 'all' || ifExists;
    const values = typeof value === 'string' ? [value] : value;
    if (values.every((one) => one === '')) return set === 'all';
    return set === 'all' ? values.every((one) => holds(one, context)) : values.some((one) => holds(one, context));
  };
}

function isPresent(value: string | readonly string[] | undefined): boolean {
  return typeof value === 'string' || (value !== undefined && value.length > 0);
}
