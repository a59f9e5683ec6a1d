import { invalidParameter } from '../../errors.ts';

/** What is wrong with an expression of the cluster query language. */
export function invalidExpression(expression: string, what: string) {
  return invalidParameter(`Invalid expression '${expression}': ${what}.`);
}
