import { ANY, compileGlob, ONE, type Token } from './glob.ts';
import type { RequestContext } from './model.ts';

/** `${key}` or `${key, 'default'}`. */
export interface Variable {
  /** In lower case. */
  readonly key: string;
  readonly fallback?: string;
  /** As written, for where a variable has no meaning. */
  readonly text: string;
}

export type Part = Token | Variable;

export interface Syntax {
  /** `*` and `?` are wildcards. */
  readonly wildcards: boolean;
  /** `${...}` are variables: in documents of version 2012-10-17. */
  readonly variables: boolean;
}

/** Tells whether a value matches, in a request. A variable without a value matches nothing. */
export type TextMatcher = (value: string, context: RequestContext) => boolean;

const VARIABLE = /\$\{([^}]*)\}/y;
const DEFAULT = /^([^,]*), '(.*)'$/s;
const SPECIAL: ReadonlySet<string> = new Set(['*', '?', '$']);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
export function parsePattern(text: string, { wildcards, variables }: Syntax): Part[] {
  const parts: Part[] = [];
  let literal = '';
  const push = (part: Part) => {
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(part);
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    const inside = variables && character === '$' ? variableAt(text, at) : undefined;
    if (inside !== undefined) {
      if (SPECIAL.has(inside)) literal += inside;
      else push(variableOf(inside));
      at += inside.length + 2;
    } else if (wildcards && character === '*') push(ANY);
    else if (wildcards && character === '?') push(ONE);
    else literal += character;
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

/** What stands between the braces. */
function variableAt(text: string, at: number): string | undefined {
  VARIABLE.lastIndex = at;
  return VARIABLE.exec(text)?.[1];
}

function variableOf(inside: string): Variable {
  const text = `\${${inside}}`;
  const withDefault = DEFAULT.exec(inside);
  if (!withDefault) return { key: inside.trim().toLowerCase(), text };
  return { key: (withDefault[1] ?? '').trim().toLowerCase(), fallback: withDefault[2] ?? '', text };
}

export function isVariable(part: Part): part is Variable {
  return typeof part === 'object';
}

/** The keys of its variables. */
export function variableKeys(parts: readonly Part[]): string[] {
  return parts.filter(isVariable).map(({ key }) => key);
}

/** True where every part is a token: nothing depends on the request. */
export function isFixed(parts: readonly Part[]): parts is readonly Token[] {
  return !parts.some(isVariable);
}

/**
 * Puts values in place of variables; undefined where one has none, or many. A `*` in a value is only a character.
 * An empty value is no value, as AWS has it.
 * @param missing stands for a variable without a value instead
 */
export function resolve(parts: readonly Part[], context: RequestContext, missing?: Token): Token[] | undefined {
  const tokens: Token[] = [];
  for (const part of parts) {
    if (!isVariable(part)) tokens.push(part);
    else {
      const value = context.get(part.key);
      const text = (typeof value === 'string' && value) || part.fallback || missing;
      if (text === undefined) return undefined;
      tokens.push(text);
    }
  }
  return tokens;
}

/** @param read applied to both sides, e.g. for matching in any case */
export function compileText(parts: readonly Part[], read: (text: string) => string = (text) => text): TextMatcher {
  const compile = (tokens: readonly Token[]) =>
    compileGlob(tokens.map((token) => (typeof token === 'string' ? read(token) : token)));
  if (isFixed(parts)) {
    const matches = compile(parts);
    return (value) => matches(read(value));
  }
  // Most values fail at the text before the first variable.
  const [first] = parts;
  const start = typeof first === 'string' ? read(first) : '';
  return (value, context) => {
    const text = read(value);
    if (!text.startsWith(start)) return false;
    const tokens = resolve(parts, context);
    return tokens !== undefined && compile(tokens)(text);
  };
}
