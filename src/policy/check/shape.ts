import { parseOperator } from '../conditions/operators.ts';
import { isObject, listOf } from '../read.ts';

export type Json = Readonly<Record<string, unknown>>;

const POLICY_ELEMENTS: ReadonlySet<string> = new Set(['Version', 'Id', 'Statement']);
const STATEMENT_ELEMENTS: ReadonlySet<string> = new Set(
  ['Sid', 'Effect', 'Condition'].concat(
    ['Principal', 'Action', 'Resource'].flatMap((element) => [element, `Not${element}`]),
  ),
);

/** A policy's statements as they stand; a single one may stand without brackets. */
export function statementsOf(policy: Json): Json[] {
  return listOf(policy['Statement']).filter(isObject);
}

/** Whether it has the elements of the policy language, each of the right type. */
export function isWellFormed(policy: Json): boolean {
  const statements = listOf(policy['Statement']);
  return (
    Object.keys(policy).every((name) => POLICY_ELEMENTS.has(name)) &&
    isVersion(policy['Version']) &&
    isOptionalText(policy['Id']) &&
    statements.length > 0 &&
    statements.every((statement) => isObject(statement) && isWellFormedStatement(statement))
  );
}

export function isVersion(version: unknown): boolean {
  return version === undefined || version === '2012-10-17' || version === '2008-10-17';
}

function isWellFormedStatement(statement: Json): boolean {
  const names = Object.keys(statement);
  return (
    names.every((name) => STATEMENT_ELEMENTS.has(name) && !names.includes(`Not${name}`)) &&
    isOptionalText(statement['Sid']) &&
    // In another case it is an effect that only the older parser knows.
    /^(allow|deny)$/i.test(String(statement['Effect'])) &&
    ['Action', 'NotAction', 'Resource', 'NotResource'].every((name) => listOf(statement[name]).every(isText)) &&
    ['Principal', 'NotPrincipal'].every((name) => isPrincipal(statement[name])) &&
    isConditionBlock(statement['Condition'])
  );
}

function isPrincipal(value: unknown): boolean {
  if (!isObject(value)) return isOptionalText(value);
  return Object.values(value).every((names) => listOf(names).every(isText));
}

/** An operator without keys is left alone, whatever its name. */
function isConditionBlock(block: unknown): boolean {
  if (block === undefined) return true;
  return (
    isObject(block) &&
    Object.entries(block).every(
      ([operator, keys]) =>
        isObject(keys) &&
        Object.values(keys).every((values) => listOf(values).every(isScalar)) &&
        (Object.keys(keys).length === 0 || parseOperator(operator) !== undefined),
    )
  );
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isScalar(value: unknown): boolean {
  return isText(value) || typeof value === 'number' || typeof value === 'boolean';
}
