import { parseDate } from '../conditions/scalars.ts';
import { parseOperator } from '../conditions/operators.ts';
import { isObject, listOf, textsOf } from '../read.ts';
import { failsLegacyParsing, resourceProblem } from './resource-arn.ts';
import { isWellFormed, type Json, statementsOf } from './shape.ts';
import { actionProblem, conditionKeyProblem } from './vendor.ts';

export const LEGACY = 'The policy failed legacy parsing';

/**
 * What is wrong with a policy that IAM or STS keeps for a principal, in the order in which AWS looks.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function permissionsProblem(policy: Json | undefined): string | undefined {
  if (!policy || !isWellFormed(policy)) return 'Syntax errors in policy.';
  const statements = statementsOf(policy);
  if (statements.some((one) => one['Principal'] !== undefined || one['NotPrincipal'] !== undefined)) {
    return 'Policy document should not specify a principal.';
  }
  return (
    legacyProblem(statements) ??
    sidProblem(statements) ??
    missingProblem(statements, 'Action', 'actions') ??
    missingProblem(statements, 'Resource', 'resources') ??
    firstProblem(statements, 'Resource', resourceProblem) ??
    firstProblem(statements, 'Action', actionProblem) ??
    keyProblem(statements)
  );
}

/** What both parsers of a policy must take: the effect in its exact case, whole dates, whole ARNs. */
export function legacyProblem(statements: readonly Json[]): string | undefined {
  const fails = statements.some(
    (statement) =>
      (statement['Effect'] !== 'Allow' && statement['Effect'] !== 'Deny') ||
      valuesOf(statement, 'Resource').some((one) => resourceProblem(one) === undefined && failsLegacyParsing(one)) ||
      conditionsOf(statement).some(([operator, , values]) => isDateOperator(operator) && !values.every(isDate)),
  );
  return fails ? LEGACY : undefined;
}

function isDateOperator(operator: string): boolean {
  return parseOperator(operator)?.base.startsWith('date') ?? false;
}

function isDate(text: string): boolean {
  return parseDate(text) !== undefined;
}

function sidProblem(statements: readonly Json[]): string | undefined {
  const sids = statements.map((statement) => statement['Sid']).filter((sid) => typeof sid === 'string' && sid !== '');
  if (sids.some((sid) => !/^[0-9A-Za-z]*$/.test(String(sid)))) {
    return 'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*';
  }
  return new Set(sids).size < sids.length ? 'Statement IDs (SID) in a single policy must be unique.' : undefined;
}

function missingProblem(statements: readonly Json[], element: string, plural: string): string | undefined {
  const missing = statements.some((statement) => valuesOf(statement, element).length === 0);
  return missing ? `Policy statement must contain ${plural}.` : undefined;
}

function firstProblem(
  statements: readonly Json[],
  element: string,
  problemOf: (value: string) => string | undefined,
): string | undefined {
  for (const statement of statements) {
    for (const value of valuesOf(statement, element)) {
      const problem = problemOf(value);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

export function keyProblem(statements: readonly Json[]): string | undefined {
  for (const statement of statements) {
    for (const [, key] of conditionsOf(statement)) {
      const problem = conditionKeyProblem(key);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

/** Of `Action` and `NotAction`, and so on. */
export function valuesOf(statement: Json, element: string): string[] {
  return [...textsOf(statement[element]), ...textsOf(statement[`Not${element}`])];
}

function conditionsOf(statement: Json): [operator: string, key: string, values: string[]][] {
  return Object.entries(isObject(statement['Condition']) ? statement['Condition'] : {}).flatMap(([operator, keys]) =>
    Object.entries(isObject(keys) ? keys : {}).map(([key, values]): [string, string, string[]] => [
      operator,
      key,
      listOf(values).map(String),
    ]),
  );
}
