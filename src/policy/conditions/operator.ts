import type { RequestContext } from '../model.ts';

/** Tells whether one value of a request matches any of the policy's values. */
export type ValueTest = (value: string, context: RequestContext) => boolean;

export interface Operator {
  /** Matches where the test does not, and where the request has no such key. */
  readonly negated: boolean;
  /** @param variables whether the document's version has policy variables */
  readonly compile: (values: readonly string[], variables: boolean) => ValueTest;
}

/** For operators without policy variables: `parse` answers undefined for a value that is not of the operator's type. */
export function comparing<T>(
  parse: (text: string) => T | undefined,
  compare: (value: T, wanted: T) => boolean,
): Operator['compile'] {
  return (values) => {
    const wanted = values.map(parse).filter((one) => one !== undefined);
    return (text) => {
      const value = parse(text);
      return value !== undefined && wanted.some((one) => compare(value, one));
    };
  };
}
