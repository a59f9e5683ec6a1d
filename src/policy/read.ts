import type { Condition, Element, PrincipalLists, Statement } from './model.ts';

export interface Document {
  readonly version: '2012-10-17' | '2008-10-17';
  readonly statements: readonly Statement[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a policy document, without checking more than it needs; `checkPolicy` does that.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 * @throws SyntaxError where the text is not a policy
 */
export function readDocument(text: string): Document {
  const json: unknown = JSON.parse(text);
  if (!isObject(json)) throw new SyntaxError('A policy is a JSON object.');
  return {
    version: json['Version'] === '2012-10-17' ? '2012-10-17' : '2008-10-17',
    statements: listOf(json['Statement']).map(readStatement),
  };
}

function readStatement(json: unknown): Statement {
  if (!isObject(json)) throw new SyntaxError('A statement is a JSON object.');
  const effect = json['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') throw new SyntaxError('A statement allows or denies.');
  const resources = readElement(json, 'Resource', textsOf);
  const principals = readElement(json, 'Principal', principalListsOf);
  return {
    ...(typeof json['Sid'] === 'string' && json['Sid'] !== '' && { sid: json['Sid'] }),
    effect,
    actions: readElement(json, 'Action', textsOf) ?? { negated: false, values: [] },
    ...(resources && { resources }),
    ...(principals && { principals }),
    conditions: readConditions(json['Condition']),
  };
}

/** `Action` or `NotAction`, and so on. */
function readElement<T>(json: Json, name: string, read: (value: unknown) => T): Element<T> | undefined {
  if (json[name] !== undefined) return { negated: false, values: read(json[name]) };
  const negated = json[`Not${name}`];
  return negated === undefined ? undefined : { negated: true, values: read(negated) };
}

function principalListsOf(value: unknown): PrincipalLists {
  if (!isObject(value)) return { AWS: textsOf(value) };
  return Object.fromEntries(Object.entries(value).map(([type, names]) => [type, textsOf(names)]));
}

function readConditions(value: unknown): Condition[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([operator, keys]) =>
    Object.entries(isObject(keys) ? keys : {}).map(([key, values]) => ({ operator, key, values: textsOf(values) })),
  );
}

/** Numbers and booleans may stand without quotation marks. */
export function textsOf(value: unknown): string[] {
  return listOf(value).map(String);
}

/** One or many. */
export function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
