import { compileArnPattern } from '../arn-pattern.ts';
import { compileText, parsePattern, type Part, type TextMatcher } from '../pattern.ts';
import type { Operator } from './operator.ts';

/** The operators whose values may have policy variables: of strings, ARNs and booleans. */
function matching(wildcards: boolean, compile: (parts: readonly Part[]) => TextMatcher): Operator['compile'] {
  return (values, variables) => {
    const matchers = values.map((value) => compile(parsePattern(value, { wildcards, variables })));
    const [only] = matchers;
    if (matchers.length === 1 && only) return only;
    return (value, context) => matchers.some((matches) => matches(value, context));
  };
}

const lower = (text: string) => text.toLowerCase();

export const equalText = matching(false, (parts) => compileText(parts));
export const equalTextInAnyCase = matching(false, (parts) => compileText(parts, lower));
export const likeText = matching(true, (parts) => compileText(parts));
export const likeArn = matching(true, compileArnPattern);

/** `true` or `false`; nothing else matches anything. */
export const equalBoolean: Operator['compile'] = (values, variables) => {
  const equals = equalTextInAnyCase(values, variables);
  return (value, context) => /^(true|false)$/i.test(value) && equals(value, context);
};
