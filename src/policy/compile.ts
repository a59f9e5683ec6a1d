import { compileResource } from './arn-pattern.ts';
import { compileCondition } from './conditions/condition.ts';
import { compileGlob } from './glob.ts';
import type { CompiledPolicy, CompiledStatement, Element, Statement } from './model.ts';
import { parsePattern, variableKeys } from './pattern.ts';
import { readDocument } from './read.ts';
import { compilePrincipals } from './principals.ts';

/** Compiled policies that are kept, the least recently used going first. */
const MOST_POLICIES = 2000;
/** Actions whose statements a policy remembers: a server asks for few, a simulation for any. */
const MOST_ACTIONS = 500;

const cache = new Map<string, CompiledPolicy>();

/**
 * Makes a document ready for `decide`: kept by its text, so that the same text is compiled once.
 * @param text one that `checkPolicy` accepts; throws SyntaxError on one that is not a policy at all
 */
export function compilePolicy(text: string): CompiledPolicy {
  const kept = cache.get(text);
  if (kept) {
    // A map lists in the order of insertion, so the first is the one used longest ago.
    if (cache.size === MOST_POLICIES) {
      cache.delete(text);
      cache.set(text, kept);
    }
    return kept;
  }
  const policy = compileDocument(text);
  if (cache.size >= MOST_POLICIES) cache.delete(cache.keys().next().value ?? '');
  cache.set(text, policy);
  return policy;
}

function compileDocument(text: string): CompiledPolicy {
  const document = readDocument(text);
  const variables = document.version === '2012-10-17';
  const statements = document.statements.map((statement, index) => compileStatement(statement, index, variables));
  return {
    statements,
    keys: new Set(document.statements.flatMap((statement) => keysOf(statement, variables))),
    about: remembering((action) => statements.filter((one) => one.coversAction(action))),
  };
}

/** Most statements are never about what is asked, so what comes after the action is compiled when it is. */
function compileStatement(source: Statement, index: number, variables: boolean): CompiledStatement {
  return {
    index,
    ...(source.sid !== undefined && { sid: source.sid }),
    effect: source.effect,
    source,
    coversAction: compileActions(source.actions),
    coversResource: lazily(() => compileResources(source, variables)),
    ...(source.principals && { principals: compilePrincipals(source.principals, source.effect) }),
    conditions: source.conditions.map((condition) => ({
      ...condition,
      met: lazily(() => compileCondition(condition, variables)),
    })),
  };
}

function lazily<Arguments extends readonly unknown[], Result>(
  make: () => (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  let made: ((...args: Arguments) => Result) | undefined;
  return (...args) => (made ??= make())(...args);
}

function compileActions({ negated, values }: Element<readonly string[]>): CompiledStatement['coversAction'] {
  const patterns = values.map((value) => compileAction(value.toLowerCase()));
  return (action) => patterns.some((covers) => covers(action)) !== negated;
}

/** `*`, or a service and a name that may have wildcards; no wildcard goes beyond the colon. */
function compileAction(text: string): (action: string) => boolean {
  if (text === '*') return () => true;
  const wildcard = text.search(/[*?]/);
  if (wildcard === -1) return (action) => action === text;
  const colon = text.indexOf(':');
  if (colon === -1) return () => false;
  if (wildcard > colon && wildcard === text.length - 1 && text.endsWith('*')) {
    const start = text.slice(0, -1);
    return (action) => action.startsWith(start);
  }
  const coversService = compileGlob(wildcards(text.slice(0, colon)));
  const coversName = compileGlob(wildcards(text.slice(colon + 1)));
  return (action) => {
    const at = action.indexOf(':');
    return coversService(action.slice(0, at)) && coversName(action.slice(at + 1));
  };
}

function wildcards(text: string) {
  // Without variables a pattern has tokens only.
  return parsePattern(text, { wildcards: true, variables: false }).filter((part) => typeof part !== 'object');
}

/**
 * A statement without resources, as of a trust policy, is about the resource that it is on. Where NotResource has a
 * variable without a value it excepts nothing from a Deny, and from an Allow all that the variable could stand for.
 */
function compileResources(
  { resources: element, effect }: Statement,
  variables: boolean,
): CompiledStatement['coversResource'] {
  if (!element) return () => true;
  const { negated } = element;
  if (!negated && element.values.includes('*')) return () => true;
  const patterns = element.values.map((value) => {
    const { matches, couldMatch } = compileResource(value, variables);
    return negated && effect === 'Allow' ? couldMatch : matches;
  });
  const [only] = patterns;
  if (patterns.length === 1 && only && !negated) return only;
  return (resource, context) => patterns.some((matches) => matches(resource, context)) !== negated;
}

/** In lower case. */
function keysOf({ resources, conditions }: Statement, variables: boolean): string[] {
  const texts = [...(resources?.values ?? []), ...conditions.flatMap(({ values }) => values)];
  const withVariables = variables ? texts.filter((text) => text.includes('${')) : [];
  return [
    ...conditions.map(({ key }) => key.toLowerCase()),
    ...withVariables.flatMap((text) => variableKeys(parsePattern(text, { wildcards: false, variables }))),
  ];
}

function remembering(find: (action: string) => readonly CompiledStatement[]): CompiledPolicy['about'] {
  const found = new Map<string, readonly CompiledStatement[]>();
  return (action) => {
    const known = found.get(action);
    if (known) return known;
    if (found.size >= MOST_ACTIONS) found.clear();
    const statements = find(action.toLowerCase());
    found.set(action, statements);
    return statements;
  };
}
